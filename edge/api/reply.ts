import type { Problem } from "./errors.ts";

/** An entry of the envelope's `messages`. */
export interface Message {
  readonly code: number;
  readonly message: string;
}

/** What a handler answers, before it becomes HTTP. */
export type Reply =
  | {
      readonly kind: "envelope";
      readonly status: number;
      /** Left out of the envelope when undefined. */
      readonly result?: unknown;
      readonly resultInfo?: Readonly<Record<string, unknown>>;
      readonly messages?: readonly Message[];
      /** Members beside the envelope's own, such as the `keys` of a credentials write. */
      readonly beside?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "raw";
      readonly status: number;
      readonly contentType: string;
      readonly body: Uint8Array<ArrayBuffer> | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "empty" };

/** 200 with `result`. */
export function ok(
  result: unknown,
  more: {
    readonly resultInfo?: Readonly<Record<string, unknown>>;
    readonly messages?: readonly Message[];
    readonly beside?: Readonly<Record<string, unknown>>;
  } = {},
): Reply {
  return { kind: "envelope", status: 200, result, ...more };
}

const json = "application/json";

/** The HTTP answer of a handler's reply: the envelope `{result, success, errors, messages, result_info?}`. */
export function responseOf(reply: Reply): Response {
  switch (reply.kind) {
    case "empty":
      return new Response(null, { status: 204 });
    case "raw":
      return new Response(reply.body, {
        status: reply.status,
        headers: { ...reply.headers, "content-type": reply.contentType },
      });
    case "envelope":
      return new Response(
        JSON.stringify({
          ...(reply.result === undefined ? {} : { result: reply.result }),
          success: true,
          errors: [],
          messages: reply.messages ?? [],
          ...(reply.resultInfo === undefined ? {} : { result_info: reply.resultInfo }),
          ...reply.beside,
        }),
        { status: reply.status, headers: { "content-type": json } },
      );
  }
}

/**
 * The HTTP answer of a refusal: all problems, under the status of the first one. A 409 is final, so clients
 * that retry it by habit are told not to (`x-should-retry`, read by the SDK and by the provider).
 */
export function refusalResponse(
  problems: readonly [Problem, ...Problem[]],
  headers: Readonly<Record<string, string>> = {},
): Response {
  const status = problems[0].status;
  const errors = problems.map((each) => ({
    code: each.code,
    message: each.message,
    ...(each.pointer === undefined ? {} : { source: { pointer: each.pointer } }),
    ...(each.chain === undefined ? {} : { error_chain: each.chain }),
  }));
  return new Response(JSON.stringify({ result: null, success: false, errors, messages: [] }), {
    status,
    headers: {
      "content-type": json,
      ...(status === 409 ? { "x-should-retry": "false" } : {}),
      ...headers,
    },
  });
}

import type { z } from "zod";
import { parseJson } from "../json/parseJson.ts";
import { scanJson } from "../json/scanJson.ts";
import { ApiError, type Problem, problem, refusal } from "./errors.ts";

/** How large the body of an endpoint may be, and whether it may be a form. */
export interface BodyLimit {
  readonly bytes: number;
  readonly form?: boolean;
}

const mebibyte = 1024 * 1024;

/**
 * The largest bodies by kind of endpoint. Cloudflare publishes no such limits; each leaves room for the largest body
 * that the other limits allow (asOf 2026-11).
 */
export const bodyLimits = {
  usual: { bytes: 64 * 1024 },
  /** 1,000 rules of 4,096 characters with replies of 2 kB. */
  rules: { bytes: 8 * mebibyte },
  /** Operations, token rules and list items by the thousand. */
  many: { bytes: 4 * mebibyte },
  /** 100 secrets of 65,536 bytes, some of them written as escapes. */
  secrets: { bytes: 8 * mebibyte },
  /** 10 MB of a Worker. */
  script: { bytes: 11 * mebibyte, form: true },
  /** 25 MB of a KV value. */
  value: { bytes: 26 * mebibyte, form: true },
} as const satisfies Record<string, BodyLimit>;

const deepestBody = 64;
/** Arrays, objects and what they hold: checking so many takes half a second at worst. */
const mostValues = 50_000;

/** One part of a `multipart/form-data` body. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A request's body, read once. */
export interface Body {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The parts in order, if the body is a form. */
  readonly parts: readonly Part[] | undefined;
}

/** Reads the body of `request`. Refuses (413) what is too large, before it is held, and (400) a form that cannot be parsed. */
export async function readBody(request: Request, limit: BodyLimit): Promise<Body> {
  const bytes = await boundedBytes(request, limit.bytes);
  const contentType = request.headers.get("content-type") ?? "";
  return { contentType, bytes, parts: limit.form === true ? await partsOf(contentType, bytes) : undefined };
}

async function boundedBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => refusal("bodyTooLarge", { limit });
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function partsOf(
  contentType: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<readonly Part[] | undefined> {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw refusal("invalidForm", { what: "the multipart body cannot be parsed" });
  }
  const parts: Part[] = [];
  for (const [name, value] of form) {
    parts.push(
      typeof value === "string"
        ? { name, contentType: "text/plain", bytes: new TextEncoder().encode(value) }
        : {
            name,
            filename: value.name,
            contentType: value.type,
            bytes: new Uint8Array(await value.arrayBuffer()),
          },
    );
  }
  return parts;
}

/** The text of a body or part. Bytes that are no UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Parses JSON text; refuses malformed text, and before that nesting and numbers that no endpoint has a use for. */
export function jsonOf(text: string): unknown {
  const { depth, values } = scanJson(text);
  if (depth > deepestBody) throw refusal("bodyTooDeep", { limit: deepestBody });
  if (values > mostValues) throw refusal("bodyTooMany", { limit: mostValues });
  try {
    return parseJson(text);
  } catch {
    throw refusal("invalidJson");
  }
}

/** The JSON body, checked by `schema`. All problems at once, each with its pointer. */
export function jsonBody<T>(body: Body, schema: z.ZodType<T>): T {
  return checked(jsonOf(textOf(body.bytes)), schema);
}

/** `value` as `schema` describes it; refuses with its problems, `prefix` being the pointer to `value`. */
export function checked<T>(value: unknown, schema: z.ZodType<T>, prefix = ""): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const problems = outcome.error.issues.map((issue) => memberProblem(prefix, issue.path, issue.message));
  const [first, ...rest] = problems;
  throw new ApiError([first ?? problem("invalidMember", { where: "body", what: "invalid" }), ...rest]);
}

function memberProblem(prefix: string, path: readonly PropertyKey[], what: string): Problem {
  const where = path
    .map((each) => (typeof each === "number" ? `[${each}]` : `.${String(each)}`))
    .join("")
    .replace(/^\./, "");
  const pointer =
    prefix + path.map((each) => `/${String(each).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return problem("invalidMember", { where: where === "" ? "body" : where, what }, pointer);
}

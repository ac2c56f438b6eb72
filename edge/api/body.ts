import type { z } from "zod";
import { parseJson } from "../json/parseJson.ts";
import { ApiError, type Problem, problem, refusal } from "./errors.ts";

/** The largest body that is read, in bytes: the documented 25 MB of a KV value and some room for the form. */
const largestBody = 26 * 1024 * 1024;
const deepestBody = 64;

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

/** Reads the body of `request`. Refuses (413) what is too large and (400) a form that cannot be parsed. */
export async function readBody(request: Request): Promise<Body> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > largestBody) throw refusal("bodyTooLarge", { limit: largestBody });
  const contentType = request.headers.get("content-type") ?? "";
  return { contentType, bytes, parts: await partsOf(contentType, bytes) };
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

/** Parses JSON text; refuses malformed text and nesting that no endpoint has a use for. */
export function jsonOf(text: string): unknown {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw refusal("invalidJson");
  }
  if (deeperThan(value, deepestBody)) throw refusal("bodyTooDeep", { limit: deepestBody });
  return value;
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((each) => deeperThan(each, levels - 1));
}

/** The JSON body, checked by `schema`. All problems at once, each with its pointer. */
export function jsonBody<T>(body: Body, schema: z.ZodType<T>): T {
  return checked(jsonOf(textOf(body.bytes)), schema);
}

/** `value` as `schema` describes it; refuses with every problem, `prefix` being the pointer to `value`. */
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

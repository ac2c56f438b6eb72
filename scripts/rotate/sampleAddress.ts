import * as z from "zod";
import { CommandError } from "../cli/errors.ts";
import type { SecretSource } from "./world.ts";

const text = z.string().min(1);
const secretValue = z.union([
  z.strictObject({ env: text, prefix: z.string().optional() }),
  z.strictObject({ secret: text, prefix: z.string().optional() }),
]);
const url = z.url({ protocol: /^https?$/, abort: true }).refine((address) => {
  const { username, password } = new URL(address);
  return username === "" && password === "";
}, "has a user or password in it, which everyone sees who reads this file: use a header");

const address = z.strictObject({
  url,
  method: z.enum(["GET", "POST"]).default("GET"),
  /** Values of no header stand in the stack's file when they are secret: they come from outside it. */
  headers: z.record(text, z.union([text, secretValue])).default({}),
  /** Of a POST, as it is sent. */
  body: z.string().optional(),
  /** The member of the answer that is the token or link, or a JSON pointer to it (RFC 6901). */
  member: text.optional(),
});

const addresses = z.record(
  z.string(),
  z.preprocess((value) => (typeof value === "string" ? { url: value } : value), address),
);

/** Where a ring's issuer gives out one fresh production token or link, and how it is asked. */
export type SampleAddress = z.infer<typeof address>;

/**
 * Reads `keyturn:samples`: by ring a URL, or an object that says more.
 *
 * @throws CommandError STACK_CONFIG_INVALID with every place that is wrong
 */
export function readSampleAddresses(value: unknown): Readonly<Record<string, SampleAddress>> {
  const parsed = addresses.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new CommandError(
    "STACK_CONFIG_INVALID",
    parsed.error.issues.flatMap((issue) => places(issue, ["keyturn:samples"])).join("; "),
    'Write a URL, or an object of url, method, headers, body and member. A secret header is `authorization: { env: NAME, prefix: "Bearer " }`, or `{ secret: keyturn:NAME }` after `pulumi config set --secret keyturn:NAME`.',
  );
}

/** A union's own message says nothing: what counts is why its last choice was none. */
function places(issue: z.core.$ZodIssue, before: readonly PropertyKey[]): string[] {
  const path = [...before, ...issue.path];
  const last = issue.code === "invalid_union" ? issue.errors.at(-1) : undefined;
  if (last !== undefined && last.length > 0) return last.flatMap((inner) => places(inner, path));
  return [`${path.map(String).join(".")} ${issue.message}`];
}

/**
 * The request for one sample.
 *
 * @param secret answers the value of a secret header
 * @returns the request, or which secret is not set
 */
export async function sampleRequest(
  { url, method, headers, body }: SampleAddress,
  secret: (source: SecretSource) => Promise<string | undefined>,
): Promise<Request | { readonly missing: string }> {
  const sent = new Headers({ accept: "application/json" });
  for (const [name, value] of Object.entries(headers)) {
    const found = typeof value === "string" ? value : await secret(value);
    if (found === undefined || found === "") {
      const source = value as SecretSource;
      return {
        missing:
          "env" in source
            ? `the environment variable ${source.env} is not set`
            : `the stack has no configuration value ${source.secret}`,
      };
    }
    sent.set(name, typeof value === "string" ? found : `${value.prefix ?? ""}${found}`);
  }
  return new Request(url, { method, headers: sent, ...(method === "POST" ? { body: body ?? "" } : {}) });
}

/** What an answer calls a token (OAuth 2.0, OpenID Connect, the example's issuer) or a link. */
const MEMBERS = { jwt: ["access_token", "token", "id_token"], hmac: ["link", "url"] } as const;

/**
 * The token or link in an issuer's answer.
 *
 * @returns it, or why there is none; that text holds nothing of the answer
 */
export function readSample(
  body: string,
  kind: keyof typeof MEMBERS,
  member: string | undefined,
): { readonly sample: string } | { readonly why: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return { why: "the answer is not JSON" };
  }
  const names = member === undefined ? MEMBERS[kind].map((name) => [name]) : [pointerOf(member)];
  const found = names.map((path) => at(answer, path)).find((value) => typeof value === "string");
  if (typeof found === "string" && found !== "") return { sample: found };
  return { why: `the answer has no text under ${member ?? MEMBERS[kind].join(", ")}` };
}

/** RFC 6901 §3 and §4; a name that begins with no slash is that member. */
function pointerOf(member: string): readonly string[] {
  if (!member.startsWith("/")) return [member];
  return member
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null && Object.hasOwn(found, name)
        ? (found as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

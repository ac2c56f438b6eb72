import type { SampleAddress, SecretSource } from "../../model/environment/sampleAddress.ts";

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

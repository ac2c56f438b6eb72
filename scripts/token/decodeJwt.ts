import { edgeChoices } from "./edgeFacts.ts";
import { finding, quote, type Refusal } from "./findings.ts";
import { readJsonObject } from "./strictJson.ts";

/** A JWT taken apart, nothing verified. `token` is the compact form without any `Bearer` before it. */
export interface DecodedJwt {
  readonly token: string;
  readonly header: Readonly<Record<string, unknown>>;
  /** Missing when the second segment is no JSON object. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export type Decoding =
  | { readonly ok: true; readonly jwt: DecodedJwt }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Takes a token in compact form apart (RFC 7515 §7.1). A leading `Bearer ` or `Bearer: ` is dropped, as
 * Cloudflare drops it. What is not documented is decided in `edgeChoices`.
 */
export function decodeJwt(text: string): Decoding {
  const token = text.trim().replace(/^Bearer:? +/, "");
  const segments = token.split(".");
  if (token === "") return malformed("there is no token");
  const prefix = /^[A-Za-z]+:?\s/.exec(token)?.[0].trimEnd();
  if (prefix !== undefined) {
    return malformed(
      `it begins with ${quote(prefix)}; only \`Bearer \` and \`Bearer: \` are documented to be dropped`,
    );
  }
  if (token.length > edgeChoices.maxBytes.taken) {
    return malformed(
      `it has ${token.length} bytes, more than the ${edgeChoices.maxBytes.taken} of a request header`,
    );
  }
  if (segments.length !== 3) {
    const count = `${segments.length} ${segments.length === 1 ? "segment" : "segments"}`;
    return malformed(
      `it has ${count} instead of 3${segments.length === 5 ? "; an encrypted token (JWE) has 5" : ""}`,
    );
  }
  const names = ["header", "claims", "signature"];
  const broken = segments.findIndex((segment) => !isBase64url(segment));
  if (broken >= 0) return malformed(`its ${names[broken]} segment is not plain base64url`);
  const header = readJsonObject(bytesOf(segments[0]));
  if (header === undefined) return malformed("its header is no usable JSON object");
  const claims = readJsonObject(bytesOf(segments[1]));
  return { ok: true, jwt: { token, header, ...(claims ? { claims } : {}) } };
}

/** The header's `alg` and `kid`, or why the edge stops at the header already. */
export function readHeader(
  header: DecodedJwt["header"],
):
  | { readonly ok: true; readonly alg: string; readonly kid: string }
  | { readonly ok: false; readonly refusal: Refusal } {
  const { alg, kid, crit } = header;
  if (typeof alg !== "string" || alg === "") return malformed("its header has no `alg`");
  if (alg.toLowerCase() === "none") {
    return { ok: false, refusal: finding("TOKEN_ALG_NONE", "the token is not signed (`alg: none`)") };
  }
  if (crit !== undefined) {
    const refusal = finding("TOKEN_CRIT_UNSUPPORTED", `the header demands extensions: crit ${quote(crit)}`);
    return { ok: false, refusal };
  }
  if (kid === undefined)
    return { ok: false, refusal: finding("TOKEN_KID_MISSING", "the header has no `kid`") };
  if (typeof kid !== "string") return malformed("the `kid` of its header is no string");
  return { ok: true, alg, kid };
}

function malformed(what: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: finding("TOKEN_MALFORMED", `the token cannot be read: ${what}`) };
}

/** Base64url as RFC 7515 §2 has it: no padding, and no bits set that nobody reads. */
function isBase64url(segment: string): boolean {
  return (
    /^[A-Za-z0-9_-]*$/.test(segment) && Buffer.from(segment, "base64url").toString("base64url") === segment
  );
}

function bytesOf(segment: string | undefined): Uint8Array {
  return Buffer.from(segment ?? "", "base64url");
}

import { parseJson } from "../json/parseJson.ts";
import { fromBytes, toBytes } from "./bytes.ts";
import type { JwtClaims } from "./request.ts";

function strings(value: unknown): { values?: readonly string[] } {
  const list = Array.isArray(value) ? value : [value];
  const values = list.filter((item) => typeof item === "string").map(toBytes);
  return values.length === 0 ? {} : { values };
}

function integers(value: unknown): { values?: readonly number[] } {
  return Number.isSafeInteger(value) ? { values: [value as number] } : {};
}

/**
 * The maps `.aud`, `.iss`, `.jti`, `.sub`, `.iat.sec`, `.nbf.sec` of a claims document (a byte string of JSON).
 * A claim of another type than its field is missing there; it can still be read from the document.
 */
export function claimsOf(document: string): JwtClaims {
  let parsed: unknown;
  try {
    parsed = parseJson(fromBytes(document) ?? "null");
  } catch {
    return { document };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return { document };
  const claims = parsed as Record<string, unknown>;
  const claim = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const [aud, iss, jti, sub] = ["aud", "iss", "jti", "sub"].map((name) => strings(claim(name)).values);
  const [iat, nbf] = ["iat", "nbf"].map((name) => integers(claim(name)).values);
  return {
    document,
    ...(aud === undefined ? {} : { aud }),
    ...(iss === undefined ? {} : { iss }),
    ...(jti === undefined ? {} : { jti }),
    ...(sub === undefined ? {} : { sub }),
    ...(iat === undefined ? {} : { iat }),
    ...(nbf === undefined ? {} : { nbf }),
  };
}

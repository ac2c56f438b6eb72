import { createPrivateKey, createPublicKey } from "node:crypto";
import type { JWK } from "jose";
import { algorithms } from "../../model/facts/algorithms.ts";
import { quote, TokenInputError } from "./findings.ts";
import { isObject, parseJson } from "./strictJson.ts";

/** A key as it was given. Whatever it was read from, it is a JWK here. */
export interface TokenKey {
  /** With `kid` and `alg` where they were given or could be told. `parameter` marks the secret of a link ring. */
  readonly jwk: JWK & { readonly parameter?: string };
  /** For messages: `key 2 of the JWKS`, `the PEM key`. */
  readonly label: string;
  /** Members that the text does not have and that were taken as the usual ones. */
  readonly assumed: readonly ("kid" | "alg")[];
  /** For a key of a ring: what it does there. */
  readonly role?: "active" | "pending" | "retiring";
}

/** What the caller knows about keys that do not say it themselves. */
export interface KeyHints {
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
}

/**
 * Reads keys from the text of a file: PEM (SPKI, PKCS #8, PKCS #1, SEC 1, X.509), a JWK, a JWKS, or a bare
 * secret whose UTF-8 bytes are the key (one trailing line break is not part of it).
 * Throws `TokenInputError` with KEY_UNREADABLE; the message never quotes the text.
 */
export function readKeys(text: string, hints: KeyHints = {}): readonly TokenKey[] {
  const trimmed = text.trim();
  if (trimmed === "") throw new TokenInputError("KEY_UNREADABLE", "the key is empty");
  if (trimmed.startsWith("-----BEGIN ")) return [complete(readPem(trimmed), "the PEM key", hints)];
  if (trimmed.startsWith("{") || trimmed.startsWith("[")) return readJson(trimmed, hints);
  const secret = text.replace(/\r?\n$/, "");
  if (/^\s*<|\p{Cc}/u.test(secret)) {
    throw new TokenInputError(
      "KEY_UNREADABLE",
      "the text is neither PEM nor JSON, and no secret either: it has several lines, or begins like a page",
    );
  }
  return [
    complete({ kty: "oct", k: Buffer.from(secret, "utf8").toString("base64url") }, "the secret", hints),
  ];
}

function readPem(pem: string): JWK {
  try {
    // openssl writes the curve in a block of its own before an EC key (RFC 5915 §4).
    const secret = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.exec(pem);
    const key = secret ? createPrivateKey(pem.slice(secret.index)) : createPublicKey(pem);
    return key.export({ format: "jwk" }) as JWK;
  } catch {
    const hint = pem.includes("ENCRYPTED")
      ? "Decrypt the key first; keyturn asks for no passphrase."
      : undefined;
    throw new TokenInputError("KEY_UNREADABLE", "the PEM text holds no key that can be read", hint);
  }
}

function readJson(json: string, hints: KeyHints): readonly TokenKey[] {
  let value: unknown;
  try {
    value = parseJson(json);
  } catch {
    throw new TokenInputError("KEY_UNREADABLE", "the key looks like JSON but cannot be parsed");
  }
  const set = isObject(value) && "keys" in value ? value.keys : value;
  const keys: readonly unknown[] = Array.isArray(set) ? set : [set];
  if (keys.length === 0) throw new TokenInputError("KEY_UNREADABLE", "the key set is empty");
  const read = keys.map((key, index) => {
    const label = Array.isArray(set) ? `key ${index + 1} of the JWKS` : "the JWK";
    if (!isObject(key) || typeof key.kty !== "string") {
      throw new TokenInputError("KEY_UNREADABLE", `${label} is no JWK: it has no \`kty\``);
    }
    // A hint names one key; in a set it would give several keys the same name.
    return complete({ ...key, kty: key.kty }, label, keys.length === 1 ? hints : {});
  });
  refuseDoubled(read);
  return read;
}

function complete(given: JWK, label: string, hints: KeyHints): TokenKey {
  const assumed: ("kid" | "alg")[] = [];
  const jwk: JWK = { ...given };
  if (jwk.kid === undefined && hints.kid !== undefined) jwk.kid = hints.kid;
  if (jwk.kid === undefined) assumed.push("kid");
  if (jwk.alg === undefined && hints.alg !== undefined) jwk.alg = hints.alg;
  if (jwk.alg === undefined) {
    const usual = usualAlgorithm(jwk);
    if (usual !== undefined) jwk.alg = usual;
    assumed.push("alg");
  }
  return { jwk, label, assumed };
}

/** An RSA key without `alg` counts as RS256 (Cloudflare, message 110003); a secret as HS256; EC has its curve's. */
function usualAlgorithm(jwk: JWK): string | undefined {
  if (jwk.kty === "RSA") return "RS256";
  if (jwk.kty === "oct") return "HS256";
  return algorithms.find((row) => row.kty === jwk.kty && row.crv === jwk.crv)?.alg;
}

/** Cloudflare picks a key by `kid` and `alg`, and takes no set in which two have both. */
function refuseDoubled(keys: readonly TokenKey[]): void {
  const names = keys.map(({ jwk }) => `${quote(jwk.kid)} (${String(jwk.alg)})`);
  const doubled = names.find(
    (name, index) => keys[index]?.jwk.kid !== undefined && names.indexOf(name) < index,
  );
  if (doubled !== undefined)
    throw new TokenInputError("KEY_DOUBLED", `two keys of the set have the kid and alg ${doubled}`);
}

import { createPublicKey } from "node:crypto";
import type { JWK } from "jose";
import { type Algorithm, algorithmOf, refusedAlgorithms } from "../../model/facts/algorithms.ts";
import { quote } from "./findings.ts";

/**
 * Why Cloudflare would drop or refuse a key, or undefined when it takes it: `alg` known and fitting `kty`
 * and `crv`, RSA modulus and HS secret long enough. The answer never holds key material.
 */
export function keyProblem(jwk: JWK): string | undefined {
  const { alg, kid } = jwk;
  if (kid !== undefined && (typeof kid !== "string" || kid === "")) return "its `kid` is no text, or empty";
  if (alg === undefined) return "it has no `alg`";
  const row = algorithmOf(alg);
  if (row === undefined)
    return `alg ${quote(alg)}: ${refusedAlgorithms[alg] ?? "Cloudflare does not know it"}`;
  if (jwk.kty !== row.kty) return `${alg} needs kty ${row.kty}, the key has ${quote(jwk.kty)}`;
  if (row.crv && jwk.crv !== row.crv) return `${alg} needs crv ${row.crv}, the key has ${quote(jwk.crv)}`;
  const absent = members[row.kty].find((name) => typeof jwk[name] !== "string" || jwk[name] === "");
  if (absent) return `it has no \`${absent}\``;
  if (row.kty !== "oct") return publicKeyProblem(jwk, row);
  if (row.minSecretBytes) {
    const secret = Buffer.from(jwk.k ?? "", "base64url");
    // Bits that nobody reads would give one secret several spellings (RFC 4648 §3.5).
    if (secret.toString("base64url") !== jwk.k) return "`k` is not base64url without padding";
    const bytes = secret.length;
    if (bytes < row.minSecretBytes)
      return `${alg} needs a secret of ${row.minSecretBytes} bytes or more, this one has ${bytes}`;
  }
  return undefined;
}

/** Members that hold the public part, and for `oct` the secret (RFC 7518 §6). */
const members: Readonly<Record<"RSA" | "EC" | "oct", readonly ("n" | "e" | "x" | "y" | "k")[]>> = {
  RSA: ["n", "e"],
  EC: ["x", "y"],
  oct: ["k"],
};

/** Least exponent of an RSA key that Cloudflare is believed to take: with 1 whoever reads the key can sign. */
const LEAST_EXPONENT = 3n;

/** What is wrong with the numbers of an RSA or EC key. */
function publicKeyProblem(jwk: JWK, { alg, kty, crv, minModulusBits = 0 }: Algorithm): string | undefined {
  const details = detailsOf(jwk);
  if (details === undefined)
    return kty === "EC" ? `\`x\` and \`y\` are no point on ${crv}` : "`n` and `e` are no RSA public key";
  const { modulusLength: bits = minModulusBits, publicExponent = LEAST_EXPONENT } = details;
  if (bits < minModulusBits) return `${alg} needs ${minModulusBits} bits or more, the modulus has ${bits}`;
  if (publicExponent < LEAST_EXPONENT) return `its exponent is ${publicExponent}: anybody can sign with it`;
  return undefined;
}

function detailsOf(jwk: JWK) {
  try {
    return createPublicKey({ key: { ...publicPart(jwk) }, format: "jwk" }).asymmetricKeyDetails;
  } catch {
    return undefined;
  }
}

/** Members of a JWK that verifiers may see (RFC 7517 §4, RFC 7518 §6); `use` is none of them: Cloudflare does not look at it. */
const publicMembers = ["kty", "kid", "alg", "crv", "x", "y", "n", "e"] as const;

/**
 * The part of a key that verifies: for RSA and EC only its public members; an `oct` key is its secret, whole.
 */
export function publicPart(jwk: JWK): JWK {
  const names = jwk.kty === "oct" ? ([...publicMembers, "k"] as const) : publicMembers;
  return Object.fromEntries(
    names.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]),
  ) as JWK;
}

import type { JWK } from "jose";
import { algorithmOf, refusedAlgorithms } from "../../model/facts/algorithms.ts";
import { quote } from "./words.ts";

/**
 * Why Cloudflare would drop or refuse a key, or undefined when it takes it: `alg` known and fitting `kty`
 * and `crv`, RSA modulus and HS secret long enough. The answer never holds key material.
 */
export function keyProblem(jwk: JWK): string | undefined {
  const { alg } = jwk;
  if (alg === undefined) return "it has no `alg`";
  const row = algorithmOf(alg);
  if (row === undefined)
    return `alg ${quote(alg)}: ${refusedAlgorithms[alg] ?? "Cloudflare does not know it"}`;
  if (jwk.kty !== row.kty) return `${alg} needs kty ${row.kty}, the key has ${quote(jwk.kty)}`;
  if (row.crv && jwk.crv !== row.crv) return `${alg} needs crv ${row.crv}, the key has ${quote(jwk.crv)}`;
  if (jwk.use === "enc") return "it is meant for encryption (`use: enc`)";
  const absent = members[row.kty].find((name) => typeof jwk[name] !== "string" || jwk[name] === "");
  if (absent) return `it has no \`${absent}\``;
  if (row.minModulusBits) {
    const bits = bitLength(decode(jwk.n));
    if (bits < row.minModulusBits)
      return `${alg} needs ${row.minModulusBits} bits or more, the modulus has ${bits}`;
  }
  if (row.minSecretBytes) {
    if (!/^[A-Za-z0-9_-]+$/.test(jwk.k ?? "")) return "`k` is not base64url without padding";
    const bytes = decode(jwk.k).length;
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

function decode(base64url: string | undefined): Uint8Array {
  return Buffer.from(base64url ?? "", "base64url");
}

function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

import { algorithmOf, algorithms, refusedAlgorithms } from "../facts/algorithms.ts";
import type { AdoptedKey } from "../ring/ledger.ts";
import { type ForeignKey, isMaterial, modulusBits, privateMembersOf, weakExponent } from "./foreignKey.ts";

/** What is known of a set besides its keys. */
export interface SetContext {
  /** Of the definition; keys of others are left out. Empty: not said. */
  readonly declared: readonly string[];
  /** `id_token_signing_alg_values_supported` of the discovery document (OpenID Connect Discovery 1.0 section 3). */
  readonly discovered?: readonly string[] | undefined;
  /** Keys that one token configuration may hold (`keysPerConfiguration`). */
  readonly limit: number;
}

export interface Conversion {
  /** Sorted by kid; none where a reason is given. */
  readonly keys: readonly AdoptedKey[];
  /** Keys left out, and why. */
  readonly notices: readonly string[];
  /** Why the set as a whole is not taken; all of them at once. */
  readonly reasons: readonly string[];
}

type Judged = { readonly key: AdoptedKey } | { readonly notice: string } | { readonly reason: string };

/**
 * Public keys of somebody else → the keys that Cloudflare is to hold: each with its `alg`, without what Cloudflare does
 * not keep. What is of no use here (encryption, other types) is left out with a notice; what is wrong is a reason to
 * take nothing, since a set with one such key may be another than it seems.
 */
export function convert(keys: readonly ForeignKey[], context: SetContext): Conversion {
  const secret = keys.flatMap((key, index) => {
    const members = privateMembersOf(key);
    return members.length === 0
      ? []
      : [
          `${nameOf(key, index)} has the private ${members.length === 1 ? "member" : "members"} ${members.join(", ")}: treat it as leaked and have whoever publishes it make another one`,
        ];
  });
  if (secret.length > 0) return { keys: [], notices: [], reasons: secret };
  const judged = keys.map((key, index) => judge(key, nameOf(key, index), context));
  const found = judged.flatMap((each) => ("key" in each ? [each.key] : []));
  const notices = judged.flatMap((each) => ("notice" in each ? [each.notice] : []));
  const reasons = [
    ...judged.flatMap((each) => ("reason" in each ? [each.reason] : [])),
    ...doubled(found),
    ...(found.length > context.limit
      ? [
          `${found.length} keys are more than the ${context.limit} that a token configuration holds: algorithms: [...] takes those of some algorithms alone`,
        ]
      : []),
  ];
  if (reasons.length === 0 && found.length === 0)
    reasons.push(
      keys.length === 0 ? "the set has no key" : `none of the ${keys.length} keys verifies tokens here`,
    );
  const sorted = [...found].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  return { keys: reasons.length === 0 ? sorted : [], notices, reasons };
}

function judge(key: ForeignKey, name: string, context: SetContext): Judged {
  const { kty, kid, use, key_ops: operations } = key;
  if (use !== undefined && use !== "sig") return { notice: `${name} is left out: it is for ${shown(use)}` };
  if (operations !== undefined && !operations.includes("verify"))
    return { notice: `${name} is left out: its key_ops have no verify` };
  if (kty !== "RSA" && kty !== "EC")
    return { notice: `${name} is left out: Cloudflare takes no keys of type ${shown(kty)}` };
  if (kty === "EC" && key.crv === undefined)
    return { reason: `${name} is an EC key without a curve, so its alg cannot be known` };
  if (kty === "EC" && !algorithms.some(({ crv }) => crv === key.crv))
    return {
      notice: `${name} is left out: Cloudflare takes no keys on the curve ${shown(key.crv ?? "")}`,
    };
  if (key.alg !== undefined && algorithmOf(key.alg) === undefined) {
    const why = refusedAlgorithms[key.alg] ?? `Cloudflare does not verify ${shown(key.alg)}`;
    return { notice: `${name} is left out: ${why}` };
  }
  const alg = algorithmFor(key, name, context);
  if (typeof alg !== "string") return alg;
  if (context.declared.length > 0 && !context.declared.includes(alg))
    return { notice: `${name} is left out: ${alg} is none of the ring's algorithms` };
  if (kid === undefined || kid === "")
    return { reason: `${name} has no kid, and Cloudflare finds a key by nothing else` };
  if (!/^[\x20-\x7E]{1,200}$/.test(kid))
    return { reason: `${name} has a kid that is not 1 to 200 printable ASCII characters` };
  return kty === "EC" ? elliptic(key, kid, alg, name) : rsa(key, kid, alg, name);
}

/** What the key says; else what its type leaves, what the ring declares and what the provider lists. */
function algorithmFor(
  key: ForeignKey,
  name: string,
  { declared, discovered }: SetContext,
): string | { readonly reason: string } {
  const fitting = algorithms.filter((row) => row.kty === key.kty && row.crv === keyCurve(key));
  if (key.alg !== undefined) {
    if (fitting.some(({ alg }) => alg === key.alg)) return key.alg;
    return {
      reason: `${name} says alg ${key.alg} and is ${key.kty === "EC" ? `a key on ${key.crv}` : "an RSA key"}`,
    };
  }
  const possible = fitting.map(({ alg }) => alg);
  const [only, ...others] = possible;
  if (only !== undefined && others.length === 0) return only;
  for (const list of [declared, discovered ?? []]) {
    const [first, ...more] = possible.filter((alg) => list.includes(alg));
    if (first !== undefined && more.length === 0) return first;
  }
  return {
    reason: `${name} has no alg, and an RSA key may be any of ${possible.join(", ")}: ask whoever makes it, and say it in the ring, such as algorithms: [RS256]`,
  };
}

function keyCurve({ kty, crv }: ForeignKey): string | undefined {
  return kty === "EC" ? crv : undefined;
}

function elliptic({ crv, x, y }: ForeignKey, kid: string, algorithm: string, name: string): Judged {
  if (crv === undefined || !isMaterial(x) || !isMaterial(y))
    return { reason: `${name} has no x or y in base64url` };
  return { key: { kid, algorithm, size: 0, jwk: { kty: "EC", crv, x, y } } };
}

function rsa({ n, e }: ForeignKey, kid: string, algorithm: string, name: string): Judged {
  if (!isMaterial(n) || !isMaterial(e)) return { reason: `${name} has no n or e in base64url` };
  const bits = modulusBits(n);
  const least = algorithmOf(algorithm)?.minModulusBits ?? 0;
  if (bits < least)
    return { reason: `${name} has a modulus of ${bits} bits; below ${least} it can be broken` };
  const weak = weakExponent(e);
  if (weak !== undefined) return { reason: `${name} has ${weak}` };
  return { key: { kid, algorithm, size: bits, jwk: { kty: "RSA", n, e } } };
}

/** Which of two keys with one name a token means, nobody can say. */
function doubled(keys: readonly AdoptedKey[]): string[] {
  const kids = keys.map(({ kid }) => kid);
  return [...new Set(kids.filter((kid, index) => kids.indexOf(kid) !== index))].map(
    (kid) => `the kid ${shown(kid)} stands at ${kids.filter((each) => each === kid).length} keys`,
  );
}

function nameOf({ kid }: ForeignKey, index: number): string {
  return kid === undefined || kid === "" ? `key ${index + 1}` : `key ${shown(kid)}`;
}

/** Somebody else's text: short, and without what a terminal would act on. */
function shown(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return short.replaceAll(/\p{C}/gu, "?");
}

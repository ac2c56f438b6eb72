import { algorithmOf, refusedAlgorithms } from "../../model/facts/algorithms.ts";
import { finding, quote, type Refusal, TokenInputError } from "./findings.ts";
import { keyProblem } from "./keyProblem.ts";
import type { TokenKey } from "./readKeys.ts";

/** Whether one key would be chosen for a token, and why or why not. */
export interface KeyJudgement {
  readonly key: TokenKey;
  readonly chosen: boolean;
  readonly why: string;
}

export interface Selection {
  readonly judgements: readonly KeyJudgement[];
  /** The keys to try: one, or several where keys without a `kid` were given. */
  readonly candidates: readonly TokenKey[];
  /** Set when there is no candidate. */
  readonly refusal?: Refusal;
}

/**
 * Chooses as Cloudflare does: the key whose `kid` AND `alg` equal the header's; none means refused, without
 * a refetch. A key without `kid` (a PEM, a bare secret) counts as having the token's.
 */
export function selectKey(
  header: { readonly kid: string; readonly alg: string },
  keys: readonly TokenKey[],
): Selection {
  const judgements = keys.map((key) => judge(header, key));
  const candidates = judgements.filter((judgement) => judgement.chosen).map((judgement) => judgement.key);
  if (candidates.length > 0) return { judgements, candidates };
  return { judgements, candidates, refusal: refusalOf(header, keys) };
}

function judge({ kid, alg }: { kid: string; alg: string }, key: TokenKey): KeyJudgement {
  const { jwk } = key;
  const no = (why: string): KeyJudgement => ({ key, chosen: false, why });
  if (!hasKid(key, kid)) return no(`another kid, ${quote(jwk.kid)}`);
  if (jwk.alg !== alg)
    return no(`the kid fits, but its alg is ${quote(jwk.alg)} and the token's ${quote(alg)}`);
  const problem = keyProblem(jwk);
  if (problem) return no(`kid and alg fit, but Cloudflare does not take the key: ${problem}`);
  return {
    key,
    chosen: true,
    why: key.assumed.includes("kid") ? "alg fits; the key has no kid" : "kid and alg fit",
  };
}

function hasKid(key: TokenKey, kid: string): boolean {
  return key.assumed.includes("kid") || key.jwk.kid === kid;
}

function refusalOf({ kid, alg }: { kid: string; alg: string }, keys: readonly TokenKey[]): Refusal {
  if (!algorithmOf(alg)) {
    const reason = refusedAlgorithms[alg] ?? "Cloudflare does not know it";
    return finding("TOKEN_ALG_UNSUPPORTED", `alg ${quote(alg)}: ${reason}`);
  }
  const named = keys.filter((key) => hasKid(key, kid));
  if (named.length === 0) {
    const known = keys.map((key) => quote(key.jwk.kid)).join(", ");
    return finding("TOKEN_KID_UNKNOWN", `no key has the kid ${quote(kid)}; known: ${known || "none"}`);
  }
  const fitting = named.find((key) => key.jwk.alg === alg);
  if (fitting) {
    return finding(
      "TOKEN_KEY_UNUSABLE",
      `the key ${quote(kid)} is one that Cloudflare does not take: ${keyProblem(fitting.jwk)}`,
    );
  }
  const algs = named.map((key) => quote(key.jwk.alg)).join(", ");
  return finding("TOKEN_ALG_MISMATCH", `the token says alg ${quote(alg)}, the key ${quote(kid)} has ${algs}`);
}

/**
 * The key to sign with: the only one, or the one with the `kid`. Of a ring's keys only the active one signs:
 * a pending key is proved with canary tokens alone, a retiring one is on its way out. Throws `TokenInputError`.
 */
export function pickSigningKey(keys: readonly TokenKey[], kid?: string): TokenKey {
  const usable = keys.filter(({ role = "active" }) => role === "active");
  const [first, ...others] = kid === undefined ? usable : usable.filter((key) => key.jwk.kid === kid);
  if (!first) {
    const wanted =
      kid === undefined ? "no key that may sign was given" : `no key that may sign has the kid ${quote(kid)}`;
    throw new TokenInputError("KEY_NOT_FOUND", wanted);
  }
  if (others.length === 0) return first;
  const kids = [first, ...others].map((key) => quote(key.jwk.kid)).join(", ");
  throw new TokenInputError("KEY_AMBIGUOUS", `${others.length + 1} keys were given: ${kids}`);
}

import { createPublicKey } from "node:crypto";
import { decodeBase64url } from "../../token/base64url.ts";
import type { StoredKey } from "../../world/types.ts";
import { type Problem, problem, refusal, refuseIfAny } from "../errors.ts";
import type { Message } from "../reply.ts";
import { type KeyKind, keyKinds } from "./keyKinds.ts";

/** A key set as it will be stored, and what the answer says about it. */
export interface NormalizedKeys {
  readonly keys: readonly StoredKey[];
  readonly messages: readonly Message[];
}

export interface KeyRules {
  readonly mostKeys: number;
  readonly rsaModulusBits: number;
  /** PATCH: the stored keys, whose secrets an `oct` key without `k` keeps. Absent: every `k` is required. */
  readonly stored?: readonly StoredKey[];
}

type SentKey = Readonly<Record<string, unknown>>;

/**
 * Turns the keys of a request into the keys to store: RSA without `alg` becomes RS256 (message 110003),
 * members that are not needed go, unsupported kinds are dropped, `{alg,kid}` must be unique. Throws all
 * problems of the keys at once, and that they are too many before it looks at any. `prefix` is the JSON pointer of the array.
 */
export function normalizeKeys(sent: readonly SentKey[], rules: KeyRules, prefix: string): NormalizedKeys {
  const keys: StoredKey[] = [];
  const messages: Message[] = [];
  const problems: Problem[] = [];
  if (sent.length > rules.mostKeys) {
    throw refusal("tooMany", { what: "keys", count: sent.length, limit: rules.mostKeys }, prefix);
  }
  sent.forEach((key, index) => {
    const place: Place = { where: `keys[${index}]`, pointer: `${prefix}/${index}` };
    const { kty, kid } = key;
    if (kty === "RSA" && key.alg === undefined && typeof kid === "string") {
      messages.push({
        code: 110003,
        message: `keys[${index}].alg was omitted and defaulted to "RS256" (kid "${kid}")`,
      });
    }
    const outcome = normalizeKey(key, rules, place);
    if (outcome.problems.length > 0) problems.push(...outcome.problems);
    else if (outcome.key !== undefined) {
      const { alg, kid: id } = outcome.key;
      if (keys.some((other) => other.alg === alg && other.kid === id)) {
        problems.push(problem("doubledKey", { where: place.where, alg, kid: id }, place.pointer));
      } else keys.push(outcome.key);
    }
  });
  refuseIfAny(problems);
  return { keys, messages };
}

/** A key as the API answers it: an `oct` key without its secret. */
export function redacted(key: StoredKey): Omit<StoredKey, "k"> {
  const { k: _secret, ...rest } = key;
  return rest;
}

interface Place {
  readonly where: string;
  readonly pointer: string;
}

interface Outcome {
  readonly key?: StoredKey;
  readonly problems: readonly Problem[];
}

function normalizeKey(sent: SentKey, rules: KeyRules, place: Place): Outcome {
  const { kty, kid } = sent;
  const alg = kty === "RSA" && sent.alg === undefined ? "RS256" : sent.alg;
  const missing = [
    ...(typeof kty === "string" ? [] : ["kty"]),
    ...(typeof kid === "string" && kid !== "" ? [] : ["kid"]),
    ...(typeof alg === "string" ? [] : ["alg"]),
  ];
  if (typeof kid !== "string" || missing.length > 0) {
    return { problems: missing.map((name) => stringProblem(place, name)) };
  }
  const kind = keyKinds.find((each) => each.alg === alg && each.kty === kty);
  if (kind === undefined || (kind.crv !== undefined && sent.crv !== undefined && sent.crv !== kind.crv)) {
    return { problems: [] };
  }
  const secretKept =
    kind.kty === "oct" && sent.k === undefined
      ? rules.stored?.find((each) => each.alg === alg && each.kid === kid)
      : undefined;
  if (secretKept !== undefined) return { key: secretKept, problems: [] };

  const wrong = kind.members
    .filter((name) => typeof sent[name] !== "string" && name !== "alg")
    .map((name) =>
      name === "k" && sent.k === undefined
        ? problem("secretMissing", { where: place.where }, `${place.pointer}/k`)
        : stringProblem(place, name),
    );
  if (wrong.length > 0) return { problems: wrong };
  const key = Object.fromEntries(
    kind.members.map((name) => [name, name === "alg" ? alg : sent[name]]),
  ) as unknown as StoredKey;
  const weakness = weaknessOf(kind, key, rules);
  if (weakness === undefined) return { key, problems: [] };
  return { problems: [problem("weakKey", { where: place.where, what: weakness }, place.pointer)] };
}

function stringProblem(place: Place, name: string): Problem {
  const where = `${place.where}.${name}`;
  return problem("invalidMember", { where, what: "must be a non-empty string" }, `${place.pointer}/${name}`);
}

/** What is wrong with the material of a key of a supported kind, without quoting it. */
function weaknessOf(kind: KeyKind, key: StoredKey, rules: KeyRules): string | undefined {
  if (kind.secretBytes !== undefined) {
    const k = key.k ?? "";
    const secret = decodeBase64url(k);
    if (secret === undefined) return "k must be Base64url without padding";
    const bytes = secret.length;
    if (bytes >= kind.secretBytes) return undefined;
    return `k holds ${bytes} bytes, ${kind.alg} needs at least ${kind.secretBytes}`;
  }
  let modulusBits: number | undefined;
  try {
    const details = createPublicKey({ key: { ...key }, format: "jwk" }).asymmetricKeyDetails;
    modulusBits = details?.modulusLength;
    // With 1 whoever reads the key can sign; no document says that such a key is taken.
    if ((details?.publicExponent ?? 3n) < 3n) return "the exponent has to be 3 or more";
  } catch {
    return kind.kty === "EC" ? `x, y are no point on ${kind.crv}` : "n, e are no RSA public key";
  }
  if (modulusBits === undefined || modulusBits >= rules.rsaModulusBits) return undefined;
  return `the modulus has ${modulusBits} bits, at least ${rules.rsaModulusBits} are needed`;
}

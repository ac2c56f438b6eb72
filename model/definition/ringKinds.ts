import { algorithmOf, algorithms, refusedAlgorithms } from "../facts/algorithms.ts";
import { CANARY_AUDIENCE } from "../facts/canary.ts";
import { readDeclaredClaims } from "./declaredClaims.ts";
import { notLiteral } from "./literals.ts";
import { nearest } from "./nearest.ts";
import type { RingReading } from "./ringReading.ts";
import type { RingShape } from "./schema.ts";
import { MOST_PARTIES, PARTY } from "./schemaParts.ts";
import { show } from "./secrets.ts";
import type { HmacRing, JwtRing, LinkPart, ScopeShape, Several } from "./types.ts";

/** Longest lifetime of a token or link that needs no `long: true`, in seconds. */
const LONGEST_ORDINARY_LIFETIME = 24 * 3600;

/** A query parameter's name that needs no encoding in a URL nor quoting in a rule. */
const PARAMETER = /^[A-Za-z][A-Za-z0-9_-]{0,30}$/;

/** What all rings have is read elsewhere. */
export type Own<R> = Omit<R, "id" | "was" | "rotation" | "signer" | "at">;

/** Reads what only a ring of JWT keys says. */
export function readJwt(reading: RingReading): Own<JwtRing> {
  const { algorithm } = reading.ring;
  for (const [member, example] of [
    ["algorithm", "algorithm: ES256"],
    ["tokens", "tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }"],
  ] as const) {
    if (reading.says(member)) continue;
    const message = `the ring ${show(reading.id)} has no ${member}`;
    reading.report("MEMBER_MISSING", reading.self, message, `add ${example}`);
  }
  if (algorithm !== undefined) checkAlgorithm(reading, algorithm);
  if (reading.ring.algorithms !== undefined) {
    reading.report(
      "MEMBER_UNKNOWN",
      reading.source.atKey(["keys", reading.id, "algorithms"]),
      "algorithms belongs to rings with from",
      "write algorithm: ES256, or another one",
    );
  }
  const shape = readTokens(reading, "");
  if (reading.says("tokens") && !reading.says("tokens", "issuer")) reportNoIssuer(reading);
  return {
    kind: "jwt",
    algorithm: algorithm ?? "",
    ...(reading.ring.modulus === undefined ? {} : { modulus: reading.ring.modulus }),
    ...shape,
    publishJwks: reading.ring.publish?.jwks ?? false,
  };
}

/** What tokens of a ring are like, whoever makes its keys. */
export function readTokens(
  reading: RingReading,
  issuer: string,
): Pick<JwtRing, "issuers" | "audiences" | "lifetime" | "scope" | "claims"> {
  const { tokens } = reading.ring;
  const claims = readDeclaredClaims(reading);
  return {
    issuers: readParties(reading, "issuer", issuer),
    audiences: readParties(reading, "audience", ""),
    lifetime: tokens === undefined ? Number.NaN : readLifetime(reading, ["tokens"], tokens),
    scope: readScope(reading, tokens?.scope),
    ...(claims === undefined ? {} : { claims }),
  };
}

/** Who makes the tokens, or whom they are for. */
function readParties(reading: RingReading, member: "issuer" | "audience", otherwise: string): Several {
  const said = reading.ring.tokens?.[member];
  const list = Array.isArray(said) ? said : [said];
  const at = (index: number) =>
    reading.source.at(["keys", reading.id, "tokens", member, ...(Array.isArray(said) ? [index] : [])]);
  const found = list.flatMap((value, index) => (value === undefined ? [] : [{ value, at: at(index) }]));
  for (const [index, { value, at }] of found.entries()) {
    const fault = partyFault(
      value,
      found.slice(0, index).map((each) => each.value),
      member,
    );
    if (fault !== undefined) reading.report(fault.code ?? "VALUE_INVALID", at, fault.message, fault.hint);
  }
  if (found.length > MOST_PARTIES) {
    reading.report(
      "VALUE_INVALID",
      reading.at("tokens", member),
      `${found.length} values of tokens.${member} are too many`,
      `list up to ${MOST_PARTIES}, or make rings of their own`,
    );
  }
  const [first, ...more] = found.map(({ value }) => value);
  return [first ?? otherwise, ...more];
}

/** What is wrong with an issuer or audience. */
function partyFault(value: string, before: readonly string[], member: "issuer" | "audience") {
  const meant = notLiteral(value);
  if (meant !== undefined) return { ...meant, code: undefined };
  if (!PARTY.test(value)) {
    return {
      code: undefined,
      message: `tokens.${member} has a character that cannot be compared`,
      hint: "use up to 200 printable ASCII characters without blanks, quotes and \\",
    };
  }
  if (value === CANARY_AUDIENCE && member === "audience") {
    return {
      code: "AUDIENCE_RESERVED",
      message: `the audience ${CANARY_AUDIENCE} marks the tokens that prove a key`,
      hint: "name the API that the tokens are for",
    } as const;
  }
  if (before.includes(value)) {
    return {
      code: undefined,
      message: `${show(value)} stands twice in tokens.${member}`,
      hint: "remove one",
    };
  }
  return undefined;
}

/** Reported as other members that are missing are. */
export function reportNoIssuer(reading: RingReading): void {
  reading.report(
    "MEMBER_MISSING",
    reading.at("tokens"),
    `keys.${show(reading.id)}.tokens has no issuer`,
    "add issuer: https://auth.example.com/",
  );
}

/** Reads what only a ring of link secrets says. */
export function readHmac(reading: RingReading): Own<HmacRing> {
  const { hmac } = reading.ring;
  if (hmac?.parameter !== undefined && !PARAMETER.test(hmac.parameter)) {
    reading.report(
      "PARAMETER_INVALID",
      reading.at("hmac", "parameter"),
      "the parameter is not a plain query parameter name",
      "use a letter followed by up to 30 letters, digits, _ and -, such as verify",
    );
  }
  const lifetime = hmac === undefined ? Number.NaN : readLifetime(reading, ["hmac"], hmac);
  const longest = reading.says("hmac", "longestLifetime")
    ? reading.duration(hmac?.longestLifetime, ["hmac", "longestLifetime"])
    : undefined;
  if (longest !== undefined && longest < lifetime) {
    reading.report(
      "HMAC_LIFETIME_ORDER",
      reading.at("hmac", "longestLifetime"),
      `longestLifetime ${hmac?.longestLifetime} is shorter than lifetime ${hmac?.lifetime}`,
      `make it at least ${hmac?.lifetime}, or leave it out when no link is dated ahead`,
    );
  }
  for (const member of ["modulus", "publish", "algorithms"] as const) {
    if (reading.ring[member] !== undefined) {
      reading.report(
        "MEMBER_UNKNOWN",
        reading.source.atKey(["keys", reading.id, member]),
        `${member} has no meaning for an hmac ring`,
        "remove it",
      );
    }
  }
  return {
    kind: "hmac",
    parameter: hmac?.parameter ?? "",
    lifetime,
    bind: readBind(reading, hmac?.bind),
    ...(longest === undefined ? {} : { longestLifetime: longest }),
  };
}

function readBind(
  reading: RingReading,
  bind: readonly (LinkPart | undefined)[] = ["path"],
): readonly LinkPart[] {
  // A word that cannot be read may have been meant to be path.
  if (!bind.includes("path") && !bind.includes(undefined)) {
    reading.report(
      "VALUE_INVALID",
      reading.at("hmac", "bind"),
      "a link that is not signed for its path opens every path",
      "write bind: [path], or bind: [path, query] where links carry other parameters",
    );
  }
  return bind.includes("query") ? ["path", "query"] : ["path"];
}

function checkAlgorithm(reading: RingReading, alg: string): void {
  const row = algorithmOf(alg);
  const at = reading.at("algorithm");
  if (row === undefined) {
    const known = algorithms.map((each) => each.alg);
    const reason = Object.hasOwn(refusedAlgorithms, alg) ? refusedAlgorithms[alg] : undefined;
    const guess = reason === undefined ? nearest(alg, known) : undefined;
    reading.report(
      "ALGORITHM_UNSUPPORTED",
      at,
      reason === undefined
        ? `the algorithm ${show(alg)} is not known`
        : `the algorithm ${alg} is refused: ${reason}`,
      guess === undefined ? `use ES256, or one of ${known.slice(1).join(", ")}` : `did you mean ${guess}?`,
    );
    return;
  }
  const { modulus } = reading.ring;
  if (modulus === undefined) return;
  if (row.minModulusBits === undefined) {
    reading.report(
      "MODULUS_WITHOUT_RSA",
      reading.at("modulus"),
      `${alg} keys have no modulus`,
      "remove modulus",
    );
  } else if (modulus < row.minModulusBits) {
    reading.report(
      "MODULUS_TOO_SHORT",
      reading.at("modulus"),
      `an RSA modulus of ${modulus} bits is too weak`,
      `use ${row.minModulusBits} bits or more`,
    );
  } else if (![2048, 3072, 4096].includes(modulus)) {
    reading.report(
      "VALUE_INVALID",
      reading.at("modulus"),
      `a modulus of ${modulus} bits is unusual`,
      "use 2048, 3072 or 4096",
    );
  }
}

function readLifetime(
  reading: RingReading,
  where: readonly string[],
  values: { lifetime?: string | undefined; long?: boolean | undefined },
): number {
  const at = reading.at(...where);
  if (!reading.says(...where, "lifetime")) {
    reading.report(
      "LIFETIME_MISSING",
      at,
      `the ring ${show(reading.id)} does not say how long its ${where[0] === "hmac" ? "links" : "tokens"} live`,
      "add lifetime: 15m (every overlap is computed from it)",
    );
  }
  const seconds = reading.duration(values.lifetime, [...where, "lifetime"]);
  const misfitsLong = values.long === undefined && reading.says(...where, "long");
  if (seconds > LONGEST_ORDINARY_LIFETIME && values.long !== true && !misfitsLong) {
    reading.report(
      "LIFETIME_TOO_LONG",
      reading.at(...where, "lifetime"),
      `a lifetime of ${values.lifetime} is longer than 24h, and a stolen token is good for all of it`,
      "make it 24h or shorter, or say long: true beside it",
    );
  }
  return seconds;
}

function readScope(reading: RingReading, shape: NonNullable<RingShape["tokens"]>["scope"]): ScopeShape {
  const claim = shape?.claim ?? "scope";
  const says = (member: string) => reading.says("tokens", "scope", member);
  if (shape?.as === "array") {
    if (!says("length")) {
      reading.report(
        "MEMBER_MISSING",
        reading.at("tokens", "scope"),
        "an array of scopes needs a length",
        "add length: 10, or the largest number of scopes in a token, up to 32; elements beyond it are not looked at",
      );
    }
    return { claim, as: "array", length: shape.length ?? 1 };
  }
  if (shape?.length !== undefined && (shape.as !== undefined || !says("as"))) {
    reading.report(
      "VALUE_INVALID",
      reading.at("tokens", "scope", "length"),
      "length belongs to as: array",
      "add as: array, or remove length",
    );
  }
  return { claim, as: "words" };
}

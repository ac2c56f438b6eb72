import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { resolveChoices } from "../choices.ts";
import { fuzzSettings, Tally } from "../language/testing/runs.ts";
import type { StoredKey, TokenConfiguration } from "../world/types.ts";
import { prepareConfiguration } from "./configuration.ts";
import { type TokenVerdict, validateRequest, validateToken } from "./validate.ts";

const NOW = 1_800_000_000;
const CHOICES = resolveChoices();
const HASHES = { HS256: "sha256", HS384: "sha384", HS512: "sha512" } as const;
type Alg = keyof typeof HASHES;
const ALGS = Object.keys(HASHES) as Alg[];

/** Two kids, one of them under two algorithms. */
const KEYS: readonly { readonly kid: string; readonly alg: Alg; readonly secret: Buffer }[] = [
  { kid: "k1", alg: "HS256", secret: Buffer.alloc(64, 1) },
  { kid: "k1", alg: "HS512", secret: Buffer.alloc(64, 2) },
  { kid: "k2", alg: "HS384", secret: Buffer.alloc(64, 3) },
];
const configuration = prepareConfiguration({
  id: "id",
  title: "",
  description: "",
  token_type: "JWT",
  token_sources: ['http.request.headers["authorization"][0]', 'http.request.cookies["t"][0]'],
  keys: KEYS.map(
    ({ kid, alg, secret }): StoredKey => ({ kid, alg, kty: "oct", k: secret.toString("base64url") }),
  ),
  created_at: "",
  last_updated: "",
} satisfies TokenConfiguration);

function sign(header: string, payload: Buffer, alg: Alg, secret: Buffer): string {
  const signed = `${Buffer.from(header).toString("base64url")}.${payload.toString("base64url")}`;
  return `${signed}.${createHmac(HASHES[alg], secret).update(signed).digest("base64url")}`;
}

function headerFor(key: (typeof KEYS)[number]): string {
  return JSON.stringify({ alg: key.alg, kid: key.kid });
}

function judge(token: string): TokenVerdict {
  return validateToken(configuration, token, NOW * 1000, CHOICES);
}

function outcome(verdict: TokenVerdict): string {
  return verdict.valid ? "valid" : verdict.problem;
}

const hour = 3_600_000;

test("text that nobody signed is never valid and never throws", { timeout: hour }, () => {
  const settings = fuzzSettings(0.3);
  const tally = new Tally();
  const ourHeader = fc.constantFrom(...KEYS.map((key) => Buffer.from(headerFor(key)).toString("base64url")));
  const bytes = fc.uint8Array({ maxLength: 64 }).map((each) => Buffer.from(each).toString("base64url"));
  const segment = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."AZaz09-_=+/ ."), maxLength: 40 }),
    fc.json().map((text) => Buffer.from(text).toString("base64url")),
    ourHeader,
    bytes,
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 100 }),
    fc.array(segment, { minLength: 2, maxLength: 5 }).map((segments) => segments.join(".")),
    fc.tuple(ourHeader, bytes, bytes).map((segments) => segments.join(".")),
    fc.tuple(segment, segment, segment).map((segments) => segments.join(".")),
  );
  const prefix = fc.constantFrom("", "Bearer ", "Bearer: ", "bearer ", "Bearer Bearer ", "Basic ");
  fc.assert(
    fc.property(texts, prefix, fc.boolean(), (text, before, inCookie) => {
      tally.case();
      const verdict = validateRequest(
        configuration,
        {
          header: () => (inCookie ? undefined : before + text),
          cookie: () => (inCookie ? before + text : undefined),
        },
        NOW * 1000,
        CHOICES,
      );
      expect(verdict.valid).toBe(false);
      tally.count(outcome(verdict));
    }),
    settings,
  );
  tally.print("tokens, unsigned text", settings);
  // The generator must get past the first gates, or the property means little.
  expect(tally.share("badSignature")).toBeGreaterThan(0.1);
});

test("a changed token is never valid", { timeout: hour }, () => {
  const settings = fuzzSettings(0.3);
  const tally = new Tally();
  const original = fc.record({ sub: fc.string({ maxLength: 10 }), exp: fc.constant(NOW + 60) });
  const position = fc.integer({ min: 0, max: 1_000_000 });
  const character = fc.constantFrom(..."ABab01-_.=+/ \n\u00e9");
  const edit = fc.constantFrom("replace", "insert", "remove", "swap", "repeat");
  fc.assert(
    fc.property(
      original,
      fc.constantFrom(...KEYS),
      position,
      character,
      edit,
      (claims, key, where, sign1, kind) => {
        const token = sign(headerFor(key), Buffer.from(JSON.stringify(claims)), key.alg, key.secret);
        expect(outcome(judge(token))).toBe("valid");
        const at = where % token.length;
        const [before, here, after] = [token.slice(0, at), token[at]!, token.slice(at + 1)];
        const changed = {
          replace: before + sign1 + after,
          insert: before + sign1 + here + after,
          remove: before + after,
          swap: before + after.slice(0, 1) + here + after.slice(1),
          repeat: token.slice(at) + token,
        }[kind];
        tally.case();
        if (changed === token) {
          tally.count("unchanged");
          return;
        }
        const verdict = judge(changed);
        expect(verdict.valid).toBe(false);
        tally.count(outcome(verdict));
      },
    ),
    settings,
  );
  tally.print("tokens, changed", settings);
  expect(tally.share("badSignature")).toBeGreaterThan(0.2);
});

/** A member as JSON text, and what an independent reading of it says about the token. */
interface Member {
  readonly name: string;
  readonly text: string;
}

/** A NumericDate literal, and whether it is an integer in the safe range. */
const times = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: NOW - 200, max: NOW + 200 }).map(String) },
  fc.integer({ min: 0, max: 2 * NOW }).map(String),
  fc.constantFrom(
    '"1900000000"',
    "null",
    "true",
    "[]",
    "{}",
    "1.5",
    "1e3",
    "1e400",
    "-0",
    "9007199254740993",
    "1.0",
  ),
);
const members: fc.Arbitrary<Member> = fc.oneof(
  fc.record({ name: fc.constantFrom("exp", "nbf"), text: times }),
  fc.record({
    name: fc.oneof(
      fc.constantFrom("a", "b", "sub", "__proto__", "a:b", '"', "\\", 'a"', "a\\", "\\u0022"),
      fc.string({ maxLength: 5 }),
    ),
    text: fc.json({ maxDepth: 3 }),
  }),
);

/** The verdict that RFC 7519 and the table of choices demand, worked out from the members, not from the text. */
function expected(all: readonly Member[]): string {
  if (new Set(all.map((member) => member.name)).size !== all.length) return "badClaims";
  for (const [name, problem, bad] of [
    ["exp", "expired", (time: number) => NOW >= time + 60],
    ["nbf", "notYetValid", (time: number) => NOW < time - 60],
  ] as const) {
    const member = all.find((each) => each.name === name);
    if (member === undefined) continue;
    const time: unknown = JSON.parse(member.text);
    if (typeof time !== "number" || !Number.isSafeInteger(time)) return "badClaims";
    if (bad(time)) return problem;
  }
  return "valid";
}

test("a signed token is valid exactly when its claims are", { timeout: hour }, () => {
  const settings = fuzzSettings(0.3);
  const tally = new Tally();
  const blank = fc.constantFrom("", " ", "\n", "\t ");
  fc.assert(
    fc.property(fc.array(members, { maxLength: 5 }), fc.constantFrom(...KEYS), blank, (all, key, space) => {
      const text = all
        .map(({ name, text: value }) => `${JSON.stringify(name)}${space}:${value}`)
        .join(`${space},`);
      tally.case();
      const verdict = judge(sign(headerFor(key), Buffer.from(`{${text}}${space}`), key.alg, key.secret));
      expect(outcome(verdict)).toBe(expected(all));
      if (verdict.valid) {
        expect(Object.keys(verdict.claims).toSorted()).toEqual(all.map(({ name }) => name).toSorted());
      }
      tally.count(outcome(verdict));
    }),
    settings,
  );
  tally.print("tokens, signed claims", settings);
  for (const each of ["valid", "badClaims", "expired", "notYetValid"])
    expect(tally.share(each)).toBeGreaterThan(0.02);
});

test("only the key with the token's kid and alg verifies it", { timeout: hour }, () => {
  const settings = fuzzSettings(0.1);
  const tally = new Tally();
  const kids = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>("k1", "k2") },
    fc.constantFrom<unknown>("k3", "", "K1", 1, null, undefined, ["k1"]),
  );
  const algs = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>(...ALGS) },
    fc.constantFrom<unknown>("none", "hs256", "RS256", "ES256", "", null, undefined, 5),
  );
  const identities = fc.oneof(
    fc.constantFrom(...KEYS).map(({ kid, alg }): { kid: unknown; alg: unknown } => ({ kid, alg })),
    fc.record({ kid: kids, alg: algs }),
  );
  const payload = fc.oneof(
    fc.constant(Buffer.from("{}")),
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(
      identities,
      fc.constantFrom(...ALGS),
      fc.constantFrom(...KEYS),
      payload,
      ({ kid, alg }, real, key, body) => {
        tally.case();
        const verdict = judge(sign(JSON.stringify({ alg, kid }), body, real, key.secret));
        const isOurs = key.kid === kid && key.alg === alg && real === alg;
        if (isOurs && body.toString() === "{}") expect(verdict.valid).toBe(true);
        if (!isOurs) expect(verdict.valid).toBe(false);
        tally.count(outcome(verdict));
      },
    ),
    settings,
  );
  tally.print("tokens, key selection", settings);
  for (const each of ["valid", "badSignature", "noMatchingKey", "malformed"]) {
    expect(tally.share(each)).toBeGreaterThan(0.005);
  }
});

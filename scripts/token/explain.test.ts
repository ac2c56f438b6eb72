import type { JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { explainJwt, explainLink, renderExplanation, renderVerdict } from "./explain.ts";
import { publicPart } from "./keyProblem.ts";
import { readKeys, type TokenKey } from "./readKeys.ts";
import { signJwt } from "./signJwt.ts";
import { asTokenKey, makeKey, unsigned } from "./testKeys.ts";

const now = new Date("2026-11-22T12:00:00Z");
const issuedAt = new Date("2026-11-22T11:50:00Z");

let jwk: JWK;
let keys: readonly TokenKey[];
let token: string;
beforeAll(async () => {
  jwk = await makeKey("ES256", "e2");
  keys = [
    { ...asTokenKey(publicPart(await makeKey("ES256", "e1"))), label: "key 1 of the JWKS" },
    { ...asTokenKey(publicPart(jwk)), label: "key 2 of the JWKS" },
    { ...asTokenKey({ ...(await makeKey("HS256", "e2")) }), label: "key 3 of the JWKS" },
  ];
  const claims = { sub: "alice\u009b31m", scope: "orders:read" };
  token = (await signJwt({ jwk, claims, lifetimeSeconds: 900, now: issuedAt, backdateSeconds: 60 })).token;
});

describe("a JWT explained", () => {
  it("shows header, claims, times, keys and verdict as text", async () => {
    expect(renderExplanation(await explainJwt(token, keys, { now }))).toBe(
      [
        "header",
        '  alg: "ES256"',
        '  kid: "e2"',
        '  typ: "JWT"',
        "claims",
        '  sub: "alice\\u009b31m"',
        '  scope: "orders:read"',
        "  iat: 1795348140",
        "  nbf: 1795348140",
        "  exp: 1795349040",
        "times",
        "  iat: 2026-11-22T11:49:00Z, 11m ago",
        "  nbf: 2026-11-22T11:49:00Z, 11m ago",
        "  exp: 2026-11-22T12:04:00Z, in 4m",
        "keys",
        '  passed over: key 1 of the JWKS, kid "e1": another kid, "e1"',
        '  chosen: key 2 of the JWKS, kid "e2": kid and alg fit',
        '  passed over: key 3 of the JWKS, kid "e2": the kid fits, but its alg is "HS256" and the token\'s "ES256"',
        "verdict",
        '  accepted: key "e2" (ES256)',
        "",
      ].join("\n"),
    );
  });

  it("says without a key that nobody checked the signature", async () => {
    const explanation = await explainJwt(token, [], { now });
    expect(explanation.verdict).toBeUndefined();
    const text = renderExplanation(explanation);
    expect(text).toContain("\nclaims (not verified)\n");
    expect(text).toMatch(/verdict\n {2}unknown: no key was given, so the signature was not checked\n$/);
  });

  it("needs no key to refuse what no key could save", async () => {
    const text = renderExplanation(await explainJwt(unsigned({ alg: "none" }, { exp: 1e99 }), [], { now }));
    expect(text).toBe(
      [
        "header",
        '  alg: "none"',
        "claims (not verified)",
        "  exp: 1e+99",
        "times",
        "  exp: 1e+99, in 1.1574074074074074e+94d",
        "verdict",
        "  refused TOKEN_ALG_NONE: the token is not signed (`alg: none`)",
        "    Let the issuer sign the token.",
        "",
      ].join("\n"),
    );
  });

  it("tells all reasons of a refusal, each with its remedy", async () => {
    const explanation = await explainJwt(token, keys, {
      now: new Date("2026-11-23T00:00:00Z"),
      issuers: ["x"],
    });
    expect(renderExplanation(explanation)).toContain(
      [
        "verdict",
        "  refused TOKEN_EXPIRED: it expired 11h 56m ago (exp 2026-11-22T12:04:00Z); 60 s of leeway are allowed",
        "    Get a new token; if it is new, compare the clocks of issuer and edge.",
        '  refused TOKEN_ISSUER_MISMATCH: `iss` is undefined, expected "x"',
      ].join("\n"),
    );
  });

  it("explains what is no token at all", async () => {
    expect(renderExplanation(await explainJwt("hello", keys, { now }))).toBe(
      "verdict\n  refused TOKEN_MALFORMED: the token cannot be read: it has 1 segment instead of 3\n    Send the token as the issuer returned it, in full and without quotes.\n",
    );
  });

  it("never shows token, signature or secret", async () => {
    const expected = { now };
    const explanations = await Promise.all([
      explainJwt(token, keys, expected),
      explainJwt(token, [], expected),
      explainJwt(`${token}A`, keys, expected),
    ]);
    const shown = explanations.map((each) => JSON.stringify(each) + renderExplanation(each)).join();
    for (const part of [
      ...token.split("."),
      jwk.d ?? "",
      Buffer.from("s".repeat(64)).toString("base64url"),
    ]) {
      expect(shown).not.toContain(part);
    }
  });
});

describe("a link explained", () => {
  const link = "/tokenauth/kayak.mp4?verify=1657026353-ZXJWAyFwAgJSY-5j3CkJE80TatA33E3MEH4D_kSnh7M";
  const secrets = readKeys("cloudflare", { kid: "d1" });
  const context = { now: new Date(1657026363_000), parameter: "verify" };

  it("shows signed text, separator, times and verdict as text", () => {
    expect(renderExplanation(explainLink(link, secrets, { ...context, lifetimeSeconds: 60 }))).toBe(
      [
        "link",
        '  signed text: "/tokenauth/kayak.mp4", followed by the time',
        '  separator: "?verify=", 8 bytes, not signed',
        "  issued: 2022-07-05T13:05:53Z, 10s ago",
        "  ends: 2022-07-05T13:06:53Z, in 50s; refused from that second on, no leeway",
        "verdict",
        '  accepted: key "d1"',
        "",
      ].join("\n"),
    );
  });

  it("leaves out what it cannot know", () => {
    const explanation = explainLink(link, secrets, context);
    expect(explanation).toEqual({
      kind: "link",
      message: "/tokenauth/kayak.mp4",
      separator: { text: "?verify=", bytes: 8 },
      issued: { at: "2022-07-05T13:05:53Z", relative: "10s ago" },
    });
    expect(renderExplanation(explanation)).toMatch(
      /unknown: the secret, or the lifetime of the rule, was not given\n$/,
    );
    expect(explainLink(link, [], { ...context, lifetimeSeconds: 60 }).verdict).toBeUndefined();
  });

  it("refuses what is no signed link, without secret or lifetime", () => {
    expect(renderExplanation(explainLink("/a", [], context))).toBe(
      "verdict\n  refused LINK_MALFORMED: the link does not end in `?verify=<10 digits>-<MAC>`\n    Make the signed parameter the last one of the query, `?verify=<time>-<MAC>`.\n",
    );
  });

  it("never shows the MAC", () => {
    const explanation = explainLink(link.replace("kayak", "canoe"), secrets, {
      ...context,
      lifetimeSeconds: 60,
    });
    expect(JSON.stringify(explanation) + renderExplanation(explanation)).not.toContain("ZXJW");
  });
});

describe("renderVerdict", () => {
  it("puts warnings after the verdict", () => {
    const warning = { code: "KEY_ALG_ASSUMED", message: "m", hint: "h" } as const;
    expect(renderVerdict({ accepted: true, refusals: [], warnings: [warning] })).toBe(
      "accepted\nwarning KEY_ALG_ASSUMED: m\n  h\n",
    );
  });
});

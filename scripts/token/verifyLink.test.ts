import { test as propertyTest } from "@fast-check/vitest";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenKey } from "./readKeys.ts";
import { readKeys } from "./readKeys.ts";
import { encodeMac, type LinkFlags, linkMac, signLink } from "./signLink.ts";
import { verifyLink } from "./verifyLink.ts";

const issued = 1657026353;
const lifetimeSeconds = 60;
const at = (seconds: number) => new Date(seconds * 1000);
const secret = (text: string, kid: string): TokenKey => {
  const [key] = readKeys(text, { kid });
  if (!key) throw new Error("no key");
  return key;
};
const keys = [secret("cloudflare", "old"), secret("mysecretkey", "new")];
const good = "/tokenauth/kayak.mp4?verify=1657026353-ZXJWAyFwAgJSY-5j3CkJE80TatA33E3MEH4D_kSnh7M";
const expected = { now: at(issued + 10), lifetimeSeconds, parameter: "verify" };
const codes = (verdict: { refusals: readonly { code: string }[] }) =>
  verdict.refusals.map(({ code }) => code);

describe("verifyLink", () => {
  it("accepts the published link and names the key", () => {
    expect(verifyLink(good, keys, expected)).toEqual({
      accepted: true,
      refusals: [],
      warnings: [],
      parts: { message: "/tokenauth/kayak.mp4", separator: "?verify=", issued },
      key: "old",
    });
  });

  it("accepts it as absolute URL, with a fragment, and under the second key", () => {
    expect(verifyLink(`https://x.example${good}#top`, keys, expected).accepted).toBe(true);
    const link = signLink({
      secret: new TextEncoder().encode("mysecretkey"),
      path: "/a?b=c",
      bind: ["path", "query"],
      parameter: "verify",
      issuedAt: at(issued),
    });
    expect(verifyLink(link, keys, { ...expected, bind: ["path", "query"] })).toMatchObject({
      accepted: true,
      key: "new",
      parts: { message: "/a?b=c", separator: "&verify=" },
    });
  });

  it("ends strictly at issued + lifetime, without leeway", () => {
    const judge = (now: number) => verifyLink(good, keys, { ...expected, now: at(now) });
    expect(judge(issued + 59.999).accepted).toBe(true);
    expect(judge(issued + 60).refusals).toEqual([
      {
        code: "LINK_EXPIRED",
        message: "it ended now (2022-07-05T13:06:53Z), 1m after it was issued",
        hint: "Issue a new link; if it is new, compare the clocks.",
      },
    ]);
    expect(judge(issued + 3660).refusals[0]?.message).toBe(
      "it ended 1h ago (2022-07-05T13:06:53Z), 1m after it was issued",
    );
  });

  it("accepts a link dated ahead, as nothing else is documented, and warns", () => {
    const verdict = verifyLink(good, keys, { ...expected, now: at(issued - 7200) });
    expect(verdict.accepted).toBe(true);
    expect(verdict.warnings).toEqual([
      {
        code: "LINK_ISSUED_AHEAD",
        message: "it is dated ahead: issued in 2h (2022-07-05T13:05:53Z)",
        hint: "Compare the clocks; if nobody dated the link ahead on purpose, replace the secret.",
      },
    ]);
  });

  it.each([
    ["another path", good.replace("kayak", "canoe"), ["LINK_MAC_INVALID"]],
    ["another time", good.replace("1657026353", "1657026354"), ["LINK_MAC_INVALID"]],
    ["a changed MAC", good.replace("-ZXJ", "-AXJ"), ["LINK_MAC_INVALID"]],
    ["a MAC whose unused bits are set", good.replace(/M$/, "N"), ["LINK_MAC_ENCODING"]],
    ["a longer MAC", `${good}A`, ["LINK_MAC_ENCODING"]],
    ["a parameter after it", `${good}&x=1`, ["LINK_MAC_ENCODING"]],
    ["a shorter MAC", good.slice(0, -1), ["LINK_MALFORMED"]],
    ["a 9-digit time", good.replace("1657026353", "165702635"), ["LINK_MALFORMED"]],
    ["no path before the separator", good.replace("/tokenauth/kayak.mp4", ""), ["LINK_MALFORMED"]],
    ["nothing signed at all", "/tokenauth/kayak.mp4", ["LINK_MALFORMED"]],
    [
      "an unencoded standard MAC",
      good.replace(/-ZX.*/, "-ZXJWAyFwAgJSY+5j3CkJE80TatA33E3MEH4D/kSnh7M="),
      ["LINK_MAC_ENCODING"],
    ],
    [
      "a parameter of another length",
      good.replace("verify", "verif"),
      ["LINK_SEPARATOR_MISMATCH", "LINK_MAC_INVALID"],
    ],
  ])("refuses %s", (_, link, wanted) => {
    const verdict = verifyLink(link, keys, expected);
    expect(codes(verdict)).toEqual(wanted);
    expect(verdict.accepted).toBe(false);
  });

  it.each([
    ["another separator of the same length", "&varify", "&varify=", "?verify="],
    ["the separator of another parameter", "?dl=1&v", "=1&v=", "?verify="],
  ])("refuses %s, although the MAC does not cover it", (_, instead, _read, wanted) => {
    const verdict = verifyLink(good.replace("?verify", instead), keys, expected);
    expect(codes(verdict)[0]).toBe("LINK_SEPARATOR_MISMATCH");
    expect(verdict.refusals[0]?.message).toContain(`not \`${wanted}\``);
    expect(verdict.accepted).toBe(false);
  });

  it("refuses a signed query where the ring binds the path alone", () => {
    const link = signLink({
      secret: new TextEncoder().encode("cloudflare"),
      path: "/a?b=c",
      bind: ["path", "query"],
      parameter: "verify",
      issuedAt: at(issued),
    });
    expect(verifyLink(link, keys, { ...expected, bind: ["path"] }).refusals).toEqual([
      {
        code: "LINK_QUERY_UNBOUND",
        message: "the link has a query besides `verify`",
        hint: "Write `bind: [path, query]` in the ring's `hmac` to have them signed, or leave them out.",
      },
    ]);
    expect(verifyLink(link, keys, { ...expected, bind: ["path", "query"] }).accepted).toBe(true);
  });

  it.each(["/a//b", "/a/./b", "/a%2Fb", "/a%25b", "/a;b", "/%41"])(
    "refuses a link on %s, even signed",
    (path) => {
      const mac = encodeMac(linkMac(new TextEncoder().encode("cloudflare"), path, issued), "s");
      const { refusals } = verifyLink(`${path}?verify=${issued}-${mac}`, keys, expected);
      expect(refusals.map(({ code }) => code)).toEqual(["LINK_PATH_AMBIGUOUS"]);
    },
  );

  it("refuses a parameter that stands twice, even signed", () => {
    const message = "/a?verify=1";
    const mac = encodeMac(linkMac(new TextEncoder().encode("cloudflare"), message, issued), "s");
    const verdict = verifyLink(`${message}&verify=${issued}-${mac}`, keys, {
      ...expected,
      bind: ["path", "query"],
    });
    expect(codes(verdict)).toEqual(["LINK_PARAMETER_REPEATED"]);
  });

  it("reports every reason at once, the MAC before the time", () => {
    const verdict = verifyLink(good.replace("kayak", "canoe"), keys, { ...expected, now: at(issued + 61) });
    expect(codes(verdict)).toEqual(["LINK_MAC_INVALID", "LINK_EXPIRED"]);
    expect(verdict.refusals[0]?.message).toBe(
      'none of 2 secrets gives this MAC for "/tokenauth/canoe.mp4" at 1657026353',
    );
  });

  it("wants the encoding that the flags say", () => {
    const standard = good.replace(/-ZX.*/, "-ZXJWAyFwAgJSY%2B5j3CkJE80TatA33E3MEH4D%2FkSnh7M%3D");
    expect(verifyLink(standard, keys, { ...expected, flags: "" }).accepted).toBe(true);
    expect(
      verifyLink(
        standard.toLowerCase().replace(/-zx.*/, "-ZXJWAyFwAgJSY%2b5j3CkJE80TatA33E3MEH4D%2fkSnh7M%3d"),
        keys,
        { ...expected, flags: "" },
      ).accepted,
    ).toBe(true);
    expect(codes(verifyLink(standard, keys, expected))).toEqual(["LINK_MAC_ENCODING"]);
    expect(codes(verifyLink(good, keys, { ...expected, flags: "" }))).toEqual(["LINK_MAC_ENCODING"]);
  });

  it("has no answer that holds a MAC or a secret", () => {
    const text = JSON.stringify(
      [good, `${good}A`, good.replace("kayak", "canoe")].map((link) => verifyLink(link, keys, expected)),
    );
    expect(text).not.toMatch(/ZXJW|mysecretkey|Y2xvdWRmbGFyZQ/);
  });

  propertyTest.prop({
    password: fc
      .string({ minLength: 1, maxLength: 64 })
      .filter((text) => !/\p{Cc}/u.test(text) && text.trim() !== "" && !/^\s*[[{<-]/.test(text)),
    segments: fc.array(fc.stringMatching(/^[A-Za-z0-9_~-]{1,12}$/), { minLength: 1, maxLength: 4 }),
    time: fc.integer({ min: 1_000_000_000, max: 9_999_999_999 }),
    flags: fc.constantFrom<LinkFlags>("", "s"),
    query: fc.constantFrom("", "?a=1234567890-x"),
  })(
    "accepts what signLink signs, in both encodings, whatever digits and dashes the path has",
    ({ password, segments, time, flags, query }) => {
      const key = secret(password, "k");
      const path = `/${segments.join("/")}${query}`;
      const link = signLink({
        secret: Buffer.from(password),
        path,
        parameter: "verify",
        issuedAt: at(time),
        bind: ["path", "query"],
        flags,
      });
      const verdict = verifyLink(link, [key], {
        now: at(time),
        lifetimeSeconds: 1,
        parameter: "verify",
        flags,
        bind: ["path", "query"],
      });
      expect(verdict).toMatchObject({ accepted: true, parts: { message: path, issued: time } });
    },
  );
});

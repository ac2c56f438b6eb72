import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CheckContext } from "./check.ts";
import { check } from "./check.ts";
import { CHOICES, type ChoiceName, type Choices, chosen } from "./choices.ts";
import { parse, parseValue } from "./parser.ts";
import type { RequestInput } from "./request.ts";
import { configurationA, evaluate, everything, sampleRequest } from "./testing/sample.ts";

/** An expression of which the default and another value of a choice differ. */
interface Case {
  readonly text: string;
  readonly request?: Partial<RequestInput>;
  readonly other: Partial<Choices>;
  readonly byDefault: unknown;
  readonly otherwise: unknown;
}

const header = (value: string) => ({ headers: [["x", value]] as const });
const x = 'http.request.headers["x"][0]';
const link = (tail: string) => ({
  path: "/download/cat.jpg",
  query: `verify=1484063787-${tail}`,
  timestampMs: 1_484_063_786_000,
});
const hmac = 'is_timed_hmac_valid_v0("mysecretkey", http.request.uri, 60, http.request.timestamp.sec, 8)';
const mac = "JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D";

/** A signed path that itself looks like a timestamp and a MAC. */
const decoyPath = `/d/1484063787-${"A".repeat(43)}`;
const decoyMac = encodeURIComponent(
  createHmac("sha256", "mysecretkey").update(`${decoyPath}1484063787`).digest("base64"),
);

const evaluated: Partial<Record<ChoiceName, Case>> = {
  jsonDepth: {
    text: `lookup_json_string(${x}, 0, "a")`,
    request: header(`[{"a":"b"},${"[".repeat(100)}${"]".repeat(100)}]`),
    other: { jsonDepth: 64 },
    byDefault: "b",
    otherwise: undefined,
  },
  jsonDuplicateKeys: {
    text: `lookup_json_string(${x}, "a")`,
    request: header('{"a":"b","a":"c"}'),
    other: { jsonDuplicateKeys: "invalid" },
    byDefault: "c",
    otherwise: undefined,
  },
  jsonOtherTypes: {
    text: `lookup_json_string(${x}, "a")`,
    request: header('{"a":5}'),
    other: { jsonOtherTypes: "text" },
    byDefault: undefined,
    otherwise: "5",
  },
  hmacFutureIssued: {
    text: hmac,
    request: link(mac),
    other: { hmacFutureIssued: "refused" },
    byDefault: true,
    otherwise: false,
  },
  hmacPlus: {
    text: hmac,
    request: link(mac.replace("%2B", "+")),
    other: { hmacPlus: "plus" },
    byDefault: false,
    otherwise: true,
  },
  hmacLowerCaseEscapes: {
    text: hmac,
    request: link(mac.replace("%2B", "%2b")),
    other: { hmacLowerCaseEscapes: "refused" },
    byDefault: true,
    otherwise: false,
  },
  hmacSplit: {
    text: hmac,
    request: { ...link(decoyMac), path: decoyPath },
    other: { hmacSplit: "first" },
    byDefault: true,
    otherwise: false,
  },
  urlDecodeInvalid: {
    text: `url_decode(${x})`,
    request: header("%zz"),
    other: { urlDecodeInvalid: "missing" },
    byDefault: "%zz",
    otherwise: undefined,
  },
};

/** An expression whose problems differ. */
const checked: Partial<
  Record<
    ChoiceName,
    { text: string; context: Partial<CheckContext>; other: Partial<Choices>; code: string; flips?: true }
  >
> = {
  lengthUnit: {
    text: `http.host eq "${"é".repeat(2048)}"`,
    context: {},
    other: { lengthUnit: "characters" },
    code: "EXPRESSION_TOO_LONG",
  },
  rateLimitOtherFields: {
    text: "ssl",
    context: { phase: "http_ratelimit", plan: "free", addOns: [] },
    other: { rateLimitOtherFields: "free" },
    code: "FIELD_NOT_AVAILABLE",
  },
  customCharacteristics: {
    text: "http.host",
    context: { phase: "http_ratelimit", use: "characteristic", plan: "business", addOns: [] },
    other: { customCharacteristics: "business" },
    code: "FIELD_NOT_AVAILABLE",
  },
  claimsInTokenRules: {
    text: `len(http.request.jwt.claims["${configurationA}"][0]) gt 0`,
    context: { phase: "http_request_api_gateway_late" },
    other: { claimsInTokenRules: "accepted" },
    code: "FIELD_NOT_AVAILABLE",
  },
};

describe("each choice changes what it says", () => {
  test.each(Object.entries(evaluated))("%s", (_, { text, request, other, byDefault, otherwise }) => {
    expect(evaluate(text, sampleRequest(request))).toEqual(byDefault);
    expect(evaluate(text, sampleRequest(request), other)).toEqual(otherwise);
  });

  test.each(Object.entries(checked))("%s", (_, { text, context, other, code }) => {
    const read = context.use === "characteristic" ? parseValue : parse;
    const codes = (choices: Partial<Choices>) =>
      check(read(text), { ...everything, ...context, choices }).map((problem) => problem.code);
    expect(codes({})).toEqual([code]);
    expect(codes(other)).toEqual([]);
  });

  test("no choice is left out above", () => {
    const names = [...Object.keys(evaluated), ...Object.keys(checked)].sort();
    expect(names).toEqual(Object.keys(CHOICES).sort());
  });

  test("every row has a reason and another value", () => {
    for (const row of Object.values(CHOICES)) {
      expect(row.reason.length).toBeGreaterThan(20);
      expect(row.others).not.toContain(row.value);
      expect(row.others.length).toBeGreaterThan(0);
    }
  });

  test("an unknown name or value is refused", () => {
    expect(() => chosen({ hmacplus: "plus" } as unknown as Choices)).toThrow(
      new RangeError("there is no choice named hmacplus"),
    );
    expect(() => chosen({ hmacPlus: "tab" } as unknown as Choices)).toThrow(
      new RangeError("tab is no value of the choice hmacPlus"),
    );
    expect(() => chosen({ jsonDepth: "8" } as unknown as Choices)).toThrow(
      new RangeError("8 is no value of the choice jsonDepth"),
    );
    expect(chosen({ jsonDepth: 8, hmacPlus: "plus" })).toMatchObject({ jsonDepth: 8, hmacPlus: "plus" });
  });
});

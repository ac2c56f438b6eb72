import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { hasClaim as expressionFor } from "../../model/compile/expressions.ts";
import { holds } from "../../model/compile/testing/verdict.ts";
import type { ClaimPlace, ClaimRequirement, ClaimTest } from "../../model/definition/types.ts";
import { hasClaim } from "../../model/policy/claimTests.ts";
import { ensures } from "../../model/policy/strictness.ts";

/* One claim: the expression that is written for it, as the edge's language reads it, against what the policy says of it. */
const text = fc.constantFrom("admin", "ad", "administrator", "owner", "5", "é", "e\u0301", 'a "b" \\', "min");
const integer = fc.constantFrom(5, 6, 0, -1, 2 ** 53 - 1);
const many = <T extends string | number>(value: fc.Arbitrary<T>) =>
  fc.array(value, { minLength: 1, maxLength: 3 });
const values: fc.Arbitrary<(string | number)[]> = fc.oneof(many(text), many(integer));
const must: fc.Arbitrary<ClaimTest> = fc.oneof(
  values.map((some) => ({ kind: "is" as const, values: some })),
  values.map((some) => ({ kind: "isNot" as const, values: some })),
  fc
    .constantFrom("text" as const, "integer" as const, "either" as const)
    .map((as) => ({ kind: "present" as const, as })),
  fc.record({ least: integer, most: integer }, { requiredKeys: [] }).map((bounds) => ({
    kind: "within" as const,
    ...(bounds.least === undefined && bounds.most === undefined ? { least: 5 } : bounds),
  })),
  fc.record({ starts: text, ends: text }, { requiredKeys: [] }).map((ends) => ({
    kind: "affix" as const,
    ...(ends.starts === undefined && ends.ends === undefined ? { starts: "ad" } : ends),
  })),
);
const element = fc
  .record({ length: fc.integer({ min: 1, max: 3 }), orAlone: fc.boolean() })
  .map((place): ClaimPlace => ({ kind: "element", ...place }));
const required: fc.Arbitrary<ClaimRequirement> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      path: fc.constantFrom(["role"], ["user", "role"]),
      must,
      stands: fc.oneof(fc.constant<ClaimPlace>({ kind: "alone" }), element),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      path: fc.constant(["sub"]),
      must: many(text).map((some) => ({ kind: "is" as const, values: some })),
      stands: fc.constant<ClaimPlace>({ kind: "registered", claim: "sub" }),
    }),
  },
);
const scalar = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 3, arbitrary: integer },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>("", true, false, null, 5.5, 2 ** 63, 1e300, "\ud800", {}),
  },
);
const value = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const document = fc.record({ role: value, sub: value, user: fc.oneof(value, fc.record({ role: value })) });

test("an expression holds for the claims that the policy takes, and what is as strict takes no others", () => {
  const tally = new Tally();
  const settings = fuzzSettings(1);
  fc.assert(
    fc.property(required, required, must, fc.boolean(), document, (claim, drawn, test, same, claims) => {
      // Two claims that have nothing to do with each other show little.
      const other = same && claim.stands.kind !== "registered" ? { ...claim, must: test } : drawn;
      const [first, second] = [claim, other].map((each) => hasClaim(claims, each));
      expect([
        claim,
        claims,
        holds(expressionFor("shop", claim), { path: "/", claims: { shop: claims } }),
      ]).toEqual([claim, claims, first]);
      const [a, b] = [claim, other].map((each) => [{ kind: "claim" as const, ring: "shop", claim: each }]);
      const implied = ensures(a ?? [], b ?? []);
      if (implied && first) expect([claim, other, claims, second]).toEqual([claim, other, claims, true]);
      tally.case();
      tally.count(first ? "taken" : "refused");
      if (implied) tally.count("as strict as another");
      if (implied && first) tally.count("taken by both");
    }),
    settings,
  );
  tally.print("claims", settings);
  for (const kind of ["taken", "refused", "as strict as another", "taken by both"])
    expect([kind, tally.share(kind) > 0.0005]).toEqual([kind, true]);
});

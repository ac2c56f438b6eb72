import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HmacRing, JwtRing, RotationInput } from "../definition/types.ts";
import type { RingWaits } from "../ring/decision.ts";
import { defaultTerms, rotationPolicy, rotationProblems } from "./policy.ts";

const at = { file: "keys.yaml", line: 3, column: 5 };
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function jwt(rotation: Omit<RotationInput, "at">, lifetime = 15 * MINUTE, publishJwks = false): JwtRing {
  const places = Object.fromEntries(
    Object.keys(rotation).map((name, index) => [name, { ...at, column: 20 + index }]),
  );
  return {
    kind: "jwt",
    id: "ring",
    algorithm: "ES256",
    issuers: ["a"],
    audiences: ["b"],
    lifetime,
    scope: { claim: "scope", as: "words" },
    publishJwks,
    rotation: { ...rotation, at: { self: at, ...places } },
    at,
  };
}

function hmac(rotation: Omit<RotationInput, "at">, lifetime: number, longestLifetime?: number): HmacRing {
  return {
    kind: "hmac",
    id: "ring",
    parameter: "verify",
    lifetime,
    bind: ["path"],
    ...(longestLifetime === undefined ? {} : { longestLifetime }),
    rotation: { ...rotation, at: { self: at } },
    at,
  };
}

const codes = (ring: JwtRing | HmacRing, keyLimit?: number) =>
  rotationProblems(ring, keyLimit).map((each) => each.code);

describe("rotationPolicy", () => {
  test("a token of one hour under the defaults", () => {
    const { overlapSeconds, ...policy } = rotationPolicy(jwt({ every: 90 * DAY }, HOUR));
    expect(policy).toMatchObject({
      everySeconds: 90 * DAY,
      leadSeconds: 15 * MINUTE,
      signerLagSeconds: 15 * MINUTE,
      propagationSeconds: 10 * MINUTE,
      consumersCacheSeconds: 0,
      skewSeconds: { controller: 30, signer: 30, edge: 5 },
      leewaySeconds: 60,
      evidenceSeconds: HOUR,
      tickSeconds: 15 * MINUTE,
      lifetimeSeconds: HOUR,
      keysPresent: 2,
    });
    expect(overlapSeconds(HOUR)).toBe(DAY);
    // 15 min + 36 h + 30 s + 60 s + 5 s + 60 s
    expect(overlapSeconds(36 * HOUR)).toBe(36 * HOUR + 17 * MINUTE + 35);
  });

  test("a stated overlap lowers the default, never the formula", () => {
    const { overlapSeconds } = rotationPolicy(jwt({ every: 90 * DAY, overlap: 30 * MINUTE }, HOUR));
    expect(overlapSeconds(HOUR)).toBe(77 * MINUTE + 35);
    expect(overlapSeconds(5 * MINUTE)).toBe(30 * MINUTE);
  });

  test("links have no leeway, and those dated ahead count by their longest life", () => {
    const { overlapSeconds, ...policy } = rotationPolicy(hmac({ every: 90 * DAY, overlap: HOUR }, 3 * HOUR));
    expect([policy.leewaySeconds, overlapSeconds(3 * HOUR)]).toEqual([0, 3 * HOUR + 16 * MINUTE + 35]);
    expect(rotationPolicy(hmac({ every: 90 * DAY }, 3 * HOUR, 20 * HOUR)).lifetimeSeconds).toBe(20 * HOUR);
  });

  test("other consumers of a published key set make the lead a day and more", () => {
    const policy = rotationPolicy(jwt({ every: 90 * DAY }, HOUR, true));
    expect([policy.consumersCacheSeconds, policy.leadSeconds]).toEqual([DAY, DAY + MINUTE]);
    const quick = rotationPolicy(jwt({ every: 90 * DAY, consumersCache: 5 * MINUTE }, HOUR, true));
    expect([quick.consumersCacheSeconds, quick.leadSeconds]).toEqual([5 * MINUTE, DAY]);
  });

  test("every value says where it comes from", () => {
    const { derivation } = rotationPolicy(jwt({ every: 90 * DAY, signerLag: MINUTE }, HOUR));
    expect(derivation).toEqual({
      everySeconds: "stated in the definition",
      leadSeconds: "the larger of 15m and max(P 10m, C 0s) + 2 x 30s controller skew",
      overlapSeconds:
        "the larger of 1d and L 1m + lifetime 1h + signer skew 30s + leeway 1m + edge skew 5s + 2 x 30s controller skew",
      signerLagSeconds: "stated in the definition",
      propagationSeconds: "default",
      consumersCacheSeconds: "only Cloudflare verifies",
      leewaySeconds: "Cloudflare's leeway on exp",
      evidenceSeconds: "default",
      tickSeconds: "default",
      lifetimeSeconds: "stated in the definition",
      keysPresent: "(R + W + O) / R, rounded up",
    });
  });

  test("the decision chain can wait by it", () => {
    const waits: RingWaits = rotationPolicy(jwt({ every: 90 * DAY }));
    expect(waits.everySeconds).toBe(90 * DAY);
  });
});

describe("rotationProblems", () => {
  test("a day cannot be planned with the default overlap of a day, and the value to change is said", () => {
    expect(rotationProblems(jwt({ every: DAY }))).toEqual([
      {
        code: "ROTATION_PERIOD_TOO_SHORT",
        file: "keys.yaml",
        line: 3,
        column: 20,
        severity: "error",
        message: "a period of 1d is shorter than lead 15m + overlap 1d + 3 x 15m",
        hint: "raise every to 1d 1h or more, or state an overlap below its default of 1d",
      },
    ]);
    expect(codes(jwt({ every: 25 * HOUR }))).toEqual([]);
    expect(codes(jwt({ every: 25 * HOUR - 1 }))).toEqual(["ROTATION_PERIOD_TOO_SHORT"]);
    expect(codes(jwt({ every: DAY, overlap: HOUR }))).toEqual([]);
    expect(codes(jwt({ every: DAY - 1, overlap: HOUR }))).toEqual(["ROTATION_PERIOD_TOO_SHORT"]);
  });

  test.each([
    [
      "a lead below P and the clocks",
      jwt({ every: 90 * DAY, lead: 11 * MINUTE - 1 }),
      ["ROTATION_LEAD_TOO_SHORT"],
    ],
    ["a lead of just that", jwt({ every: 90 * DAY, lead: 11 * MINUTE }), []],
    [
      "a longer propagation than the lead",
      jwt({ every: 90 * DAY, lead: 15 * MINUTE, propagation: 15 * MINUTE }),
      ["ROTATION_LEAD_TOO_SHORT"],
    ],
    [
      "a lead below what consumers cache",
      jwt({ every: 90 * DAY, lead: HOUR }, HOUR, true),
      ["ROTATION_LEAD_TOO_SHORT"],
    ],
    [
      "an overlap below the formula",
      jwt({ every: 90 * DAY, overlap: 77 * MINUTE + 34 }, HOUR),
      ["ROTATION_OVERLAP_TOO_SHORT"],
    ],
    ["an overlap of just that", jwt({ every: 90 * DAY, overlap: 77 * MINUTE + 35 }, HOUR), []],
    [
      "an overlap of more than a week",
      jwt({ every: 90 * DAY, overlap: 7 * DAY + 1 }),
      ["ROTATION_OVERLAP_LONG"],
    ],
    ["more than a year", jwt({ every: 365 * DAY + 1 }), ["ROTATION_PERIOD_LONG"]],
  ])("%s", (_name, ring, expected) => {
    expect(codes(ring)).toEqual(expected);
  });

  test("keys in an overlap and the reserve must fit the configuration", () => {
    expect(codes(jwt({ every: 90 * DAY }), 3)).toEqual([]);
    expect(codes(jwt({ every: 90 * DAY }), 2)).toEqual(["ROTATION_OVER_CAPACITY"]);
    expect(codes(hmac({ every: 90 * DAY }, HOUR), 2)).toEqual([]);
  });

  test("clocks further apart than the leeway are refused", () => {
    const terms = { ...defaultTerms(), skewSigner: 56 };
    expect(rotationProblems(jwt({ every: 90 * DAY }), undefined, terms).map((each) => each.code)).toEqual([
      "ROTATION_SKEW",
    ]);
    expect(rotationProblems(jwt({ every: 90 * DAY }), undefined, { ...terms, skewSigner: 55 })).toEqual([]);
  });

  test("a plan without an error leaves room for every wait", () => {
    const seconds = fc.integer({ min: 60, max: 40 * DAY });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.record(
          {
            every: fc.integer({ min: DAY, max: 400 * DAY }),
            lead: seconds,
            overlap: seconds,
            propagation: seconds,
            signerLag: seconds,
          },
          { requiredKeys: ["every"] },
        ),
        fc.integer({ min: 60, max: DAY }),
        fc.boolean(),
        (rotation, lifetime, publish) => {
          const ring = jwt(rotation as Omit<RotationInput, "at">, lifetime, publish);
          if (rotationProblems(ring, 16).some((each) => each.severity === "error")) return;
          accepted += 1;
          const policy = rotationPolicy(ring);
          const overlap = policy.overlapSeconds(lifetime);
          expect(policy.leadSeconds).toBeGreaterThanOrEqual(
            Math.max(policy.propagationSeconds, policy.consumersCacheSeconds) + 60,
          );
          expect(overlap).toBeGreaterThanOrEqual(policy.signerLagSeconds + lifetime + 155);
          expect(policy.everySeconds).toBeGreaterThanOrEqual(policy.leadSeconds + overlap + 45 * MINUTE);
          expect(policy.keysPresent).toBe(2);
        },
      ),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe("where a problem points, and what it advises", () => {
  const [problem] = rotationProblems(jwt({ every: DAY, overlap: DAY }));

  test("an overlap of a day that is stated is not called the default", () => {
    expect(problem?.hint).toBe("raise every to 1d 1h or more, or shorten lead, overlap or the lifetime");
    const long = rotationProblems(jwt({ every: 2 * DAY }, 47 * HOUR)).map(({ hint }) => hint);
    expect(long).toEqual(["raise every to 2d 17m 35s or more, or shorten lead, overlap or the lifetime"]);
  });

  test("at the member that is stated, else at the rotation, else at the ring", () => {
    const places = (ring: JwtRing | HmacRing) =>
      rotationProblems(ring, 1).map(({ code, column }) => [code, column]);
    const short = jwt({ every: 90 * DAY, lead: MINUTE, overlap: MINUTE });
    expect(places(short)).toEqual([
      ["ROTATION_LEAD_TOO_SHORT", 21],
      ["ROTATION_OVERLAP_TOO_SHORT", 22],
      ["ROTATION_OVER_CAPACITY", 20],
    ]);
    const long = jwt({ every: 90 * DAY }, 8 * DAY);
    const self = { ...at, column: 9 };
    const within = { ...long, rotation: { ...long.rotation, at: { self } } } as JwtRing;
    const bare = { ...long, rotation: { ...long.rotation, at: {} } } as JwtRing;
    expect(places(within)[0]).toEqual(["ROTATION_OVERLAP_LONG", 9]);
    expect(places(bare)[0]).toEqual(["ROTATION_OVERLAP_LONG", 5]);
    const daily = { ...long, rotation: { ...bare.rotation, every: HOUR } } as JwtRing;
    expect(places(daily).find(([code]) => code === "ROTATION_PERIOD_TOO_SHORT")).toEqual([
      "ROTATION_PERIOD_TOO_SHORT",
      5,
    ]);
  });

  test("an overlap of a week and a period of a year are no warning yet", () => {
    expect(codes(jwt({ every: 90 * DAY, overlap: 7 * DAY }))).toEqual([]);
    expect(codes(jwt({ every: 365 * DAY }))).toEqual([]);
  });

  test("how far the clocks may differ is their sum", () => {
    const terms = { ...defaultTerms(), skewSigner: 56 };
    expect(rotationProblems(jwt({ every: 90 * DAY }), undefined, terms)[0]?.message).toBe(
      "the clocks of signer and edge may differ by 1m 1s, more than the leeway of 1m: fresh tokens would be refused by their nbf",
    );
  });
});

test("a stated overlap stands in the derivation; a stated cache alone makes consumers, and links have none", () => {
  const { derivation } = rotationPolicy(jwt({ every: 90 * DAY, overlap: 30 * MINUTE }));
  expect(derivation.overlapSeconds).toMatch(/^the larger of 30m and /);
  expect(rotationPolicy(jwt({ every: 90 * DAY, consumersCache: HOUR })).consumersCacheSeconds).toBe(HOUR);
  const links = hmac({ every: 90 * DAY, consumersCache: HOUR }, HOUR);
  expect(rotationPolicy(links).consumersCacheSeconds).toBe(0);
  const lifetimes = [undefined, MINUTE].map((longest) => hmac({ every: 90 * DAY }, HOUR, longest));
  expect(lifetimes.map((ring) => rotationPolicy(ring).lifetimeSeconds)).toEqual([HOUR, HOUR]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzzSettings } from "../../edge/language/testing/runs.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Environment, Ring } from "../../model/definition/types.ts";
import { ringDefinition } from "../../model/ring/ringDefinition.ts";
import { defaultTerms, rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { CRASHES, RingWorld, type RingWorldOptions } from "../support/ringWorld.ts";

const { numRuns: RUNS, seed: SEED } = fuzzSettings(0.15);

const ENVIRONMENT = {
  stack: "dev",
  zones: [{ id: "a".repeat(32), name: "example.com", plan: "enterprise", addOns: ["api_shield"] }],
  hosts: {},
  mode: "block",
} as unknown as Environment;

const YAML = `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 2d }
    signer: { output: true }
`;

const RING = loadDefinitions([{ path: "rules/keys.yaml", text: YAML }], ENVIRONMENT).definitions
  .rings[0] as Ring;

/** The formulas alone: no default that is larger than they are. */
const TERMS = { ...defaultTerms(), leadEdgeOnly: 0, overlapFloor: 0 };
const POLICY = rotationPolicy(RING, TERMS);
const BOUNDS = {
  propagation: TERMS.propagation,
  signerLag: TERMS.signerLag,
  skewController: TERMS.skewController,
  skewSigner: TERMS.skewSigner,
  skewEdge: TERMS.skewEdge,
  leeway: TERMS.leeway,
};

type Command = readonly [
  name: "tick" | "skew" | "plain" | "force" | "lifetime" | "algorithm" | "abort" | "revoke",
  crash: (typeof CRASHES)[number],
  number: number,
];

const crash = fc.oneof(
  { weight: 3, arbitrary: fc.constant("none" as const) },
  { weight: 1, arbitrary: fc.constantFrom(...CRASHES) },
);
const ordinary = fc.oneof(
  { weight: 12, arbitrary: fc.constant("tick" as const) },
  { weight: 2, arbitrary: fc.constantFrom("skew" as const, "plain" as const, "force" as const) },
  { weight: 1, arbitrary: fc.constantFrom("lifetime" as const, "algorithm" as const) },
);
const commands = (name: fc.Arbitrary<Command[0]>): fc.Arbitrary<Command[]> =>
  fc.array(fc.tuple(name, crash, fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 20,
    maxLength: 60,
  });
const withOperators = fc.oneof(
  { weight: 12, arbitrary: ordinary },
  { weight: 1, arbitrary: fc.constantFrom("abort" as const, "revoke" as const) },
);

/** Draws from a list, over and over; most of it are the ends of the range. */
const draws = fc.array(
  fc.oneof(
    { weight: 7, arbitrary: fc.constantFrom(0, 1) },
    { weight: 3, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  {
    minLength: 40,
    maxLength: 40,
  },
);

function play(
  trace: readonly Command[],
  values: readonly number[],
  waits: RingWorldOptions["waits"] = POLICY,
  more: Partial<RingWorldOptions> = {},
): RingWorld {
  let next = 0;
  const draw = () => {
    next += 1;
    return values[next % values.length] ?? 0;
  };
  const world = new RingWorld({
    definition: ringDefinition(RING, ENVIRONMENT.zones, []),
    waits,
    bounds: BOUNDS,
    draw,
    ...more,
  });
  for (const [name, died, number] of trace) {
    if (name === "tick") world.tick(died, false);
    else if (name === "force") world.tick(died, true);
    else if (name === "skew") world.setSkew();
    else if (name === "plain") world.plainUp(died);
    else if (name === "lifetime") world.changeLifetime(number < 0.5 ? 300 : 3600);
    else if (name === "algorithm") world.changeAlgorithm(number < 0.5 ? "ES256" : "RS256");
    else if (name === "abort") world.abort(died);
    else world.revoke(died);
  }
  return world;
}

describe("whatever happens", () => {
  test("no valid token is refused, no key set is empty or too large, no key goes back (I1, I3, I6 to I9)", () => {
    let promotions = 0;
    fc.assert(
      fc.property(commands(ordinary), draws, (trace, values) => {
        const world = play(trace, values);
        promotions += world.promotions.length;
        expect(world.judge()).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    process.stderr.write(`ring traces: ${RUNS} runs, ${promotions} promotions, seed ${SEED}\n`);
    expect(promotions).toBeGreaterThan(RUNS);
  });

  test("an operator's abort and revoke leave a key that signs, and refuse no other key's tokens", () => {
    fc.assert(
      fc.property(commands(withOperators), draws, (trace, values) => {
        expect(play(trace, values).judge()).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test("a late run is a safe run (I13)", () => {
    fc.assert(
      fc.property(
        commands(ordinary),
        draws,
        fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 5 }),
        (trace, values, delays) => {
          let next = 0;
          const late = trace.flatMap((command): Command[] => {
            next += 1;
            return (delays[next % delays.length] ?? 0) > 43_200_000 ? [] : [command];
          });
          expect(play(late, values).judge()).toEqual([]);
        },
      ),
      { numRuns: Math.ceil(RUNS / 4), seed: SEED },
    );
  });
});

const shortened = (terms: Partial<typeof TERMS>) => rotationPolicy(RING, { ...TERMS, ...terms });

/** The waits with one thing left out; each must lead to refused tokens, or the test above could not fail. */
const CONTROLS: readonly [string, RingWorldOptions["waits"], Partial<RingWorldOptions>?][] = [
  ["W without P", { ...POLICY, leadSeconds: POLICY.leadSeconds - TERMS.propagation }],
  [
    "W without the controller's skews",
    { ...POLICY, leadSeconds: shortened({ skewController: 0 }).leadSeconds },
  ],
  ["O without L", { ...POLICY, overlapSeconds: shortened({ signerLag: 0 }).overlapSeconds }],
  ["O without the lifetime", { ...POLICY, overlapSeconds: () => POLICY.overlapSeconds(0) }],
  ["O without the signer's skew", { ...POLICY, overlapSeconds: shortened({ skewSigner: 0 }).overlapSeconds }],
  ["O without the leeway", { ...POLICY, overlapSeconds: shortened({ leeway: 0 }).overlapSeconds }],
  ["O without the edge's skew", { ...POLICY, overlapSeconds: shortened({ skewEdge: 0 }).overlapSeconds }],
  [
    "O without the controller's skews",
    { ...POLICY, overlapSeconds: shortened({ skewController: 0 }).overlapSeconds },
  ],
  ["no wait at all and a canary that hopes", { ...POLICY, leadSeconds: 0 }, { blindCanary: true }],
];

describe("a wait with a term left out refuses tokens", () => {
  test.each(CONTROLS)("%s", (_label, waits, more) => {
    const outcome = fc.check(
      fc.property(
        commands(fc.constantFrom("tick", "tick", "tick", "tick", "skew", "force")),
        draws,
        (trace, values) => {
          const calm = trace.map(([name, , number]): Command => [name, "none", number]);
          return play(calm, values, waits, more).judge().length === 0;
        },
      ),
      { numRuns: 3000, seed: SEED, endOnFailure: true },
    );
    expect(outcome.failed).toBe(true);
  });
});

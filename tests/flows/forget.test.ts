import { expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { activate, held, openProject, TWO_ZONES, ZONES } =
  native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { forget } = native<typeof import("../../scripts/rotate/forget.ts")>("scripts/rotate/forget.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");

vi.setConfig({ testTimeout: 120_000 });

const [COM] = ZONES as [(typeof ZONES)[number], (typeof ZONES)[number]];

/** A ring `shop` in both zones, a ring `spare` that a rule asks in one, and one that nothing uses. */
const SPARE = `  spare:
    algorithm: ES256
    tokens: { issuer: https://spare.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 30d }
`;
const KEYS = TWO_ZONES["keys.yaml"];
const COM_HOST = TWO_ZONES["com.yaml"].replace(
  "tokens: { ring: shop, in: [header authorization] }",
  "tokens: [{ ring: shop, in: [header authorization] }, { ring: spare, in: [header x-spare] }]",
);
const RULE = "  - { id: spares, match: { path: /spares/* }, require: { ring: spare } }\n";
const WITH_RULE = { ...TWO_ZONES, "keys.yaml": KEYS + SPARE, "com.yaml": COM_HOST + RULE };
const WITHOUT_RULE = { ...WITH_RULE, "com.yaml": COM_HOST };

const deployed = (async () => {
  const world = await openProject({ files: WITH_RULE });
  await world.local.runner.up();
  await activate(world, ["shop", "spare"]);
  return world.save();
})();

/** The rule is gone and deployed, and P has passed since. */
const ruleless = (async () => {
  const world = await openProject({ files: WITHOUT_RULE, from: await deployed });
  const run = await world.local.runner.up();
  if (!run.ok) throw new Error(run.diagnostics.join());
  return world;
})();

test("a ring that a deployed rule asks is not given up, and the rule is named", async () => {
  const world = await openProject({ files: WITHOUT_RULE, from: await deployed });
  let result: unknown;
  const changed = await leftAsItWas(world, async () => {
    result = await forget(world.rotation, "spare");
  });
  expect([changed, result]).toEqual([
    [],
    {
      ok: false,
      refused: {
        code: "RING_IN_USE",
        message:
          "ring spare is asked by a rule that is deployed: spares in example.com. Take the ring out of them and leave it under `tokens`, run `pulumi up`, and run this again ten minutes later",
      },
    },
  ]);
});

test("nor before the rule is gone everywhere; then it is, once, and nothing brings it back", async () => {
  const early = await ruleless;
  const refused = await forget(early.rotation, "spare");
  expect(refused.refused?.code).toBe("FORGET_TOO_EARLY");
  const until = Date.parse(/at (\S+) or later/.exec(refused.refused?.message ?? "")?.[1] ?? "");
  // P and twice the controller's skew, from a stamp that is rounded up to the next second.
  expect(until - early.clock.now()).toBeGreaterThanOrEqual(660_000);
  early.clock.set(until);
  const other = held(early, COM).filter((name) => !name.includes("spare"));

  const done = await forget(early.rotation, "spare");
  expect(done).toMatchObject({
    ok: true,
    run: { ok: true },
    next: expect.stringMatching(/^take ring spare out/),
  });
  expect((await early.ring("spare")).forgottenAt).toBe(new Date(until).toISOString());
  const again = await forget(early.rotation, "spare");
  expect(again).toEqual({ ok: true, next: done.next });
  const ticked = await rotate(early.rotation, { force: true, rings: ["spare"] });
  expect(ticked).toMatchObject({ ok: true, rings: [{ decision: { step: "wait" } }] });

  // Neither the definitions that were deployed nor older ones deploy again.
  for (const files of [WITHOUT_RULE, WITH_RULE]) {
    const older = await openProject({ files, from: early.save() });
    let said = "";
    const changed = await leftAsItWas(older, async () => {
      said = (await older.local.runner.up()).diagnostics.join();
    });
    expect(changed).toEqual([]);
    expect(said).toMatch(
      /^RING_FORGOTTEN: ring spare was given up .* A ring that is to come back needs another id$/,
    );
  }

  const without = await openProject({ files: TWO_ZONES, from: early.save() });
  expect(await without.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  expect(held(without, COM).filter((name) => name.includes("spare"))).toEqual([]);
  expect(held(without, COM)).toEqual(other);
  expect((await without.ring("spare")).keys.map(({ state }) => state)).toEqual(["FORGOTTEN"]);
  const left = without.local.runner.state().resources.map(({ urn }) => urn);
  expect(left.filter((urn) => urn.includes("spare"))).toEqual([]);
  expect(await forget(without.rotation, "spare")).toEqual({
    ok: true,
    next: "nothing: ring spare was given up, and is deployed no more",
  });
  expect(await rotate(without.rotation)).toMatchObject({ ok: true });
  const older = await openProject({ files: WITH_RULE, from: without.save() });
  expect((await older.local.runner.up()).diagnostics.join()).toMatch(/^RING_FORGOTTEN/);
});

test("a ring that no host uses stops no rotation, and can be given up at once", async () => {
  const files = { ...TWO_ZONES, "keys.yaml": KEYS + SPARE };
  const world = await openProject({ files });
  await world.local.runner.up();
  await activate(world, ["shop", "files"]);
  const result = await rotate(world.rotation);
  expect([result.ok, result.rings.at(-1)?.decision.reason]).toEqual([
    true,
    "no rule uses ring spare: its keys stay as they are until one does; `keyturn forget spare` gives it up",
  ]);
  world.clock.advance(700_000);
  expect(await forget(world.rotation, "spare")).toMatchObject({ ok: true });
  const without = await openProject({ files: TWO_ZONES, from: world.save() });
  expect(await without.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  expect((await without.ring("spare")).keys.map(({ state }) => state)).toEqual(["FORGOTTEN"]);
});

test("a ring that is not known is said to be unknown", async () => {
  const world = await openProject({ files: WITHOUT_RULE, from: await deployed });
  expect(await forget(world.rotation, "nope")).toEqual({
    ok: false,
    refused: { code: "RING_UNKNOWN", message: "the deployed definitions have no ring nope" },
  });
});

import { expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { answers, FILES, fetchFrom, makeKey, open, settle, states } = native<
  typeof import("../support/mirroredWorld.ts")
>("tests/support/mirroredWorld.ts");
const { cutShort } = native<typeof import("../support/cutShort.ts")>("tests/support/cutShort.ts");
const { forget } = native<typeof import("../../scripts/rotate/forget.ts")>("scripts/rotate/forget.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { ZONES } = native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");

vi.setConfig({ testTimeout: 120_000 });

/* What the ring of an identity provider's keys has in common with rings of our own: faults, crashes, zones, its end. */

const TWO = {
  ...FILES,
  "org.yaml": `host: api.example.org
tokens: { ring: staff, in: [header authorization] }
rules:
  - { id: carts, match: { path: /carts/* }, require: { ring: staff } }
`,
};

const keys = (async () => ({ one: await makeKey("one"), two: await makeKey("two", "RS256") }))();

/** Deployed to two zones and known everywhere, with one key. */
const active = (async () => {
  const world = await open(undefined, TWO);
  await fetchFrom(world, [(await keys).one]);
  const up = await world.local.runner.up();
  if (!up.ok) throw new Error(up.diagnostics.join());
  const moves = await settle(world);
  world.clock.advance(600_000);
  return { moves, saved: world.save() };
})();

const kids = (world: Awaited<ReturnType<typeof open>>) =>
  ZONES.map(({ id }) =>
    world.edge.world.zone(id).tokenConfigurations.flatMap((entry) => entry.keys.map(({ kid }) => kid)),
  );

test("every zone has the keys that were fetched, the first and those that came since", async () => {
  const { one, two } = await keys;
  const { moves, saved } = await active;
  const world = await open(saved, TWO);
  expect([moves, kids(world)]).toEqual([["trust"], [["one"], ["one"]]]);
  await fetchFrom(world, [one, two]);
  expect(kids(world)).toEqual([
    ["one", "two"],
    ["one", "two"],
  ]);
  expect(await settle(world)).toEqual(["trust"]);
});

test("a key set that somebody changed stops the run; --restore writes the ledger's, in the zone that it is in", async () => {
  const { one } = await keys;
  const world = await open((await active).saved, TWO);
  const zone = ZONES[1]?.id ?? "";
  const { tokenConfigurations } = world.edge.world.zone(zone);
  world.edge.world.commitZone(
    zone,
    "tokenConfigurations",
    tokenConfigurations.map((entry) => ({ ...entry, keys: [] })),
  );
  const found = await rotate(world.rotation);
  expect(found.rings[0]?.decision).toMatchObject({ step: "stop", code: "DRIFT" });
  expect((await fetchFrom(world, [one])).ok).toBe(true);
  expect(kids(world)).toEqual([["one"], []]);
  expect(await rotate(world.rotation, { restore: true })).toMatchObject({ ok: true });
  expect(kids(world)).toEqual([["one"], ["one"]]);
  world.clock.advance(600_000);
  expect(await answers(world, one)).toEqual([200, 200, 200]);
});

test("nothing is begun, given up or attested of keys that somebody else makes", async () => {
  const world = await open((await active).saved, TWO);
  const attest = { reason: "token log", by: "A. Writer" };
  for (const wish of [{ abort: true }, { attest, rings: ["staff"] }]) {
    const { rings } = await rotate(world.rotation, wish);
    expect(rings[0]?.decision).toMatchObject({ step: "stop", code: "NOT_OF_A_MIRROR" });
  }
  const forced = await rotate(world.rotation, { force: true });
  expect(forced.rings[0]?.decision).toMatchObject({
    step: "wait",
    reason: "whoever makes the keys of staff turns them; `keyturn jwks fetch staff` takes new ones",
  });
});

test("a run that dies between two zones is finished by the next, and a fetch waits for it", async () => {
  const { one, two } = await keys;
  const world = await open((await active).saved, TWO);
  let written = 0;
  const saved = await cutShort(
    world,
    () => fetchFrom(world, [one, two]),
    (moment, method) => {
      if (moment === "effect" && method === "PUT") written += 1;
      return moment === "saved" && written === 1;
    },
  );
  const next = await open(saved, TWO);
  expect(
    kids(next)
      .map((each) => each.length)
      .sort(),
  ).toEqual([1, 2]);
  expect(await fetchFrom(next, [one, two])).toMatchObject({ ok: false, refused: { code: "FENCED" } });
  expect((await rotate(next.rotation)).ok).toBe(true);
  expect(kids(next)).toEqual([
    ["one", "two"],
    ["one", "two"],
  ]);
  expect(await states(next)).toEqual(["k1 one ES256 ACTIVE", "k2 two RS256 PUBLISHED"]);
  expect(await settle(next)).toEqual(["trust"]);
});

test("a ring that is given up goes with the deploy that has it no more, and does not come back", async () => {
  const WITHOUT = {
    ...TWO,
    "api.yaml": FILES["api.yaml"].replace(
      /rules:[\s\S]*/,
      "rules:\n  - { id: open, match: { path: /a }, require: none }\n",
    ),
    "org.yaml": TWO["org.yaml"].replace(", require: { ring: staff }", ", require: none"),
  };
  const used = await open((await active).saved, TWO);
  expect(await forget(used.rotation, "staff")).toMatchObject({ refused: { code: "RING_IN_USE" } });
  const unused = await open((await active).saved, WITHOUT);
  expect(await unused.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  unused.clock.advance(3_600_000);
  expect(await forget(unused.rotation, "staff")).toMatchObject({ ok: true });
  const BARE = Object.fromEntries(
    Object.entries(WITHOUT).flatMap(([name, text]) =>
      name === "keys.yaml" ? [] : [[name, text.replace(/tokens: .*\n/, "")]],
    ),
  );
  const gone = await open(unused.save(), BARE);
  expect(await gone.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  expect(kids(gone)).toEqual([[], []]);
  const back = await open(gone.save(), TWO);
  expect((await back.local.runner.up()).diagnostics.join()).toContain("RING_FORGOTTEN");
});

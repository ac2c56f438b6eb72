import { expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { activate, openProject, TWO_ZONES } =
  native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");

vi.setConfig({ testTimeout: 120_000 });

const OLD = "https://auth.example.com/";
const NEW = "https://new.example.com/";

test.each([
  ["another issuer", "keys.yaml", OLD, NEW],
  ["one more issuer before it", "keys.yaml", OLD, `[${NEW}, ${OLD}]`],
  ["one more issuer behind it", "keys.yaml", OLD, `[${OLD}, ${NEW}]`],
  [
    "one more place before it",
    "com.yaml",
    "[header authorization]",
    "[cookie session, header authorization]",
  ],
] as const)(
  "%s in the middle of a rotation holds it up at no point of presence",
  async (_label, file, from, to) => {
    const world = await openProject({ files: TWO_ZONES });
    await world.local.runner.up();
    await activate(world, ["shop"]);
    const tick = async (of: typeof world, force = false) => {
      const { rings, refused } = await rotate(of.rotation, { rings: ["shop"], force });
      if (refused) throw new Error(refused.message);
      return rings[0]?.decision;
    };
    let decision = await tick(world, true);
    while (decision?.step === "advance") decision = await tick(world);
    if (decision?.step !== "wait") throw new Error(decision?.reason);
    world.clock.set(Date.parse(decision.until));
    expect((await world.ring("shop")).keys.map(({ state }) => state)).toEqual(["ACTIVE", "PUBLISHED"]);

    const moved = await openProject({
      files: { ...TWO_ZONES, [file]: TWO_ZONES[file].replace(from, to) },
      from: world.save(),
    });
    expect(await moved.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
    // Not a second later: most places still have the rules of before.
    const verified = await tick(moved);
    expect(verified).toMatchObject({ step: "advance", advance: { move: { kind: "verify", key: "k2" } } });
  },
);

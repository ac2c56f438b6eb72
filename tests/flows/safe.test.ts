import { afterAll, describe, expect, test, vi } from "vitest";
import type { Advance } from "../../model/ring/advance.ts";
import { LEDGER_FORMAT } from "../../model/ring/ledger.ts";
import { native } from "../support/native.ts";

const { atStage, leftAsItWas, stages } =
  native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { checkout, editOutputs } = native<typeof import("../support/checkouts.ts")>(
  "tests/support/checkouts.ts",
);
const { zoneId } = native<typeof import("../support/shape.ts")>("tests/support/shape.ts");
const { programCopy } = native<typeof import("../support/programCopy.ts")>("tests/support/programCopy.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { removeTemporaryFolders } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 120_000 });
afterAll(removeTemporaryFolders);

type World = Awaited<ReturnType<typeof atStage>>;

const STAGES = [
  "verify k1",
  "promote k1",
  "generate k2",
  "publish k2",
  "verify k2",
  "promote k2",
  "acknowledge k1",
  "retire k1",
  "confirm k1",
];

async function decided(world: World, force: boolean): Promise<Advance> {
  const { rings } = await rotate(world.rotation, { dryRun: true, force });
  const decision = rings[0]?.decision;
  if (decision?.step !== "advance") throw new Error(JSON.stringify(decision));
  return decision.advance;
}

/** What a run that must be refused says; and what it changed, which must be nothing. */
async function refusal(world: World, run: () => Promise<{ ok: boolean; diagnostics: readonly string[] }>) {
  let said = "";
  const changed = await leftAsItWas(world, async () => {
    const { ok, diagnostics } = await run();
    said = ok ? "ok" : diagnostics.join("; ");
  });
  return { code: /[A-Z_]{5,}(?=:)/.exec(said)?.[0] ?? said, said, changed };
}

describe("two runs of rotate at once", () => {
  test.each(STAGES)(
    "both decide on %s: the second up does nothing, and the end is that of one run",
    async (stage) => {
      const world = await atStage("symmetric", stage);
      const force = stage === "generate k2";
      const first = await decided(world, force);
      world.clock.advance(1000);
      const second = await decided(world, force);
      expect((await world.local.runner.up({ advance: first })).ok).toBe(true);
      const [ledger, writes] = [await world.ledger(), world.writes.length];
      expect(await world.local.runner.up({ advance: second })).toMatchObject({ ok: true });
      expect([await world.ledger(), world.writes.length]).toEqual([ledger, writes]);
    },
  );

  test("of two ups in the same moment one gets the lock and the other is told who holds it", async () => {
    const world = await atStage("symmetric", "publish k2");
    const advance = await decided(world, false);
    const { runner } = world.local;
    const [first, second] = await Promise.all([runner.up({ advance }), runner.up({ advance })]);
    expect(first).toMatchObject({ ok: true });
    expect(second.diagnostics).toEqual([
      "STACK_LOCKED: the stack is currently locked by 1 lock(s): in-process runner, since 2026-11-22T12:18:01.000Z. If that run is dead: `keyturn rotate --cancel-lock`",
    ]);
    expect((await world.ring()).serial).toBe(advance.serial);
  });

  test("the same advance twice is one move", async () => {
    const world = await atStage("symmetric", "publish k2");
    const advance = await decided(world, false);
    await world.local.runner.up({ advance });
    expect(await leftAsItWas(world, () => world.local.runner.up({ advance }))).toEqual([]);
  });
});

describe("a foreign advance is refused and nothing is touched", () => {
  test.each([
    ["for another stack", { stack: "organization/keyturn/prod" }, "ADVANCE_STACK"],
    ["for another ring", { ring: "other" }, "ADVANCE_RING_UNKNOWN"],
    ["decided on another ledger", { ledger: "0000000000000000" }, "ADVANCE_STALE"],
    ["of another form", { format: 2 }, "ADVANCE_UNREADABLE"],
    ["with another member", { hurry: true }, "ADVANCE_UNREADABLE"],
  ])("%s", async (_label, change, code) => {
    const world = await atStage("symmetric", "publish k2");
    const advance = { ...(await decided(world, false)), ...change } as Advance;
    const found = await refusal(world, () => world.local.runner.up({ advance }));
    expect(found).toMatchObject({ code, changed: [] });
    expect(found.said).toMatch(/unset|run /i);
  });
});

describe("a plain up", () => {
  test.each(["asymmetric", "symmetric", "links"] as const)(
    "changes nothing at any stage (%s)",
    async (kind) => {
      for (const stage of (await stages(kind)).keys()) {
        const world = await atStage(kind, stage);
        const writes = world.writes.length;
        const ledger = await world.ring();
        const run = await world.local.runner.up();
        expect([stage, run]).toMatchObject([stage, { ok: true, diagnostics: [] }]);
        expect([stage, Object.keys(run.changes)]).toEqual([stage, ["same"]]);
        expect([stage, world.writes.slice(writes)]).toEqual([stage, []]);
        expect(await world.ring()).toEqual(ledger);
      }
    },
  );
});

describe("an up from an older checkout changes no key and writes nothing", () => {
  async function from(stage: string, local: NonNullable<Parameters<typeof atStage>[2]>["local"]) {
    const world = await atStage("asymmetric", stage, { local: local ?? {} });
    return refusal(world, () => world.local.runner.up());
  }

  test("that predates the ring", async () => {
    const rules = checkout("asymmetric", (text, file) =>
      file === "keys.yaml" ? text.replace("  shop:", "  other:") : text.replace("ring: shop", "ring: other"),
    );
    expect(await from("promote k2", { rules })).toEqual({
      code: "RING_MISSING",
      said: "RING_MISSING: ring shop has live keys (k1 ACTIVE, k2 VERIFIED) and is not in the definitions: update this checkout, put the ring back, say `was: shop` in the ring that goes on with its keys, or give the ring up: `keyturn forget shop`",
      changed: [],
    });
  });

  test("in which the ring has another algorithm: the keys stay, and only the next one will be made so", async () => {
    const rules = checkout("asymmetric", (text) => text.replace("ES256", "RS256"));
    const world = await atStage("asymmetric", "end", { local: { rules } });
    const [writes, ring] = [world.writes.length, await world.ring()];
    expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
    expect([world.writes.length, await world.ring()]).toEqual([writes, ring]);
  });

  test("whose program does not know the algorithm", async () => {
    const program = programCopy("model/facts/algorithms.ts", (text) => text.replaceAll('"ES256"', '"ES999"'));
    const rules = checkout("asymmetric", (text) => text.replace("ES256", "RS256"));
    expect(await from("promote k2", { program, rules })).toMatchObject({
      code: "ALGORITHM_UNKNOWN",
      changed: [],
    });
  });

  test("whose program writes an older ledger", async () => {
    const world = await atStage("asymmetric", "promote k2");
    editOutputs(world, (outputs) => ({
      ...outputs,
      ledger: { ...(outputs.ledger as object), format: LEDGER_FORMAT + 1, new: {} },
    }));
    expect(await refusal(world, () => world.local.runner.up())).toEqual({
      code: "LEDGER_FORMAT_NEWER",
      said: `LEDGER_FORMAT_NEWER: this stack's ledger has format ${LEDGER_FORMAT + 1}, this program knows up to ${LEDGER_FORMAT}: deploy from the newer checkout that wrote it`,
      changed: [],
    });
  });
});

describe("a ledger that is not to be used", () => {
  test("a lost one", async () => {
    const world = await atStage("asymmetric", "promote k2");
    editOutputs(world, ({ ledger: _lost, ...others }) => others);
    expect(await refusal(world, () => world.local.runner.up())).toMatchObject({
      code: "LEDGER_LOST",
      changed: [],
    });
    await expect(rotate(world.rotation)).rejects.toThrow(/^LEDGER_LOST: .*Restore the state/);
  });

  test("one of another project", async () => {
    const world = await atStage("asymmetric", "promote k2");
    editOutputs(world, (outputs) => ({
      ...outputs,
      ledger: { ...(outputs.ledger as object), stack: "organization/other/dev" },
    }));
    expect(await refusal(world, () => world.local.runner.up())).toMatchObject({
      code: "LEDGER_FOREIGN",
      changed: [],
    });
  });

  test("one changed by hand", async () => {
    const world = await atStage("asymmetric", "promote k2");
    editOutputs(world, (outputs) => ({
      ...outputs,
      ledger: { ...(outputs.ledger as object), rings: { shop: 7 } },
    }));
    expect(await refusal(world, () => world.local.runner.up())).toMatchObject({
      code: "LEDGER_UNREADABLE",
      changed: [],
    });
  });
});

describe("rotate works from what is deployed", () => {
  test("a changed rule waits for its up and holds no key up", async () => {
    const rules = checkout("asymmetric", (text) => text.replace("/orders/*", "/orders/new/*"));
    const world = await atStage("asymmetric", "publish k2", { local: { rules } });
    const before = world.edge.world.zone(zoneId(world)).rulesets;
    expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
    expect(world.edge.world.zone(zoneId(world)).rulesets).toEqual(before);
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(JSON.stringify(world.edge.world.zone(zoneId(world)).rulesets)).toContain("/orders/new/");
  });

  test("a program that fails before it begins moves nothing", async () => {
    const program = programCopy(
      "infra/index.ts",
      (text) => `${text}\nthrow new pulumi.RunError("no luck today");\n`,
    );
    const world = await atStage("asymmetric", "publish k2", { local: { program } });
    const before = await world.ledger();
    expect(await rotate(world.rotation)).toMatchObject({
      ok: false,
      rings: [{ run: { ok: false, diagnostics: ["no luck today"] } }],
    });
    expect(await world.ledger()).toEqual(before);
  });

  test("broken definitions stop every run before the first call, with all their problems", async () => {
    const rules = checkout("asymmetric", (text) =>
      text.replace("ES256", "HS1").replace("lifetime: 15m", "lifetime: never").replace("match", "mach"),
    );
    const world = await atStage("asymmetric", "publish k2", { local: { rules } });
    const calls = world.calls.length;
    const { said, changed } = await refusal(world, () => world.local.runner.up());
    expect(said.match(/^rules\/\w+\.yaml:\d+:\d+ [A-Z_]+/gm)?.length).toBeGreaterThanOrEqual(3);
    expect([changed, world.calls.length - calls]).toEqual([[], 0]);
  });
});

describe("a run with --target", () => {
  test("on the passwords alone keeps the old ledger", async () => {
    const world = await atStage("symmetric", "generate k2");
    const advance = await decided(world, true);
    const before = await world.ledger();
    const run = await world.local.runner.up({ advance, targets: ["**RandomPassword**", "**RandomId**"] });
    expect(run).toMatchObject({ ok: false, changes: { create: 2 } });
    expect(run.diagnostics.join()).toMatch(
      /^NOT_REALIZED: token configuration in \w+ of ring shop is at serial 3, the ledger wants serial 4: .*run the same command again without --target$/,
    );
    expect(await world.ledger()).toEqual(before);
    expect(await rotate(world.rotation, { force: true })).toMatchObject({
      ok: true,
      rings: [{ run: { ok: true } }],
    });
  });

  test("that leaves the new key out is refused instead of losing the ledger", async () => {
    const world = await atStage("symmetric", "generate k2");
    const advance = await decided(world, true);
    const before = await world.ledger();
    const run = await world.local.runner.up({ advance, targets: ["**::example.com.http_ratelimit"] });
    expect(run.diagnostics.join()).toMatch(/^NOT_REALIZED: this run leaves out a new resource/);
    expect(await world.ledger()).toEqual(before);
  });
});

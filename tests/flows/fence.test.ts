import { describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { withActiveKey, revokeFirst } = native<typeof import("../support/revokeWalk.ts")>(
  "tests/support/revokeWalk.ts",
);
const { openWorld } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { keysAtTheApi } = native<typeof import("../support/shape.ts")>("tests/support/shape.ts");

vi.setConfig({ testTimeout: 120_000 });

const LEARNED = 400_000;

/** A revocation whose key set is written and whose next resource, the issuer's secret, fails. */
async function halfDone(kind: "asymmetric" | "symmetric" | "links") {
  const active = await withActiveKey(kind);
  const world = await openWorld({ kind, from: active.world.save(), seed: 77 });
  const tokens = active.traffic.issued;
  const giveUp = world.edge.faults.add({ kind: "status", status: 400, method: "PATCH", path: "/secrets/" });
  const done = await revokeFirst(world);
  giveUp();
  const statusOf = async () => {
    world.clock.advance(LEARNED);
    const found: number[] = [];
    for (const token of tokens)
      for (const pop of world.edge.world.pops)
        found.push((await world.edge.handle(token.request(), { pop: pop.name })).status);
    return [...new Set(found)];
  };
  return { world, done, statusOf };
}

describe.each(["asymmetric", "symmetric", "links"] as const)(
  "a revocation that is half done (%s)",
  (kind) => {
    test("is fenced: no plain up publishes the key again, and the same command finishes it", async () => {
      const { world, done, statusOf } = await halfDone(kind);
      expect(done.ok).toBe(false);
      expect((await world.ring()).keys.map(({ name, state }) => `${name} ${state}`)).toEqual([
        "k1 ACTIVE",
        "k2 PUBLISHED",
      ]);
      const refused = await statusOf();
      expect(refused).not.toContain(200);

      const keys = keysAtTheApi(world);
      const plain = await world.local.runner.up();
      expect(plain.ok).toBe(false);
      expect(plain.diagnostics.join()).toMatch(
        /FENCED: ring shop was already brought to serial \d+ by a move that did not finish, and this run asks for serial \d+\. Nothing was written\. Run `keyturn rotate shop`: it repeats the same move and finishes it/,
      );
      expect(keysAtTheApi(world)).toEqual(keys);
      expect(await statusOf()).toEqual(refused);

      const again = await revokeFirst(world);
      expect(again).toMatchObject({ ok: true });
      expect((await world.ring()).keys.map(({ name, state }) => `${name} ${state}`)).toEqual([
        "k1 REVOKED",
        "k2 ACTIVE",
      ]);
      expect(await statusOf()).toEqual(refused);
      expect(await world.local.runner.up()).toMatchObject({ ok: true });
      expect(await statusOf()).toEqual(refused);
    });
  },
);

import assert from "node:assert/strict";
import { revoke } from "../../../scripts/rotate/revoke.ts";
import { rotate } from "../../../scripts/rotate/rotate.ts";
import type { Report } from "../report.ts";
import {
  advanceFor,
  atTheEdge,
  keysOf,
  kidsAtCloudflare,
  ledgerOf,
  plainUp,
  ringOf,
  states,
  writes,
} from "../steps.ts";
import type { World } from "../world.ts";
import { addRule } from "./deploy.ts";

const RATE_LIMITS = "/phases/http_ratelimit/entrypoint";
const MALFORMED = { kind: "status", status: 400, message: "malformed" } as const;

/** Revocations that something comes in the way of. Each starts from an active `storefront` key. */
export async function revocationScenarios(report: Report, base: World): Promise<void> {
  await report.scenario("revoke holds although an unrelated rule cannot be deployed", async () => {
    const world = await base.clone();
    const { active: bad } = await keysOf(world, "storefront");
    assert(bad);
    addRule(world);
    world.edge.faults.add({ ...MALFORMED, method: "PUT", path: "/http_request_firewall_custom/entrypoint" });
    const blocked = await plainUp(world);
    assert.equal(blocked.code, 1, blocked.text);
    const result = await revoke(world.rotation, {
      ring: "storefront",
      pause: async (seconds) => void world.clock.advance(seconds * 1000),
    });
    assert.equal(result.ok, true, JSON.stringify(result, undefined, 1));
    assert.match(states(await ringOf(world, "storefront")), /^k1:REVOKED k2:ACTIVE$/);
    const { active: now } = await keysOf(world, "storefront");
    assert(now && now.kid !== bad.kid);
    assert.deepEqual(await kidsAtCloudflare(world, "storefront"), [now.kid]);
    assert.equal(await atTheEdge(world, "storefront", bad), "refused");
    await world.close();
  });

  await report.scenario(
    "half-done revocation, then a plain up: FENCED, and the revoked key stays gone",
    async () => {
      const world = await base.clone();
      const { active: bad } = await keysOf(world, "storefront");
      const substitute = { kind: "substitute", key: "k2" } as const;
      const made = await world.engine.up({ advance: await advanceFor(world, "storefront", substitute) });
      assert.equal(made.ok, true, made.diagnostics.join("; "));
      if (states(await ringOf(world, "storefront")).includes("k2:GENERATED")) {
        const publish = { kind: "publish", key: "k2" } as const;
        const published = await world.engine.up({ advance: await advanceFor(world, "storefront", publish) });
        assert.equal(published.ok, true, published.diagnostics.join("; "));
      }
      const { pending: next } = await keysOf(world, "storefront");
      assert(bad && next);
      const heal = world.edge.faults.add({ ...MALFORMED, method: "PATCH", path: "/secrets_store/" });
      const move = { kind: "revoke", key: "k1", substitute: "k2" } as const;
      const half = await world.engine.up({ advance: await advanceFor(world, "storefront", move) });
      assert.equal(half.ok, false);
      assert.equal(states(await ringOf(world, "storefront")), "k1:ACTIVE k2:PUBLISHED", "old ledger kept");
      assert.deepEqual(await kidsAtCloudflare(world, "storefront"), [next.kid]);
      heal();
      const from = world.calls.length;
      const plain = await plainUp(world);
      assert.equal(plain.code, 1, plain.text);
      assert.match(plain.text, /FENCED: ring storefront/);
      assert.match(plain.text, /keyturn rotate storefront/);
      assert.deepEqual(
        writes(world, from).filter((call) => call.includes("token_validation")),
        [],
      );
      assert.deepEqual(await kidsAtCloudflare(world, "storefront"), [next.kid]);
      const finished = await rotate(world.rotation, { rings: ["storefront"] });
      assert.equal(finished.ok, true, JSON.stringify(finished, undefined, 1));
      assert.equal(states(await ringOf(world, "storefront")), "k1:REVOKED k2:ACTIVE");
      assert.equal(await atTheEdge(world, "storefront", bad), "refused");
      const after = await plainUp(world);
      assert.equal(after.code, 0, after.text);
      await world.close();
    },
  );

  await report.scenario("an API error in the middle of an advance: the old ledger is kept", async () => {
    const world = await base.clone();
    const before = await ledgerOf(world);
    const heal = world.edge.faults.add({ ...MALFORMED, method: "PUT", path: "/credentials" });
    const move = { kind: "substitute", key: "k2" } as const;
    const advance = await advanceFor(world, "storefront", move);
    const failed = await world.engine.up({ advance });
    const first = failed.ok
      ? await world.engine.up({
          advance: await advanceFor(world, "storefront", { kind: "publish", key: "k2" }),
        })
      : failed;
    assert.equal(first.ok, false);
    assert.match(first.diagnostics.join("\n"), /400 .*malformed/);
    const kept = await ledgerOf(world);
    if (!failed.ok) assert.deepEqual(kept, before);
    else assert.match(states(await ringOf(world, "storefront")), /k2:GENERATED$/);
    heal();
    const repeated = await rotate(world.rotation, { rings: ["storefront"] });
    assert.equal(repeated.ok, true, JSON.stringify(repeated, undefined, 1));
    await world.close();
  });

  await report.scenario(
    "up --target '**RandomPassword**' with an advance: the old ledger is kept",
    async () => {
      const world = await base.clone();
      const before = await ledgerOf(world);
      const at = new Date(world.clock.now()).toISOString();
      const advance = await advanceFor(world, "internal", {
        kind: "verify",
        key: "k1",
        evidence: { publishedAt: at, provedAt: at },
      });
      const from = world.calls.length;
      const up = await world.engine.up({ advance, targets: ["**RandomPassword**"] });
      assert.equal(up.ok, false);
      assert.match(up.diagnostics.join("\n"), /NOT_REALIZED/);
      assert.deepEqual(await ledgerOf(world), before);
      assert.deepEqual(writes(world, from), []);
      await world.close();
    },
  );

  await report.scenario("--continue-on-error: the ledger stays right", async () => {
    const world = await base.clone();
    const before = await ledgerOf(world);
    addRule(world);
    const heal = world.edge.faults.add({ ...MALFORMED, method: "PUT", path: "/credentials" });
    const rates = world.edge.faults.add({ ...MALFORMED, method: "PUT", path: RATE_LIMITS });
    const move = { kind: "substitute", key: "k2" } as const;
    const advance = JSON.stringify(await advanceFor(world, "storefront", move));
    const { pulumi, ON_STACK } = await import("../cli.ts");
    const up = await pulumi(
      world.project,
      ["up", "--yes", "--skip-preview", "--continue-on-error", ...ON_STACK],
      { KEYTURN_ADVANCE: advance },
    );
    const half = states(await ringOf(world, "storefront"));
    if (half === "k1:ACTIVE") {
      assert.equal(up.code, 1, up.text);
      assert.deepEqual(await ledgerOf(world), before);
    } else assert.equal(half, "k1:ACTIVE k2:GENERATED", up.text);
    heal();
    rates();
    const later = await plainUp(world);
    const recovered = await rotate(world.rotation, { rings: ["storefront"] });
    assert.equal(recovered.ok || later.code === 0, true, later.text);
    assert.equal((await ringOf(world, "storefront")).keys[0]?.state, "ACTIVE");
    await world.close();
  });
}

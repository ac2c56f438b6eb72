import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { revoke } from "../../../scripts/rotate/revoke.ts";
import { rotate } from "../../../scripts/rotate/rotate.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import type { Report } from "../report.ts";
import {
  advanceFor,
  atTheEdge,
  keysOf,
  kidsAtCloudflare,
  ledgerOf,
  makeSecond,
  plainUp,
  publishSecond,
  ringOf,
  states,
  writes,
} from "../steps.ts";
import type { World } from "../world.ts";
import { addRule } from "./deploy.ts";

const UP = ["up", "--yes", "--skip-preview", ...ON_STACK];
const MALFORMED = { kind: "status", status: 400, message: "malformed" } as const;

const NEW_RING = `
  partner:
    algorithm: ES256
    tokens: { issuer: https://partner.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
    signer: { output: true }
`;
const NEW_HOST = `host: partner.example.com
tokens: { ring: partner, in: [header authorization] }
rules:
  - id: partner-orders
    match: { path: /orders/* }
    require: { scope: orders }
otherwise: deny
`;

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
      const made = await publishSecond(world, "storefront");
      assert.equal(made.ok, true, made.diagnostics.join("; "));
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

  await report.scenario(
    "an API error in the middle of an advance, --continue-on-error: the old ledger is kept",
    async () => {
      const world = await base.clone();
      const made = await makeSecond(world, "storefront");
      assert.equal(made.ok, true, made.diagnostics.join("; "));
      const before = await ledgerOf(world);
      const heal = world.edge.faults.add({ ...MALFORMED, method: "PUT", path: "/credentials" });
      const advance = await advanceFor(world, "storefront", { kind: "publish", key: "k2" });
      const failed = await world.engine.up({ advance });
      assert.equal(failed.ok, false);
      assert.match(failed.diagnostics.join("\n"), /storefront\.example\.com: .*400.*malformed/);
      assert.deepEqual(await ledgerOf(world), before);
      addRule(world);
      const carried = await pulumi(world.project, [...UP, "--continue-on-error"], {
        KEYTURN_ADVANCE: JSON.stringify(advance),
      });
      assert.equal(carried.code, 1, carried.text);
      assert.deepEqual(await ledgerOf(world), before, "--continue-on-error keeps it as well");
      heal();
      const plain = await plainUp(world);
      assert.equal(plain.code, 0, plain.text);
      assert.deepEqual(await ledgerOf(world), before);
      const repeated = await rotate(world.rotation, { rings: ["storefront"] });
      assert.equal(repeated.ok, true, JSON.stringify(repeated));
      assert.equal(states(await ringOf(world, "storefront")), "k1:ACTIVE k2:PUBLISHED");
      await world.close();
    },
  );

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

  await report.scenario("revoke holds although a new ring waits to be deployed", async () => {
    const world = await base.clone();
    const { active: bad } = await keysOf(world, "storefront");
    assert(bad);
    appendFileSync(join(world.project.rules, "keys.yaml"), NEW_RING);
    writeFileSync(join(world.project.rules, "partner.yaml"), NEW_HOST);
    const result = await revoke(world.rotation, {
      ring: "storefront",
      pause: async (seconds) => void world.clock.advance(seconds * 1000),
    });
    assert.equal(result.ok, true, JSON.stringify(result, undefined, 1));
    assert.equal(states(await ringOf(world, "storefront")), "k1:REVOKED k2:ACTIVE");
    assert.equal(await atTheEdge(world, "storefront", bad), "refused");
    const up = await plainUp(world);
    assert.equal(up.code, 0, up.text);
    assert.equal(states(await ringOf(world, "partner")), "k1:PUBLISHED");
    assert.equal(states(await ringOf(world, "storefront")), "k1:REVOKED k2:ACTIVE");
    await world.close();
  });
}

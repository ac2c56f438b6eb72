import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ON_STACK, pulumi } from "../cli.ts";
import type { Report } from "../report.ts";
import {
  api,
  atTheEdge,
  keysOf,
  kidsAtCloudflare,
  ledgerOf,
  plainUp,
  publishSecond,
  writes,
} from "../steps.ts";
import type { World } from "../world.ts";

/** Keys that would silently become other keys, and rings that would silently go. */
export async function materialScenarios(report: Report, deployed: World, active: World): Promise<void> {
  await report.scenario("a ring missing from the definitions stops the program before anything", async () => {
    const world = await deployed.clone();
    const before = await ledgerOf(world);
    const keys = join(world.project.rules, "keys.yaml");
    const text = readFileSync(keys, "utf8");
    writeFileSync(
      keys,
      text.replace(/ {2}# Shared secret for tokens[\s\S]*?(?=\n {2}# Shared secret for links)/, ""),
    );
    rmSync(join(world.project.rules, "internal.yaml"));
    const from = world.calls.length;
    const up = await plainUp(world);
    assert.equal(up.code, 1, up.text);
    assert.match(up.text, /RING_MISSING: ring internal has live keys/);
    assert.deepEqual(world.calls.slice(from), []);
    assert.deepEqual(await ledgerOf(world), before);
    await world.close();
  });

  await report.scenario("another key length or algorithm in the definitions makes no other key", async () => {
    const world = await deployed.clone();
    const { pending: key } = await keysOf(world, "internal");
    const file = join(world.project.rules, "keys.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("algorithm: HS256", "algorithm: HS512"));
    const up = await plainUp(world);
    assert.equal(up.code, 0, up.text);
    assert.deepEqual((await keysOf(world, "internal")).pending, key);
    assert(key);
    assert.equal(await atTheEdge(world, "internal", key), "accepted");
    await world.close();
  });

  await report.scenario("RandomPassword tainted: refused, and live tokens are still accepted", async () => {
    const world = await deployed.clone();
    const { pending: key } = await keysOf(world, "internal");
    assert(key);
    const urn = (await world.engine.resources()).find((entry) =>
      entry.urn.endsWith("RandomPassword::internal.k1"),
    )?.urn;
    assert(urn);
    await pulumi(world.project, ["state", "taint", urn, "--yes", ...ON_STACK]);
    const guarded = await plainUp(world);
    assert.equal(guarded.code, 1, guarded.text);
    assert.match(guarded.text, /protect/);
    assert.deepEqual((await keysOf(world, "internal")).pending, key);
    // A resource that an older state has without protection is replaced before anything of ours is asked.
    await editState(world, (text) => text.replaceAll('"protect": true', '"protect": false'));
    const from = world.calls.length;
    const replaced = await plainUp(world);
    if (replaced.code === 0) assert.deepEqual((await keysOf(world, "internal")).pending, key);
    else assert.match(replaced.text, /OTHER_MATERIAL: key k1 of ring internal|protect/);
    assert.deepEqual(
      writes(world, from).filter((call) => call.includes("/credentials")),
      [],
    );
    assert.equal(await atTheEdge(world, "internal", key), "accepted");
    await world.close();
  });

  await report.scenario(
    "an older state imported, then a publish: DRIFT, and no live key is overwritten",
    async () => {
      const world = await active.clone();
      const older = await pulumi(world.project, ["stack", "export", ...ON_STACK]);
      const first = await publishSecond(world, "storefront");
      assert.equal(first.ok, true, first.diagnostics.join("; "));
      const live = await kidsAtCloudflare(world, "storefront");
      assert.equal(live.length, 2);
      await importState(world, older.text);
      const second = await publishSecond(world, "storefront");
      assert.equal(second.ok, false);
      assert.match(second.diagnostics.join("\n"), /DRIFT: the token configuration of ring storefront/);
      assert.deepEqual(await kidsAtCloudflare(world, "storefront"), live);
      await world.close();
    },
  );

  await report.scenario("stack rename: the ledger stays right, and no rule is there twice", async () => {
    const world = await deployed.clone();
    const before = await ledgerOf(world);
    const renamed = await pulumi(world.project, ["stack", "rename", "dev2", ...ON_STACK]);
    assert.equal(renamed.code, 0, renamed.text);
    const up = await pulumi(world.project, ["up", "--yes", "--skip-preview", "--stack", "dev2"]);
    assert.equal(up.code, 0, up.text);
    const shown = await pulumi(world.project, ["stack", "output", "ledger", "--json", "--stack", "dev2"]);
    const after = JSON.parse(shown.text);
    assert.deepEqual(after.rings, before.rings);
    assert.equal(after.stack, "organization/keyturn/dev2");
    const entry = "/rulesets/phases/http_request_firewall_custom/entrypoint";
    const { rules } = await api(world, "GET", `/zones/${world.zoneId}${entry}`);
    const prefixes = (rules as { ref: string }[]).map((rule) => rule.ref.split(":").slice(0, 2).join(":"));
    assert.equal(new Set(prefixes).size, 1, [...new Set(prefixes)].join(", "));
    await world.close();
  });
}

async function editState(world: World, edit: (text: string) => string): Promise<void> {
  const exported = await pulumi(world.project, ["stack", "export", ...ON_STACK]);
  await importState(world, edit(exported.text));
}

async function importState(world: World, text: string): Promise<void> {
  const file = join(world.project.folder, "state.json");
  writeFileSync(file, text);
  const imported = await pulumi(world.project, ["stack", "import", "--file", file, ...ON_STACK]);
  assert.equal(imported.code, 0, imported.text);
}

import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { revoke } from "../../../scripts/rotate/revoke.ts";
import { rotate } from "../../../scripts/rotate/rotate.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import type { Report } from "../report.ts";
import { activate, advanceFor, api, keysOf, ledgerOf, plainUp, ringOf, states, writes } from "../steps.ts";
import type { World } from "../world.ts";

const CUSTOM = "/rulesets/phases/http_request_firewall_custom/entrypoint";
const CHECK = /is_timed_hmac_valid_v0\("[^"]*", (?:[^()]|\([^()]*\))*\)(?: or )?/g;

/** The zone's custom rules, without the branches that hold link secrets. */
async function rulesOf(world: World): Promise<string[]> {
  const { rules } = await api(world, "GET", `/zones/${world.zoneId}${CUSTOM}`);
  return (rules as { ref: string; action: string; enabled: boolean; expression: string }[]).map(
    ({ ref, action, enabled, expression }) =>
      `${ref} ${action} ${enabled} ${expression
        .replace(CHECK, "#")
        .replaceAll(/\((#+)\)/g, "$1")
        .replaceAll(/#+/g, "#")}`,
  );
}

/** Moves of a ring from a checkout that is not the deployed one. `base` has an active `storefront` key. */
export async function deployedScenarios(report: Report, base: World): Promise<void> {
  const world = await base.clone();
  await activate(world, "downloads");
  const deployed = await rulesOf(world);
  const file = join(world.project.rules, "api.yaml");
  const text = readFileSync(file, "utf8");

  await report.scenario(
    "a link ring rotates from a checkout with other rules: only its branches change",
    async () => {
      writeFileSync(file, text.replace("/admin/*", "/administration/*"));
      assert.notEqual(readFileSync(file, "utf8"), text);
      const generate = await rotate(world.rotation, { rings: ["downloads"], force: true });
      const publish = await rotate(world.rotation, { rings: ["downloads"] });
      assert.deepEqual([generate.ok, publish.ok], [true, true], JSON.stringify([generate, publish]));
      assert.equal(states(await ringOf(world, "downloads")), "k1:ACTIVE k2:PUBLISHED");
      assert.deepEqual(await rulesOf(world), deployed);
    },
  );

  await report.scenario("a link ring is revoked where no rules lie on disk", async () => {
    const { active: bad } = await keysOf(world, "downloads");
    assert(bad);
    renameSync(world.project.rules, `${world.project.rules}.gone`);
    const result = await revoke(world.rotation, {
      ring: "downloads",
      key: "k1",
      pause: async (seconds) => void world.clock.advance(seconds * 1000),
    });
    renameSync(`${world.project.rules}.gone`, world.project.rules);
    assert.equal(result.ok, true, JSON.stringify(result, undefined, 1));
    assert.equal(states(await ringOf(world, "downloads")), "k1:REVOKED k2:ACTIVE");
    assert.deepEqual(await rulesOf(world), deployed);
  });

  await report.scenario(
    "an advance leaves the record of what is deployed to the byte; a preview shows its digests",
    async () => {
      const preview = await pulumi(world.project, ["preview", "--diff", ...ON_STACK]);
      assert.equal(preview.code, 0, preview.text);
      assert.match(preview.text, /\/administration\//);
      assert.match(preview.text, /~ files +: "[0-9a-f]{16}" => "[0-9a-f]{16}"/);
      assert.equal(Math.max(...preview.text.split("\n").map((line) => line.length)) < 5000, true);
      const record = (await world.engine.outputs()).definitions;
      const advance = await advanceFor(world, "downloads", { kind: "generate", key: "k3" });
      const run = await world.engine.up({ advance });
      assert.equal(run.ok, true, run.diagnostics.join("; "));
      assert.deepEqual((await world.engine.outputs()).definitions, record);
      assert.deepEqual(await rulesOf(world), deployed);
    },
  );

  await report.scenario(
    "a program that compiles other rules: DEPLOYED_DIFFERS for rotate, not for revoke",
    async () => {
      const replies = join(world.project.workDir, "model", "facts", "answers.ts");
      writeFileSync(replies, readFileSync(replies, "utf8").replace("in more than one way", "in two ways"));
      const [ledger, from] = [await ledgerOf(world), world.calls.length];
      const advance = await advanceFor(world, "downloads", { kind: "publish", key: "k3" });
      const refused = await world.engine.up({ advance });
      assert.match(refused.diagnostics.join("\n"), /DEPLOYED_DIFFERS: .*pulumi up/);
      assert.deepEqual([await ledgerOf(world), writes(world, from)], [ledger, []]);
      const result = await revoke(world.rotation, {
        ring: "downloads",
        key: "k2",
        pause: async (seconds) => void world.clock.advance(seconds * 1000),
      });
      assert.equal(result.ok, true, JSON.stringify(result, undefined, 1));
      assert.equal(states(await ringOf(world, "downloads")), "k1:REVOKED k2:REVOKED k3:ACTIVE");
      assert.deepEqual(await rulesOf(world), deployed);
      const up = await plainUp(world);
      assert.equal(up.code, 0, up.text);
      assert.match((await rulesOf(world)).join("\n"), /\/administration\//);
    },
  );

  await world.close();
}

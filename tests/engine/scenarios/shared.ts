import assert from "node:assert/strict";
import { scanForSecrets } from "../../../lab/try/secretScan.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import type { Report } from "../report.ts";
import { api, keysOf, ledgerOf, plainUp } from "../steps.ts";
import type { World } from "../world.ts";
import { addRule } from "./deploy.ts";

const CUSTOM = "/rulesets/phases/http_request_firewall_custom/entrypoint";

/** A phase that others write to as well, errors that quote what was sent, and the end of a stack. */
export async function sharedPhaseScenarios(report: Report, deployed: World): Promise<void> {
  await report.scenario("the API quotes the expression in an error: masked", async () => {
    const world = await deployed.clone();
    const { pending: key } = await keysOf(world, "downloads");
    assert(key);
    const secret = Buffer.from(String(key.k), "base64url").toString("utf8");
    const message = `could not parse is_timed_hmac_valid_v0("${secret}", http.request.uri, 10800, http.request.timestamp.sec, 8) near ${secret}`;
    world.edge.faults.add({ kind: "status", status: 400, code: 20127, message, method: "PUT", path: CUSTOM });
    addRule(world);
    const up = await plainUp(world);
    assert.equal(up.code, 1, up.text);
    assert.match(up.text, /20127: could not parse is_timed_hmac_valid_v0\("\[secret\]"/);
    const run = await world.engine.up();
    assert.equal(run.ok, false);
    const scan = scanForSecrets({ cli: up.text, diagnostics: run.diagnostics.join("\n") }, [key]);
    assert.deepEqual([scan.findings, scan.blind], [[], []]);
    await world.close();
  });

  const world = await deployed.clone();
  const foreign = [
    { ref: "foreign-1", expression: 'http.request.uri.path eq "/a"', action: "log", description: "theirs" },
    { ref: "foreign-2", expression: 'http.request.uri.path eq "/b"', action: "block", description: "theirs" },
  ];
  const theirs = async () => {
    const { rules } = await api(world, "GET", `/zones/${world.zoneId}${CUSTOM}`);
    return (rules as { ref: string; id: string; expression: string; action: string; description: string }[])
      .filter((rule) => !rule.ref.startsWith("keyturn:"))
      .map(({ id, ref, expression, action, description }) => ({ id, ref, expression, action, description }));
  };
  let before: unknown;

  await report.scenario("foreign rules in a phase survive a deploy, ids and order included", async () => {
    const { rules } = await api(world, "GET", `/zones/${world.zoneId}${CUSTOM}`);
    await api(world, "PUT", `/zones/${world.zoneId}${CUSTOM}`, {
      rules: [...(rules as object[]).map(withoutTimes), ...foreign],
    });
    before = await theirs();
    assert.equal((before as unknown[]).length, 2);
    addRule(world);
    const up = await plainUp(world);
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(await theirs(), before);
    const kept = (await world.engine.resources()).filter((entry) => entry.type.includes("ruleset:Ruleset"));
    assert.deepEqual(kept, [], "no stock resource owns the entry point");
  });

  await report.scenario("destroy --exclude-protected, then up: the ledger stays right", async () => {
    const ledger = await ledgerOf(world);
    const destroy = await pulumi(world.project, [
      "destroy",
      "--yes",
      "--skip-preview",
      "--exclude-protected",
      ...ON_STACK,
    ]);
    const up = await plainUp(world);
    assert.equal(up.code, 0, `${destroy.text}\n${up.text}`);
    assert.deepEqual(await ledgerOf(world), ledger);
    assert.deepEqual(await theirs(), before);
  });

  await report.scenario("destroy is refused until keyturn:deletable, and leaves foreign rules", async () => {
    const refused = await pulumi(world.project, ["destroy", "--yes", "--skip-preview", ...ON_STACK]);
    assert.notEqual(refused.code, 0, refused.text);
    assert.match(refused.text, /protect/);
    await pulumi(world.project, ["config", "set", "keyturn:deletable", "true", ...ON_STACK]);
    const up = await plainUp(world);
    assert.equal(up.code, 0, up.text);
    const destroy = await pulumi(world.project, ["destroy", "--yes", "--skip-preview", ...ON_STACK]);
    assert.equal(destroy.code, 0, destroy.text);
    assert.deepEqual(await theirs(), before);
    const { rules } = await api(world, "GET", `/zones/${world.zoneId}${CUSTOM}`);
    assert.equal((rules as unknown[]).length, 2);
  });
  await world.close();
}

/** A rule as it may be sent again. */
function withoutTimes(rule: object): object {
  const { version: _version, last_updated: _updated, ...rest } = rule as Record<string, unknown>;
  return rest;
}

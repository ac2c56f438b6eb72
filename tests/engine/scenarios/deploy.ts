import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scanForSecrets } from "../../../lab/try/secretScan.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import type { Report } from "../report.ts";
import { keysOf, ledgerOf, plainUp, states, writes } from "../steps.ts";
import type { World } from "../world.ts";

/** A rule that the example does not have. */
export const NEW_RULE = `
  - id: invoices
    match: { method: GET, path: /invoices/* }
    require: { scope: invoices:read }
`;

/** Puts a new rule into the example's API. */
export function addRule(world: World): void {
  const file = join(world.project.rules, "api.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("\nexcept:", `${NEW_RULE}\nexcept:`));
  assert.notEqual(readFileSync(file, "utf8"), text);
}

/** Deploys for the first time, and what a person does from day to day. */
export async function deployScenarios(report: Report, world: World): Promise<void> {
  await report.scenario("pulumi up deploys the example", async () => {
    const up = await plainUp(world);
    assert.equal(up.code, 0, up.text);
    const { rings } = await ledgerOf(world);
    assert.deepEqual(Object.values(rings).map(states), ["k1:PUBLISHED", "k1:PUBLISHED", "k1:PUBLISHED"]);
  });

  await report.scenario("a second up changes nothing and writes nothing", async () => {
    const from = world.calls.length;
    const up = await plainUp(world, "--expect-no-changes");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(writes(world, from), []);
  });

  await report.scenario("refresh without changes, and no drift after it", async () => {
    const from = world.calls.length;
    const refresh = await pulumi(world.project, [
      "refresh",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
      ...ON_STACK,
    ]);
    assert.equal(refresh.code, 0, refresh.text);
    const drift = await pulumi(world.project, [
      "refresh",
      "--preview-only",
      "--expect-no-changes",
      ...ON_STACK,
    ]);
    assert.equal(drift.code, 0, drift.text);
    assert.deepEqual(writes(world, from), []);
  });

  await report.scenario("preview --expect-no-changes", async () => {
    const preview = await pulumi(world.project, ["preview", "--expect-no-changes", ...ON_STACK]);
    assert.equal(preview.code, 0, preview.text);
  });

  await report.scenario("preview --diff shows a changed rule in full and no secret", async () => {
    addRule(world);
    const diff = await pulumi(world.project, ["preview", "--diff", ...ON_STACK]);
    const json = await pulumi(world.project, ["preview", "--json", ...ON_STACK]);
    assert.equal(diff.code, 0, diff.text);
    assert.match(diff.text, /\/invoices\//);
    assert.match(diff.text, /invoices:read/);
    const keys = await Promise.all(["storefront", "internal", "downloads"].map((id) => keysOf(world, id)));
    const scan = scanForSecrets(
      { "preview --diff": diff.text, "preview --json": json.text },
      keys.flatMap(({ pending }) => pending ?? []),
    );
    assert.equal(scan.keys, 3);
    assert.deepEqual([scan.findings, scan.blind], [[], []]);
  });

  await report.scenario("a rule change updates the rules and nothing else", async () => {
    const up = await plainUp(world);
    assert.equal(up.code, 0, up.text);
    assert.match(up.text, /~ 1 updated/);
    const after = await pulumi(world.project, ["preview", "--expect-no-changes", ...ON_STACK]);
    assert.equal(after.code, 0, after.text);
  });

  await report.scenario("a broken definition stops before anything is registered", async () => {
    const file = join(world.project.rules, "keys.yaml");
    const text = readFileSync(file, "utf8");
    appendFileSync(file, "  broken: { algorithm: none }\n");
    const from = world.calls.length;
    const up = await plainUp(world);
    writeFileSync(file, text);
    assert.equal(up.code, 1, up.text);
    assert.match(up.text, /rules\/keys\.yaml:\d+:\d+/);
    assert.doesNotMatch(up.text, /^\s+at /m);
    assert.deepEqual(world.calls.slice(from), []);
  });
}

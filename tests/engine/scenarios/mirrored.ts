import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRuleFiles } from "../../../infra/ruleFiles.ts";
import { STAFF } from "../../../lab/local/local.ts";
import { createProviders, fetchAll } from "../../../lab/local/providers.ts";
import { loadDefinitions } from "../../../model/definition/load.ts";
import { readSettings } from "../../../model/environment/settings.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import { STACK } from "../project.ts";
import type { Report } from "../report.ts";
import { kidsAtCloudflare, ledgerOf, plainUp, ringOf, rotateUntil, states, writes } from "../steps.ts";
import type { World } from "../world.ts";

/** A ring whose keys an identity provider makes, from nothing to its second key and another issuer. */
export async function mirroredScenarios(report: Report, world: World): Promise<void> {
  const { rules } = world.project;
  rmSync(rules, { recursive: true });
  cpSync(join(STAFF, "rules"), rules, { recursive: true });
  const { environment } = readSettings(await world.engine.config(), STACK);
  const { rings } = loadDefinitions(readRuleFiles(rules), environment).definitions;
  const [staff] = rings;
  assert(staff?.kind === "mirror");
  const providers = await createProviders(rings);
  const allActive = async () =>
    rotateUntil(
      world,
      {},
      ({ rings: { staff } }) => staff?.keys.every(({ state }) => state === "ACTIVE") === true,
    );

  await report.scenario(
    "a mirrored ring without keys stops a plain up before anything is registered",
    async () => {
      const up = await plainUp(world);
      assert.notEqual(up.code, 0, up.text);
      assert.match(up.text, /MIRROR_WITHOUT_KEYS: .*jwks fetch staff/);
      assert.deepEqual(writes(world), []);
    },
  );

  await report.scenario(
    "its set is fetched before the first deploy, published with it and trusted after W",
    async () => {
      await fetchAll(world.rotation, rings, rules, providers);
      assert.equal(states(await ringOf(world, "staff")), "k1:GENERATED");
      assert.deepEqual(writes(world), []);
      const up = await plainUp(world);
      assert.equal(up.code, 0, up.text);
      assert.deepEqual(await allActive(), ["staff trust k1"]);
      assert.deepEqual(await kidsAtCloudflare(world, "staff"), [providers.keyOf(staff)?.kid]);
    },
  );

  await report.scenario(
    "a key that the provider makes anew is published beside the first and trusted",
    async () => {
      const second = await providers.turn(staff);
      await fetchAll(world.rotation, rings, rules, providers);
      assert.equal(states(await ringOf(world, "staff")), "k1:ACTIVE k2:PUBLISHED");
      assert.deepEqual(await allActive(), ["staff trust k2"]);
      const kids = await kidsAtCloudflare(world, "staff");
      assert.deepEqual([kids.length, kids.includes(second.kid ?? "")], [2, true]);
    },
  );

  await report.scenario(
    "an issuer that a deploy left out ends by an advance, and the next up takes it away",
    async () => {
      const file = join(rules, "staff.yaml");
      const text = readFileSync(file, "utf8");
      writeFileSync(
        file,
        text.replace("tokens: { audience", "tokens: { issuer: https://id.example.com/, audience"),
      );
      const first = await plainUp(world);
      assert.equal(first.code, 0, first.text);
      const accepts = async () => (await ledgerOf(world)).rings.staff?.accepts?.map(({ value }) => value);
      const audience = "https://tools.example.com";
      assert.deepEqual(await accepts(), ["https://login.example.com/", audience, "https://id.example.com/"]);
      const moves = await rotateUntil(world, {}, ({ rings: { staff } }) => staff?.accepts?.length === 2);
      // `rotate` goes on from a move that only the ledger keeps, so it says no more than what comes after.
      assert.deepEqual(
        moves.filter((move) => !/ (?:leave|end) /.test(move)),
        [],
      );
      assert.deepEqual(await accepts(), [audience, "https://id.example.com/"]);
      const second = await plainUp(world);
      assert.equal(second.code, 0, second.text);
      const preview = await pulumi(world.project, ["preview", "--expect-no-changes", ...ON_STACK]);
      assert.equal(preview.code, 0, preview.text);
    },
  );

  await world.close();
}

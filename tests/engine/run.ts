import { findPlugins, onPath } from "./plugins.ts";
import { Report, say } from "./report.ts";
import { deployScenarios } from "./scenarios/deploy.ts";
import { deployedScenarios } from "./scenarios/deployed.ts";
import { killedDeployScenarios, killedRetryScenarios, killedRulesScenarios } from "./scenarios/killed.ts";
import { materialScenarios } from "./scenarios/material.ts";
import { mirroredScenarios } from "./scenarios/mirrored.ts";
import { revocationScenarios } from "./scenarios/revocation.ts";
import { rotationScenarios } from "./scenarios/rotation.ts";
import { sharedPhaseScenarios } from "./scenarios/shared.ts";
import { activate } from "./steps.ts";
import { closeWorlds, createWorld } from "./world.ts";

/**
 * `npm run test:engine [part]`: the program under the real engine, against the local Cloudflare over HTTP. With an
 * argument, only the named part runs.
 */
async function main(only: string | undefined): Promise<number> {
  if (!onPath("pulumi")) {
    say("no pulumi CLI on PATH: the scenarios of the real engine are passed over");
    return 0;
  }
  const begun = performance.now();
  const plugins = findPlugins();
  for (const { name, version, standIn } of plugins) {
    say(
      `${name} ${version}: ${standIn === undefined ? "the installed plugin" : "not installed, a stand-in"}`,
    );
  }
  const report = new Report();
  const wants = (part: string) => only === undefined || only === part;
  const fresh = () => createWorld(plugins);

  // Two flows at once, since each waits for the CLI most of the time; the third one mostly waits for a deadline.
  const base = lazy(async () => {
    const world = await fresh();
    if (!(await world.engine.up()).ok) throw new Error("the example cannot be deployed");
    return world;
  });
  const active = lazy(async () => {
    const world = await (await base()).clone();
    await activate(world, "storefront");
    return world;
  });
  const daily = async () => {
    if (!wants("deploy") && !wants("rotation")) return;
    const world = await fresh();
    if (wants("deploy")) await deployScenarios(report, world);
    else await world.engine.up();
    if (wants("rotation")) await rotationScenarios(report, world);
  };
  const traps = async () => {
    if (wants("killed")) {
      await killedDeployScenarios(report, await fresh());
      await killedRulesScenarios(report, await fresh());
    }
    if (wants("mirrored")) await mirroredScenarios(report, await fresh());
    if (wants("shared")) await sharedPhaseScenarios(report, await base());
    if (wants("material")) await materialScenarios(report, await base(), await active());
    if (wants("deployed")) await deployedScenarios(report, await active());
    if (wants("revocation")) await revocationScenarios(report, await active());
  };
  const late = async () => {
    if (wants("retry")) await killedRetryScenarios(report, await active());
  };
  await Promise.all([daily(), traps(), late()]);
  await closeWorlds();
  say(
    `${report.passed} passed, ${report.failed.length} failed in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
  return report.failed.length === 0 ? 0 : 1;
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

process.exit(await main(process.argv[2]));

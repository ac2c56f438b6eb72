import { listen } from "@keyturn/edge";
import { isSymmetric } from "../../model/facts/algorithms.ts";
import { maskSecrets } from "../../scripts/cli/mask.ts";
import { createBranchFinder } from "./branches.ts";
import { type ControlResult, runControls } from "./controls/runControls.ts";
import { type Deployment, describeDeployment } from "./deployment.ts";
import type { Tally } from "./front.ts";
import { createHttpClient } from "./httpClient.ts";
import { createKit } from "./kit.ts";
import { startLoad } from "./load.ts";
import { type PlainUp, tryPlainUp } from "./plainUp.ts";
import { problemsOf } from "./problems.ts";
import {
  renderControls,
  renderDeployment,
  renderLoad,
  renderPlainUps,
  renderRevocation,
  renderRotation,
  renderSecrets,
  renderVerdict,
  renderVerdicts,
} from "./render.ts";
import { type Revocation, tryRevocation } from "./revocation.ts";
import { rotateAll, type Step } from "./rotation.ts";
import { type SecretScan, scanForSecrets } from "./secretScan.ts";
import { createStage, type Stage } from "./stage.ts";
import { VERDICT_ROWS } from "./verdictRows.ts";
import { runVerdicts, type Verdict } from "./verdicts.ts";

/** Everything that `try` saw. */
export interface TryReport {
  readonly deployment: Deployment;
  readonly verdicts: readonly Verdict[];
  readonly firstKeys: readonly Step[];
  readonly rotation: readonly Step[];
  readonly load: { readonly ordinary: Tally; readonly http: Tally; readonly retired: Tally };
  readonly plainUps: readonly PlainUp[];
  readonly revocation: Revocation;
  readonly controls: readonly ControlResult[];
  readonly secrets: SecretScan;
  /** What is not as it must be, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * The main job on a local Cloudflare: deploys the example, sends the verdict table over HTTP, rotates every ring
 * under load, revokes a key, leaves terms out of the waits, and looks for secrets in everything it made.
 *
 * @param print gets the report piece by piece, as it comes
 */
export async function runTry(print: (text: string) => void): Promise<TryReport> {
  const printed: string[] = [];
  const say = (text: string) => {
    printed.push(text);
    print(`${text}\n`);
  };
  const { stage, deployed } = await createStage();
  const deployment = await describeDeployment(stage, deployed);
  say(renderDeployment(deployment));
  const firstKeys = await rotateAll(stage);
  // With its first key a ring's rules begin to block, at some places sooner than at others.
  await stage.settle();

  const listening = await listen(stage.local.edge);
  const client = createHttpClient(listening);
  const diffs: string[] = [];
  try {
    const kit = await createKit(stage);
    const verdicts = await runVerdicts(stage, VERDICT_ROWS, {
      kit,
      client,
      branches: await createBranchFinder(stage),
    });
    say(renderVerdicts(verdicts));

    const load = startLoad(stage, client);
    const plainUps: PlainUp[] = [];
    const first = stage.definitions.rings[0]?.id;
    const rotation = await rotateAll(stage, {
      force: true,
      onStep: async (step, ring) => {
        diffs.push(...stage.local.runner.diff());
        await load.onStep(step, ring);
        const pause = step.move === "publish" || step.move === "promote";
        if (step.ring === first && pause) {
          plainUps.push(await tryPlainUp(stage, `${step.ring} ${step.key} after ${step.move}`));
        }
      },
    });
    load.stop();
    await stage.agenda.finish();
    plainUps.push(await tryPlainUp(stage, "after the rotation"));
    say(renderRotation(firstKeys, rotation, stage.front.pops.length));
    const ring =
      stage.definitions.rings.find((each) => each.id === "internal") ?? stage.definitions.rings[0]!;
    const revocation = await tryRevocation(stage, load, ring);
    await stage.agenda.finish();
    const { ordinary, http, retired } = load;
    say(renderLoad(ordinary, http, retired));
    say(renderPlainUps(plainUps));
    say(renderRevocation(revocation));

    const usages = stage.usages.filter((usage) => isCheap(usage.ring));
    const controls = await runControls(usages, stage.definitions, stage.environment);
    say(renderControls(controls));

    const seen = {
      deployment,
      verdicts,
      firstKeys,
      rotation,
      load: { ordinary, http, retired },
      plainUps,
      revocation,
      controls,
    };
    const secrets = scanForSecrets(
      {
        "printed output": printed.join("\n"),
        "data of --json": JSON.stringify(seen),
        "stored state": stage.store.load() ?? "",
        "printed diffs": diffs.join("\n"),
        "ledger and reports": JSON.stringify(await publicOutputs(stage)),
        "security events": JSON.stringify(stage.local.edge.events.query()),
      },
      [...stage.material.values()],
    );
    say(renderSecrets(secrets));
    const report = { ...seen, secrets };
    const problems = problemsOf(report).map((text) => maskSecrets(text));
    say(renderVerdict(problems));
    return { ...report, problems };
  } finally {
    client.close();
    await listening.close();
  }
}

/** Both kinds of checks at the edge, tokens and links, with keys that cost nothing to make. */
function isCheap(ring: Stage["definitions"]["rings"][number]): boolean {
  return ring.kind === "hmac" || isSymmetric(ring.algorithm);
}

async function publicOutputs(stage: Stage): Promise<unknown> {
  const { signers: _secret, ...rest } = await stage.local.runner.outputs();
  return rest;
}

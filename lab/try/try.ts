import { listen } from "@keyturn/edge";
import { isSymmetric } from "../../model/facts/algorithms.ts";
import { projectFolder } from "../../scripts/check/ruleFiles.ts";
import { maskSecrets } from "../../scripts/cli/mask.ts";
import { SHOP } from "../local/local.ts";
import { createBranchFinder } from "./branches.ts";
import { type ControlResult, runControls } from "./controls/runControls.ts";
import { type Deployment, describeDeployment } from "./deployment.ts";
import { derivedRows } from "./derivedRows.ts";
import type { Tally } from "./front.ts";
import { createHttpClient } from "./httpClient.ts";
import { createKit } from "./kit.ts";
import { startLoad } from "./load.ts";
import { type Mirrored, tryMirrored } from "./mirrored.ts";
import { type PlainUp, tryPlainUp } from "./plainUp.ts";
import { problemsOf } from "./problems.ts";
import {
  renderControls,
  renderDeployment,
  renderLoad,
  renderMirrored,
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
import { createStage, type Stage, sourceIn } from "./stage.ts";
import type { RingUsage } from "./usage.ts";
import { shopRows } from "./verdictRows.ts";
import { runVerdicts, type Verdict } from "./verdicts.ts";

/** Everything that `try` saw. */
export interface TryReport {
  readonly deployment: Deployment;
  readonly verdicts: readonly Verdict[];
  readonly firstKeys: readonly Step[];
  readonly rotation: readonly Step[];
  readonly load: { readonly ordinary: Tally; readonly http: Tally; readonly retired: Tally };
  readonly plainUps: readonly PlainUp[];
  /** Absent where there is no ring. */
  readonly revocation: Revocation | undefined;
  readonly mirrored: Mirrored;
  readonly controls: readonly ControlResult[];
  readonly secrets: SecretScan;
  /** What is not as it must be, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * The main job on a local Cloudflare: deploys the definitions, sends a verdict table over HTTP, rotates every ring
 * under load, revokes a key, leaves terms out of the waits, and looks for secrets in everything it made.
 *
 * @param print gets the report piece by piece, as it comes
 * @param example instead of what stands under `rules/`, an example with its own table of verdicts
 */
export async function runTry(print: (text: string) => void, example?: "shop"): Promise<TryReport> {
  const printed: string[] = [];
  const say = (text: string) => {
    printed.push(text);
    print(`${text}\n`);
  };
  const { stage, deployed } = await createStage(sourceIn(example === undefined ? projectFolder : SHOP));
  const deployment = await describeDeployment(stage, deployed);
  say(renderDeployment(deployment));
  const firstKeys = await rotateAll(stage);
  // With its first key a ring's rules begin to block, at some places sooner than at others.
  await stage.settle();

  const listening = await listen(stage.local.edge);
  const client = createHttpClient(listening);
  const diffs: string[] = [];
  try {
    const rows = example === "shop" ? shopRows(await createKit(stage)) : await derivedRows(stage);
    const verdicts = await runVerdicts(stage, rows, {
      client,
      branches: await createBranchFinder(stage),
    });
    say(renderVerdicts(verdicts));

    const load = startLoad(stage, client);
    const plainUps: PlainUp[] = [];
    const first = stage.rotated[0]?.id;
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
      stage.rotated.find((each) => each.kind === "jwt" && isSymmetric(each.algorithm)) ?? stage.rotated[0];
    const revocation = ring && (await tryRevocation(stage, load, ring));
    await stage.agenda.finish();
    const { ordinary, http, retired } = load;
    say(renderLoad(ordinary, http, retired));
    say(renderPlainUps(plainUps));
    if (revocation) say(renderRevocation(revocation));

    const mirrored = await tryMirrored();
    say(renderMirrored(mirrored));

    const controls = await runControls(ofEachKind(stage.usages), stage.definitions, stage.environment);
    say(renderControls(controls));

    const seen = {
      deployment,
      verdicts,
      firstKeys,
      rotation,
      load: { ordinary, http, retired },
      plainUps,
      revocation,
      mirrored,
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

/** Both kinds of checks at the edge, tokens and links. */
function ofEachKind(usages: readonly RingUsage[]): RingUsage[] {
  return (["jwt", "hmac"] as const).flatMap((kind) => {
    const some = usages.filter(({ ring }) => ring.kind === kind);
    return some.find(({ ring }) => ring.kind === "jwt" && isSymmetric(ring.algorithm)) ?? some[0] ?? [];
  });
}

async function publicOutputs(stage: Stage): Promise<unknown> {
  const { signers: _secret, ...rest } = await stage.local.runner.outputs();
  return rest;
}

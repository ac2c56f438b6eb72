import { listen } from "../../edge/http/listen.ts";
import { maskSecrets } from "../cli/mask.ts";
import { createBranchFinder } from "./branches.ts";
import { type ControlResult, runControls } from "./controls/runControls.ts";
import { type Deployment, describeDeployment } from "./deployment.ts";
import type { Tally } from "./front.ts";
import { createHttpClient } from "./httpClient.ts";
import { createKit } from "./kit.ts";
import { startLoad } from "./load.ts";
import { type PlainUp, tryPlainUp } from "./plainUp.ts";
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

/** The counts below which `try` proves too little. */
export const LEAST_REQUESTS = { inProcess: 20_000, http: 1_000 };

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

    const usages = stage.usages.filter((usage) => isSymmetric(usage.ring));
    const controls = await runControls(usages, stage.definitions, stage.environment);
    say(renderControls(controls));

    const secrets = scanForSecrets(
      {
        "printed output": printed.join("\n"),
        "data of --json": JSON.stringify([deployment, verdicts, firstKeys, rotation, revocation, controls]),
        "stored state": stage.store.load() ?? "",
        "printed diffs": diffs.join("\n"),
        "ledger and reports": JSON.stringify(await publicOutputs(stage)),
        "security events": JSON.stringify(stage.local.edge.events.query()),
      },
      [...stage.material.values()],
    );
    say(renderSecrets(secrets));
    const report = {
      deployment,
      verdicts,
      firstKeys,
      rotation,
      load: { ordinary, http, retired },
      plainUps,
      revocation,
      controls,
      secrets,
    };
    const problems = problemsOf(report).map(maskSecrets);
    say(renderVerdict(problems));
    return { ...report, problems };
  } finally {
    client.close();
    await listening.close();
  }
}

/** Both kinds of checks at the edge, tokens and links, with keys that cost nothing to make. */
function isSymmetric(ring: Stage["definitions"]["rings"][number]): boolean {
  return ring.kind === "hmac" || ring.algorithm.startsWith("HS");
}

async function publicOutputs(stage: Stage): Promise<unknown> {
  const { signers: _secret, ...rest } = await stage.local.runner.outputs();
  return rest;
}

/** Whatever is not as it must be. */
export function problemsOf(report: Omit<TryReport, "problems">): string[] {
  const { deployment, verdicts, load, plainUps, revocation, controls, secrets, rotation } = report;
  const turned = new Set(rotation.filter((step) => step.move === "confirm").map((step) => step.ring));
  return [
    ...(deployment.ok ? [] : ["the first deploy failed"]),
    ...verdicts
      .filter((verdict) => !verdict.ok)
      .map(
        ({ group, name, expected, seen }) =>
          `${group}, ${name}: expected ${expected.status} by ${expected.by}, seen ${seen.status} by ${seen.by}`,
      ),
    ...deployment.rings
      .filter((ring) => !turned.has(ring.id))
      .map((ring) => `the rotation of ring ${ring.id} did not come to its end`),
    ...Object.entries(load).flatMap(([name, tally]) => tallyProblems(name, tally)),
    ...few("in process", load.ordinary.sent + load.retired.sent, LEAST_REQUESTS.inProcess),
    ...few("over HTTP", load.http.sent, LEAST_REQUESTS.http),
    ...(load.retired.invalid > 0 ? [] : ["no request carried a retired key"]),
    ...plainUps.filter((up) => !up.ok).map((up) => `a plain up changed something: ${up.when}`),
    ...(revocation.ok ? [] : [`${revocation.key} of ring ${revocation.ring} could not be revoked`]),
    ...controls
      .filter((control) => !control.ok)
      .map(
        (control) => `${control.name}, ring ${control.ring}: ${control.refusedValid} valid requests refused`,
      ),
    ...secrets.findings.map(
      (found) => `key material of ${found.kid} (${found.form}) in the ${found.channel}`,
    ),
    ...secrets.blind.map((channel) => `a secret planted in the ${channel} was not found`),
  ];
}

function tallyProblems(name: string, tally: Tally): string[] {
  return [
    ...(tally.refusedValid > 0 ? [`${name}: ${tally.refusedValid} valid requests were refused`] : []),
    ...tally.refusals.map(
      ({ ring, kid, pop, at, problem }) => `${name}: ${ring} ${kid} refused at ${pop}, ${at}: ${problem}`,
    ),
    ...(tally.acceptedInvalid > 0
      ? [`${name}: ${tally.acceptedInvalid} invalid requests were accepted`]
      : []),
  ];
}

function few(where: string, sent: number, least: number): string[] {
  return sent >= least ? [] : [`only ${sent} requests ${where}, fewer than ${least}`];
}

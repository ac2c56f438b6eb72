import { readPolicyTests } from "../../model/policyTests/read.ts";
import { errorsOf, ProblemError } from "../../model/problem/problem.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { readStackConfig } from "../local/stackFile.ts";
import { rotateAll } from "../try/rotation.ts";
import { createStage, readTrySource } from "../try/stage.ts";
import { runPolicyTests } from "./run.ts";

export interface PolicyTestInput {
  /** Folder with the file of the stack `dev`. */
  readonly project: string;
  /** Folder of the definitions. */
  readonly rules: string;
  /** The files of policy tests. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** When a test happens that does not say so, in seconds since the epoch. */
  readonly now: number;
}

/** A day in seconds. */
const DAY = 86_400;

/**
 * Deploys definitions to a local Cloudflare, brings every ring to work, and runs their policy tests, with what these cover.
 *
 * @throws ProblemError with every problem of the tests, or of the definitions
 */
export async function testDefinitions({
  project,
  rules,
  files,
  now,
}: PolicyTestInput): ReturnType<typeof runPolicyTests> {
  const source = { ...readStackConfig(project, "dev"), rules };
  const { definitions, environment } = readTrySource(source);
  const { tests, problems } = readPolicyTests(files, definitions, environment.hosts);
  if (errorsOf(problems).length > 0) throw new ProblemError(problems);
  // Early enough for every first key to be published, proved and active before the first test.
  const first = Math.min(now, ...tests.map(({ instant = now }) => instant));
  const leads = definitions.rings.map((ring) => rotationPolicy(ring).leadSeconds);
  const start = 1000 * (first - 2 * Math.max(0, ...leads) - DAY);
  const { stage } = await createStage(source, { start });
  await rotateAll(stage);
  await stage.settle();
  return runPolicyTests(stage, tests, now);
}

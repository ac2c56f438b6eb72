import { readPolicyTests } from "../../model/policyTests/read.ts";
import { errorsOf, ProblemError } from "../../model/problem/problem.ts";
import { readStackConfig } from "../local/stackFile.ts";
import { rotateAll } from "../try/rotation.ts";
import { createStage } from "../try/stage.ts";
import { runPolicyTests } from "./run.ts";

export interface PolicyTestInput {
  /** Folder with the file of the stack `dev`. */
  readonly project: string;
  /** Folder of the definitions. */
  readonly rules: string;
  /** The files of policy tests. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/**
 * Deploys definitions to a local Cloudflare, brings every ring to work, and runs their policy tests, with what these cover.
 *
 * @throws ProblemError with every problem of the tests, or of the definitions
 */
export async function testDefinitions({
  project,
  rules,
  files,
}: PolicyTestInput): ReturnType<typeof runPolicyTests> {
  const { stage } = await createStage({ ...readStackConfig(project, "dev"), rules });
  const { tests, problems } = readPolicyTests(files, stage.definitions);
  if (errorsOf(problems).length > 0) throw new ProblemError(problems);
  await rotateAll(stage);
  await stage.settle();
  return runPolicyTests(stage, tests);
}

import { join, relative } from "node:path";
import { assumedRingStates, problemsOfCompiled } from "../../model/compile/compile.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Definitions, Environment } from "../../model/definition/types.ts";
import { policiesOf } from "../../model/policy/policy.ts";
import type { HostPolicy } from "../../model/policy/types.ts";
import { errorsOf, ProblemError, sortProblems } from "../../model/problem/problem.ts";
import type { Io } from "../cli/io.ts";
import { readRuleFiles } from "./ruleFiles.ts";
import { readStackFiles } from "./stackFiles.ts";

/** Where definitions and a stack's settings lie, as the command line says it. */
export interface PolicySource {
  readonly project: string;
  /** `rules` in the project when left out. */
  readonly rules: string | undefined;
  readonly stack: string;
}

/** The policies of a stack as they are now, with every ring at work, read as `definitionsOf` does. */
export async function policiesIn(
  source: PolicySource,
  io: Pick<Io, "resolvePath" | "now">,
): Promise<readonly HostPolicy[]> {
  const { definitions, environment } = await definitionsOf(source, io);
  return policiesOf(definitions, environment, assumedRingStates(definitions), io.now().getTime() / 1000);
}

/**
 * The definitions of a stack without an error. Reads nothing but files.
 *
 * @throws CommandError where a file cannot be read or the stack has none; ProblemError with every problem of the
 *   stack's file or of the definitions
 */
export async function definitionsOf(
  { project, rules = join(project, "rules"), stack }: PolicySource,
  io: Pick<Io, "resolvePath">,
): Promise<{ readonly definitions: Definitions; readonly environment: Environment }> {
  const shownAs = (path: string) => relative(io.resolvePath("."), path) || ".";
  const folder = io.resolvePath(rules);
  const files = readRuleFiles(folder, shownAs(folder));
  const [reading] = await readStackFiles(io.resolvePath(project), stack, shownAs);
  if (reading?.settings === undefined) throw new ProblemError(reading?.problems ?? []);
  const { environment } = reading.settings;
  const loaded = loadDefinitions(files, environment);
  const problems = [...loaded.problems, ...problemsOfCompiled(loaded, environment)];
  if (errorsOf(problems).length > 0) throw new ProblemError(sortProblems(errorsOf(problems)));
  return { definitions: loaded.definitions, environment };
}

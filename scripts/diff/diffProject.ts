import { assumedRingStates } from "../../model/compile/compile.ts";
import { definitionsIn, type ReadFiles, readFiles } from "../../model/definition/load.ts";
import type { Environment } from "../../model/definition/types.ts";
import { diffPolicies, type PolicyDiff } from "../../model/policy/diff/diff.ts";
import type { Side } from "../../model/policy/diff/things.ts";
import { policiesOf } from "../../model/policy/policy.ts";
import { errorsOf, type Problem, ProblemError } from "../../model/problem/problem.ts";
import type { RuleFile } from "../check/ruleFiles.ts";
import { readStackFiles } from "../check/stackFiles.ts";
import { CommandError } from "../cli/errors.ts";

/** What to compare, and for which stacks. */
export interface DiffInput {
  readonly before: readonly RuleFile[];
  readonly after: readonly RuleFile[];
  /** Absolute path of the folder with the stacks' files. */
  readonly project: string;
  /** One stack; all of the project when left out. */
  readonly stack?: string;
  /** How a path is shown to the reader. */
  readonly shownAs: (path: string) => string;
}

/** What two sets of definitions differ in for some stacks: those for which it is the same stand together. */
export interface StacksDiff extends PolicyDiff {
  readonly stacks: readonly string[];
}

/**
 * Compares two sets of definitions for every stack, each ring at work.
 *
 * @throws CommandError STACK_NOT_FOUND
 * @throws ProblemError with every error of the stacks' files and of both sides
 */
export async function diffProject({
  before,
  after,
  project,
  stack,
  shownAs,
}: DiffInput): Promise<readonly StacksDiff[]> {
  const stacks = await readStackFiles(project, stack, shownAs);
  if (stacks.length === 0) {
    throw new CommandError(
      "STACK_NOT_FOUND",
      `there is no Pulumi.<stack>.yaml in ${shownAs(project)}`,
      "Name the folder with the stacks' files with --project.",
    );
  }
  const [old, now] = [readFiles(before), readFiles(after)];
  const problems: Problem[] = [];
  const diffs = stacks.flatMap((each) => {
    problems.push(...errorsOf(each.problems));
    if (each.settings === undefined) return [];
    const { environment } = each.settings;
    const sides = [old, now].map((files) => sideOf(files, environment, problems));
    const [a, b] = sides;
    if (a === undefined || b === undefined || problems.length > 0) return [];
    return [{ stack: each.stack, diff: diffPolicies(a, b) }];
  });
  if (problems.length > 0) throw new ProblemError(problems);
  const groups = new Map<string, StacksDiff>();
  for (const { stack: name, diff } of diffs) {
    const key = JSON.stringify(diff);
    groups.set(key, { stacks: [...(groups.get(key)?.stacks ?? []), name], ...diff });
  }
  return [...groups.values()];
}

function sideOf(files: ReadFiles, environment: Environment, problems: Problem[]): Side {
  const loaded = definitionsIn(files, environment);
  problems.push(...errorsOf(loaded.problems));
  const { definitions } = loaded;
  return {
    rings: definitions.rings,
    policies: policiesOf(definitions, environment, assumedRingStates(definitions)),
  };
}

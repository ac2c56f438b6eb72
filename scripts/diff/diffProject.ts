import { assumedRingStates } from "../../model/compile/compile.ts";
import { definitionsIn, type ReadFiles, readFiles } from "../../model/definition/load.ts";
import type { Environment } from "../../model/definition/types.ts";
import type { Bound } from "../../model/environment/bound.ts";
import { diffPolicies, type PolicyDiff } from "../../model/policy/diff/diff.ts";
import { type Side, sideOf } from "../../model/policy/diff/things.ts";
import { stretchesOf } from "../../model/policy/policy.ts";
import { asRequest } from "../../model/policyTests/asRequest.ts";
import { readPolicyTests } from "../../model/policyTests/read.ts";
import { errorsOf, type Problem, ProblemError } from "../../model/problem/problem.ts";
import { type MassChange, massChange } from "../../model/update/massChange.ts";
import { readStackFiles } from "../check/stackFiles.ts";
import { CommandError } from "../cli/errors.ts";
import type { SideFiles } from "./revisions.ts";

/** What to compare, and for which stacks. */
export interface DiffInput {
  readonly before: SideFiles;
  readonly after: SideFiles;
  /** Absolute path of the folder with the stacks' files. */
  readonly project: string;
  /** One stack; all of the project when left out. */
  readonly stack?: string;
  /** How many endpoints may open or close; any number when left out. */
  readonly atMost?: Bound | undefined;
  /** How a path is shown to the reader. */
  readonly shownAs: (path: string) => string;
}

/** What two sets of definitions differ in for some stacks: those for which it is the same stand together. */
export interface StacksDiff extends PolicyDiff {
  readonly stacks: readonly string[];
  /** More endpoints open or close than may. */
  readonly tooMany?: MassChange;
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
  atMost,
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
  const [old, now] = [before, after].map(({ rules, tests }) => ({ files: readFiles(rules), tests }));
  const problems: Problem[] = [];
  const diffs = stacks.flatMap((each) => {
    problems.push(...errorsOf(each.problems));
    if (each.settings === undefined) return [];
    const { environment } = each.settings;
    const sides = [old, now].map((side) => side && readSide(side, environment, problems));
    const [a, b] = sides;
    if (a === undefined || b === undefined || problems.length > 0) return [];
    return [{ stack: each.stack, diff: diffPolicies(a, b) }];
  });
  if (problems.length > 0) throw new ProblemError(problems);
  const groups = new Map<string, StacksDiff>();
  for (const { stack: name, diff } of diffs) {
    const key = JSON.stringify(diff);
    const tooMany = atMost && massChange(diff, atMost);
    const stacks = [...(groups.get(key)?.stacks ?? []), name];
    groups.set(key, { stacks, ...diff, ...(tooMany === undefined ? {} : { tooMany }) });
  }
  return [...groups.values()];
}

/** Definitions as they were read, and the policy tests beside them. */
interface ReadSide {
  readonly files: ReadFiles;
  readonly tests: SideFiles["tests"];
}

function readSide({ files, tests }: ReadSide, environment: Environment, problems: Problem[]): Side {
  const loaded = definitionsIn(files, environment);
  const { definitions } = loaded;
  const errors = errorsOf(loaded.problems);
  // Of definitions with an error it is not known what a test may name.
  const read = errors.length > 0 ? { tests: [], problems: [] } : readPolicyTests(tests, definitions);
  problems.push(...errors, ...errorsOf(read.problems));
  const hosts = stretchesOf(definitions, environment, assumedRingStates(definitions));
  const tested = read.tests.map((test) => ({
    ...asRequest(test, definitions),
    test: { name: test.name, at: test.at },
  }));
  return sideOf(definitions.rings, hosts, tested);
}

import { join } from "node:path";
import { assumedRingStates, compile } from "../../model/compile/index.ts";
import { type Environment, loadDefinitions } from "../../model/definition/index.ts";
import { errorsOf, type Problem, sortProblems } from "../../model/problem/problem.ts";
import { type RuleFile, readRuleFiles } from "./ruleFiles.ts";
import { readStackEnvironments } from "./stackEnvironments.ts";

/** Where to look. Paths are absolute. */
export interface CheckInput {
  /** Folder with the stacks' files. */
  readonly project: string;
  /** Folder of the definitions; `rules` in the project when left out. */
  readonly rules?: string;
  /** One stack; all of the project when left out. */
  readonly stack?: string;
  /** How a path is shown to the reader. */
  readonly shownAs: (path: string) => string;
}

export interface CheckResult {
  readonly stacks: readonly string[];
  readonly files: readonly string[];
  readonly errors: number;
  readonly warnings: number;
  /** Sorted by place; what every stack has stands once. */
  readonly problems: readonly Problem[];
}

/** Checks the definitions against every stack. Throws `CommandError` when a file cannot be read. */
export async function checkProject({ project, rules, stack, shownAs }: CheckInput): Promise<CheckResult> {
  const folder = rules ?? join(project, "rules");
  const files = await readRuleFiles(folder, shownAs(folder));
  const environments = await readStackEnvironments(project, stack);
  const problems = sortProblems(
    (environments.length > 0 ? environments : [nowhere]).flatMap((each) => problemsOf(files, each)),
  );
  const errors = errorsOf(problems).length;
  return {
    stacks: environments.map((each) => each.stack),
    files: files.map((file) => file.path),
    errors,
    warnings: problems.length - errors,
    problems,
  };
}

/** Problems of the definitions, and where they have no errors also those that only compiling shows. */
function problemsOf(files: readonly RuleFile[], environment: Environment): readonly Problem[] {
  const { definitions, problems } = loadDefinitions(files, environment);
  if (errorsOf(problems).length > 0) return problems;
  return [...problems, ...compile(definitions, environment, assumedRingStates(definitions)).problems];
}

/** Without a stack's file there are no zones, and the loader says so where a host needs one. */
const nowhere: Environment = { stack: "(none)", zones: [] };

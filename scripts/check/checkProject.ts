import { join } from "node:path";
import { problemsOfCompiled } from "../../model/compile/compile.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Environment } from "../../model/definition/types.ts";
import { errorsOf, type Problem, sortProblems } from "../../model/problem/problem.ts";
import { type RuleFile, readRuleFiles } from "./ruleFiles.ts";
import { readStackFiles, type StackReading } from "./stackFiles.ts";

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
  const stacks = await readStackFiles(project, stack, shownAs);
  const problems = sortProblems(
    stacks.length > 0 ? stacks.flatMap((each) => problemsOfStack(files, each)) : problemsOf(files, nowhere),
  );
  const errors = errorsOf(problems).length;
  return {
    stacks: stacks.map((each) => each.stack),
    files: files.map((file) => file.path),
    errors,
    warnings: problems.length - errors,
    problems,
  };
}

/** Where the settings do not fit, the definitions are still held against what is the same in every stack. */
function problemsOfStack(
  files: readonly RuleFile[],
  { settings, problems }: StackReading,
): readonly Problem[] {
  if (settings !== undefined) return problemsOf(files, settings.environment);
  const own = loadDefinitions(files, nowhere).problems.filter(({ code }) => code !== "HOST_WITHOUT_ZONE");
  return [...problems, ...own];
}

/** Problems of the definitions, with those that only compiling what can be read of them shows. */
function problemsOf(files: readonly RuleFile[], environment: Environment): readonly Problem[] {
  const loaded = loadDefinitions(files, environment);
  return [...loaded.problems, ...problemsOfCompiled(loaded, environment)];
}

/** Without a stack's file there are no zones, and the loader says so where a host needs one. */
const nowhere: Environment = { stack: "(none)", zones: [] };

import { join } from "node:path";
import { assumedRingStates, problemsOfCompiled } from "../../model/compile/compile.ts";
import { definitionsIn, type Loaded, type ReadFiles, readFiles } from "../../model/definition/load.ts";
import { shownLine } from "../../model/definition/shownLine.ts";
import { stagesDue } from "../../model/definition/stagesDue.ts";
import { type Suppressed, suppress } from "../../model/definition/suppressions.ts";
import type { Environment } from "../../model/definition/types.ts";
import { renewalsDue } from "../../model/mirror/renewals.ts";
import { compareDocument } from "../../model/openapi/compare.ts";
import { readApiDocument } from "../../model/openapi/document.ts";
import type { ApiDocument } from "../../model/openapi/types.ts";
import { policiesOf } from "../../model/policy/policy.ts";
import { openapiCodes } from "../../model/problem/openapiCodes.ts";
import { errorsOf, type Problem, sortProblems } from "../../model/problem/problem.ts";
import { readRuleFiles } from "./ruleFiles.ts";
import { readStackFiles, type StackReading } from "./stackFiles.ts";

/** Where to look. Paths are absolute. */
export interface CheckInput {
  /** Folder with the stacks' files. */
  readonly project: string;
  /** Folder of the definitions; `rules` in the project when left out. */
  readonly rules?: string;
  /** One stack; all of the project when left out. */
  readonly stack?: string;
  /** An OpenAPI document that the definitions are held against. */
  readonly openapi?: { readonly path: string; readonly text: string };
  /** The day on which it is asked, `YYYY-MM-DD`: what is due by then is said, and suppressions end. */
  readonly today: string;
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
  /** Warnings that a comment in the definitions says to ignore. */
  readonly suppressed: readonly Suppressed[];
}

/** What the forms of output are made of. */
export interface CheckReport {
  readonly result: CheckResult;
  /**
   * The line of a definition file that a problem points at; undefined where it may hold a secret. Lines of a stack's
   * file are never shown: what stands in a setting is secret in forms that nobody can tell.
   */
  readonly lineOf: (problem: Problem) => string | undefined;
}

/** Checks the definitions against every stack. Throws `CommandError` when a file cannot be read. */
export async function checkProject({
  project,
  rules,
  stack,
  openapi,
  today,
  shownAs,
}: CheckInput): Promise<CheckReport> {
  const folder = rules ?? join(project, "rules");
  const read = readRuleFiles(folder, shownAs(folder));
  const files = readFiles(read);
  const stacks = await readStackFiles(project, stack, shownAs);
  const document = openapi && readApiDocument(openapi.path, openapi.text);
  const found = sortProblems([
    ...(document?.problems ?? []),
    ...(stacks.length > 0
      ? stacks.flatMap((each) => problemsOfStack(files, each, today, document?.api))
      : problemsOf(files, nowhere, today)),
  ]);
  const errors = errorsOf(found).length;
  const suppressions = [...files.suppressions, ...(document?.suppressions ?? [])];
  const complete = errors === 0 && stack === undefined;
  const isSought = (code: string) => complete && (document !== undefined || !(code in openapiCodes));
  const shown = suppress(found, suppressions, today, isSought);
  const problems = sortProblems(shown.problems);
  const shownFrom = [...files.sources, ...(document === undefined ? [] : [document.source])];
  const sources = new Map(shownFrom.map((source) => [source.path, source]));
  return {
    result: {
      stacks: stacks.map((each) => each.stack),
      files: read.map((file) => file.path),
      errors,
      warnings: problems.length - errors,
      problems,
      suppressed: shown.suppressed,
    },
    lineOf: ({ file, line }) => {
      const source = sources.get(file);
      return source && shownLine(source, line);
    },
  };
}

/** Where the settings do not fit, the definitions are still held against what is the same in every stack. */
function problemsOfStack(
  files: ReadFiles,
  { settings, problems }: StackReading,
  today: string,
  api?: ApiDocument,
): readonly Problem[] {
  if (settings !== undefined) return problemsOf(files, settings.environment, today, api);
  const own = definitionsIn(files, nowhere).problems.filter(({ code }) => code !== "HOST_WITHOUT_ZONE");
  return [...problems, ...own];
}

/** Problems of the definitions, with those that only compiling what can be read of them shows. */
function problemsOf(
  files: ReadFiles,
  environment: Environment,
  today: string,
  api?: ApiDocument,
): readonly Problem[] {
  const loaded = definitionsIn(files, environment);
  return [
    ...(api === undefined ? [] : againstDocument(api, loaded, environment)),
    ...loaded.problems,
    ...problemsOfCompiled(loaded, environment),
    ...renewalsDue(loaded.readable.rings, today),
    ...stagesDue(loaded.readable, today),
  ];
}

/** How a document differs; what an error leaves out of the definitions would only look like a difference. */
function againstDocument(
  api: ApiDocument,
  { definitions, problems }: Loaded,
  environment: Environment,
): readonly Problem[] {
  if (errorsOf(problems).length > 0) return [];
  const { rings } = definitions;
  // A document says what holds in the end, when no mode changes any more.
  const end = Number.POSITIVE_INFINITY;
  const policies = policiesOf(definitions, environment, assumedRingStates(definitions), end);
  return compareDocument(api, { rings, policies, hosts: environment.hosts });
}

/** Without a stack's file there are no zones, and the loader says so where a host needs one. */
const nowhere: Environment = { stack: "(none)", zones: [] };

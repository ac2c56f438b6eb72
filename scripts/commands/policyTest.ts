import { InvalidArgumentError, Option } from "commander";
import type { BranchCoverage } from "../../model/policyTests/branches.ts";
import type { Answer, Command, Failure } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";
import { addFormatOption, formatProblems } from "../cli/format.ts";
import type { Io } from "../cli/io.ts";
import type { FormatName } from "../policyTests/formats.ts";

interface TestOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly coverage?: boolean;
  readonly atLeast?: number;
  readonly watch?: boolean;
  readonly format?: FormatName;
}

const FORMATS: readonly FormatName[] = ["text", "json", "junit"];

/** `keyturn test`: the policy tests beside the definitions, on a local Cloudflare. */
export const policyTest: Command<TestOptions> = {
  name: "test",
  describe: "deploy the definitions to a local Cloudflare and run the policy tests beside them (*.test.yaml)",
  help: {
    examples: ["test", "test --rules rules --format junit", "test --at-least 80", "test --watch"],
    exits: [],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with Pulumi.dev.yaml (default: this project)")
      .option("--coverage", "say which rules, and which branches of each, the tests bring about")
      .addOption(
        new Option("--at-least <percent>", "fail where they bring about fewer branches; says the coverage")
          .argParser(percent)
          .implies({ coverage: true }),
      )
      .option("--watch", "run again whenever definitions, tests or settings change, until Ctrl-C");
    addFormatOption(command, FORMATS);
  },
  problems: ({ options }) => [...formatProblems(options), ...watchProblems(options)],
  async run({ options }, io) {
    const places = await placesOf(options, io);
    if (!options.watch) return runOnce(options, places, io);
    const { rerun } = await import("../policyTests/rerun.ts");
    const changes = io.changes([
      { folder: places.rules, below: true },
      { folder: places.project, below: false },
    ]);
    return { data: null, text: "", serve: () => rerun(() => runOnce(options, places, io), changes, io) };
  },
};

function watchProblems({ watch, json, format = "text" }: TestOptions & { readonly json?: boolean }) {
  const form = json ? "--json" : `--format ${format}`;
  if (!watch || form === "--format text") return [];
  const hint = "Leave one of them out: what is printed again and again is no document.";
  return [new CommandError("INPUT_CONFLICT", `--watch and ${form}`, hint)];
}

interface Places {
  readonly project: string;
  readonly rules: string;
  /** How the folder of the definitions is shown. */
  readonly shown: string;
}

async function placesOf(options: TestOptions, io: Io): Promise<Places> {
  const [{ projectFolder }, { join }] = await Promise.all([
    import("../check/ruleFiles.ts"),
    import("node:path"),
  ]);
  const project = io.resolvePath(options.project ?? projectFolder);
  const own = options.project === undefined ? "rules" : join(options.project, "rules");
  const named = options.rules ?? io.env.KEYTURN_RULES;
  const rules = named === undefined ? join(project, "rules") : io.resolvePath(named);
  return { project, rules, shown: named ?? own };
}

async function runOnce(options: TestOptions, { project, rules, shown }: Places, io: Io): Promise<Answer> {
  const [{ testDefinitions }, { readTestFiles }, { formats }] = await Promise.all([
    import("../../lab/policyTests/policyTests.ts"),
    import("../check/ruleFiles.ts"),
    import("../policyTests/formats.ts"),
  ]);
  const files = readTestFiles(rules, shown);
  if (files.length === 0) {
    const hint = "Write one beside the definitions, such as api.test.yaml.";
    throw new CommandError("FILE_UNREADABLE", `${shown} holds no file whose name ends in .test.yaml`, hint);
  }
  const now = Math.floor(io.now().getTime() / 1000);
  const { results, coverage } = await testDefinitions({ project, rules, files, now });
  const failed = results.filter(({ ok }) => !ok);
  const counted = `${results.length - failed.length} of ${results.length} policy tests as expected`;
  io.err(`${counted}\n`);
  const failures: Failure[] = failed.length === 0 ? [] : [{ code: "TEST_FAILED", message: counted }];
  const covered = `${coverage.covered} of ${coverage.total} branches (${Math.floor(percentOf(coverage))} %)`;
  const short = options.atLeast !== undefined && percentOf(coverage) < options.atLeast;
  const message = `${covered} covered${short ? `, at least ${options.atLeast} % wanted` : ""}`;
  if (options.coverage) io.err(`${message}\n`);
  if (short) failures.push({ code: "COVERAGE_LOW", message });
  const asked = options.coverage ? { coverage } : {};
  const { format = "text" } = options;
  return {
    data: {
      tests: results.map(({ test: { name, at, expected }, ...seen }) => ({ name, ...at, expected, ...seen })),
      ...asked,
    },
    text: format === "json" ? "" : formats[format]({ results, ...asked }),
    failures,
  };
}

function percent(text: string): number {
  if (!/^(?:\d{1,2}|100)$/.test(text)) throw new InvalidArgumentError("Write a whole number from 0 to 100.");
  return Number(text);
}

function percentOf({ covered, total }: BranchCoverage): number {
  return (100 * covered) / total;
}

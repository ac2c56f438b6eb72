import { InvalidArgumentError, Option } from "commander";
import type { TestResult } from "../../lab/policyTests/run.ts";
import type { BranchCoverage } from "../../model/policyTests/branches.ts";
import type { Command, Failure } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";

interface TestOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly coverage?: boolean;
  readonly atLeast?: number;
}

/** `keyturn test`: the policy tests beside the definitions, on a local Cloudflare. */
export const policyTest: Command<TestOptions> = {
  name: "test",
  describe: "deploy the definitions to a local Cloudflare and run the policy tests beside them (*.test.yaml)",
  help: {
    examples: ["test", "test --rules rules --json", "test --at-least 80"],
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
      );
  },
  async run({ options }, io) {
    const [{ testDefinitions }, { projectFolder, readTestFiles }, { join }] = await Promise.all([
      import("../../lab/policyTests/policyTests.ts"),
      import("../check/ruleFiles.ts"),
      import("node:path"),
    ]);
    const project = io.resolvePath(options.project ?? projectFolder);
    const own = options.project === undefined ? "rules" : join(options.project, "rules");
    const named = options.rules ?? io.env.KEYTURN_RULES;
    const rules = named === undefined ? join(project, "rules") : io.resolvePath(named);
    const shown = named ?? own;
    const files = readTestFiles(rules, shown);
    if (files.length === 0) {
      const hint = "Write one beside the definitions, such as api.test.yaml.";
      throw new CommandError("FILE_UNREADABLE", `${shown} holds no file whose name ends in .test.yaml`, hint);
    }
    const { results, coverage } = await testDefinitions({ project, rules, files });
    const failed = results.filter(({ ok }) => !ok);
    const counted = `${results.length - failed.length} of ${results.length} policy tests as expected`;
    io.err(`${counted}\n`);
    const failures: Failure[] = failed.length === 0 ? [] : [{ code: "TEST_FAILED", message: counted }];
    const { columns } = await import("../cli/columns.ts");
    const covered = `${coverage.covered} of ${coverage.total} branches (${Math.floor(percentOf(coverage))} %)`;
    const short = options.atLeast !== undefined && percentOf(coverage) < options.atLeast;
    const message = `${covered} covered${short ? `, at least ${options.atLeast} % wanted` : ""}`;
    if (options.coverage) io.err(`${message}\n`);
    if (short) failures.push({ code: "COVERAGE_LOW", message });
    return {
      data: {
        tests: results.map(({ test: { name, at, expected }, seen, wanted, decides, passedOver, ok }) => ({
          name,
          ...at,
          expected,
          seen,
          wanted,
          decides,
          passedOver,
          ok,
        })),
        ...(options.coverage ? { coverage } : {}),
      },
      text: `${results.map(line).join("")}${options.coverage ? coverageText(coverage, columns) : ""}`,
      failures,
    };
  },
};

function line({ test: { name, at, expected }, seen, wanted, decides, passedOver, ok }: TestResult): string {
  if (ok) return `ok    ${name}\n`;
  const said = `${expected.status}${expected.by === undefined ? "" : ` by ${expected.by}`}`;
  const found = `${seen.status}${seen.by.length === 0 ? "" : ` by ${seen.by.join(", ")}`}`;
  const answers = wanted?.map(({ status, by }) => `${status} by ${by}`) ?? ["nothing on the canary path"];
  const over =
    passedOver.length === 0 ? "" : `; ${decides.join(", ")} decides, passed over: ${passedOver.join(", ")}`;
  const policy = answers.join(" or ") || "passes";
  return `FAIL  ${name}\n      ${at.file}:${at.line}:${at.column} expected ${said}; the compiled rules: ${found}; the policy: ${policy}${over}\n`;
}

function percent(text: string): number {
  if (!/^(?:\d{1,2}|100)$/.test(text)) throw new InvalidArgumentError("Write a whole number from 0 to 100.");
  return Number(text);
}

function percentOf({ covered, total }: BranchCoverage): number {
  return (100 * covered) / total;
}

function coverageText(
  { rules }: BranchCoverage,
  columns: (lines: readonly (readonly string[])[]) => string,
): string {
  const missing = rules.flatMap(({ host, rule, uncovered }) => uncovered.map((name) => [host, rule, name]));
  const counted = rules.map(({ host, rule, covered, uncovered }) => [
    host,
    rule,
    `${covered.length} of ${covered.length + uncovered.length}`,
  ]);
  const named = missing.length === 0 ? "" : `not covered\n${columns(missing)}`;
  return `covered\n${columns(counted)}${named}`;
}

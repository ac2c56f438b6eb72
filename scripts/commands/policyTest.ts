import type { TestResult } from "../../lab/policyTests/run.ts";
import type { Command } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";

interface TestOptions {
  readonly rules?: string;
  readonly project?: string;
}

/** `keyturn test`: the policy tests beside the definitions, on a local Cloudflare. */
export const policyTest: Command<TestOptions> = {
  name: "test",
  describe: "deploy the definitions to a local Cloudflare and run the policy tests beside them (*.test.yaml)",
  help: { examples: ["test", "test --rules rules --json"], exits: [], environment: ["KEYTURN_RULES"] },
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with Pulumi.dev.yaml (default: this project)");
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
    const results = await testDefinitions({ project, rules, files });
    const failed = results.filter(({ ok }) => !ok);
    const counted = `${results.length - failed.length} of ${results.length} policy tests as expected`;
    io.err(`${counted}\n`);
    return {
      data: {
        tests: results.map(({ test: { name, at, expected }, seen, wanted, ok }) => ({
          name,
          ...at,
          expected,
          seen,
          wanted,
          ok,
        })),
      },
      text: results.map(line).join(""),
      failures: failed.length === 0 ? [] : [{ code: "TEST_FAILED", message: counted }],
    };
  },
};

function line({ test: { name, at, expected }, seen, wanted, ok }: TestResult): string {
  if (ok) return `ok    ${name}\n`;
  const said = `${expected.status}${expected.by === undefined ? "" : ` by ${expected.by}`}`;
  const found = `${seen.status}${seen.by.length === 0 ? "" : ` by ${seen.by.join(", ")}`}`;
  const answers = wanted?.map(({ status, by }) => `${status} by ${by}`) ?? ["nothing on the canary path"];
  const policy = answers.join(" or ") || "passes";
  return `FAIL  ${name}\n      ${at.file}:${at.line}:${at.column} expected ${said}; the compiled rules: ${found}; the policy: ${policy}\n`;
}

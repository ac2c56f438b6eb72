import { InvalidArgumentError, Option } from "commander";
import type { BranchCoverage } from "../../model/policyTests/branches.ts";
import type { Answer, Command, Failure } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";
import { addFormatOption, formatProblems } from "../cli/format.ts";
import type { Io } from "../cli/io.ts";
import type { FormatName, TestRow } from "../policyTests/formats.ts";
import { isLoopback } from "../policyTests/live/loopback.ts";

interface TestOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly coverage?: boolean;
  readonly atLeast?: number;
  readonly watch?: boolean;
  readonly live?: URL;
  readonly tokenCommand?: string;
  readonly stack?: string;
  readonly format?: FormatName;
}

const FORMATS: readonly FormatName[] = ["text", "json", "junit"];

/** `keyturn test`: the policy tests beside the definitions, on a local Cloudflare. */
export const policyTest: Command<TestOptions> = {
  name: "test",
  describe: "deploy the definitions to a local Cloudflare and run the policy tests beside them (*.test.yaml)",
  help: {
    examples: [
      "test",
      "test --rules rules --format junit",
      "test --at-least 80",
      "test --watch",
      "test --live https://api.example.com --stack prod --token-command 'node make-token.js'",
    ],
    exits: ["stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with the stacks' files (default: this project)")
      .option("--coverage", "say which rules, and which branches of each, the tests bring about")
      .addOption(
        new Option("--at-least <percent>", "fail where they bring about fewer branches; says the coverage")
          .argParser(percent)
          .implies({ coverage: true }),
      )
      .option("--watch", "run again whenever definitions, tests or settings change, until Ctrl-C")
      .option("--live <url>", "send the tests to this server instead, https or on this machine", serverUrl)
      .option(
        "--token-command <command>",
        "with --live: makes a token of the ring and claims that it reads as JSON on stdin; no shell runs it",
      )
      .option("--stack <name>", "with --live: the stack whose hosts the tests are for (default: dev)");
    addFormatOption(command, FORMATS);
  },
  problems: ({ options }) => [
    ...formatProblems(options),
    ...watchProblems(options),
    ...liveProblems(options),
  ],
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

function liveProblems({ live, tokenCommand, stack, watch, coverage }: TestOptions) {
  const conflict = (message: string) => new CommandError("INPUT_CONFLICT", message);
  if (live === undefined) {
    const named = [tokenCommand && "--token-command", stack && "--stack"].filter(Boolean);
    return named.map((name) => conflict(`${name} is for --live alone`));
  }
  return [watch && "--watch", coverage && "--coverage"]
    .filter(Boolean)
    .map((name) =>
      conflict(`--live and ${name}: a server tells no rule that decides, and is not asked again and again`),
    );
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
  const [{ readTestFiles }, { formats }] = await Promise.all([
    import("../check/ruleFiles.ts"),
    import("../policyTests/formats.ts"),
  ]);
  const { format = "text", live, tokenCommand, stack = "dev" } = options;
  const files = readTestFiles(rules, shown);
  if (files.length === 0) {
    const hint = "Write one beside the definitions, such as api.test.yaml.";
    throw new CommandError("FILE_UNREADABLE", `${shown} holds no file whose name ends in .test.yaml`, hint);
  }
  if (live !== undefined) {
    const { testLive } = await import("../policyTests/live/testLive.ts");
    const input = { project, rules, stack, files, server: live, tokenCommand };
    const { rows, ...answer } = await testLive(input, io);
    return { ...answer, text: format === "json" ? "" : formats[format]({ rows }) };
  }
  const [{ testDefinitions }, { resultText }] = await Promise.all([
    import("../../lab/policyTests/policyTests.ts"),
    import("../policyTests/words.ts"),
  ]);
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
  const rows = results.map((result): TestRow => {
    return { test: result.test, outcome: result.ok ? "ok" : "failed", said: resultText(result) };
  });
  return {
    data: {
      tests: results.map(({ test: { name, at, expected }, ...seen }) => ({ name, ...at, expected, ...seen })),
      ...asked,
    },
    text: format === "json" ? "" : formats[format]({ rows, ...asked }),
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

/** A server by scheme, host and port. Tokens go there: plain http only to this machine. */
function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && `${url.origin}/` === url.href && /^https?:$/.test(url.protocol);
  if (!plain) throw new InvalidArgumentError("Write a server such as https://api.example.com.");
  if (url.protocol === "http:" && !isLoopback(url))
    throw new InvalidArgumentError("Write https: over plain http everybody on the way reads the tokens.");
  return url;
}

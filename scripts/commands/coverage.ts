import type { Endpoint, HostCoverage } from "../../model/policy/coverage.ts";
import type { Command } from "../cli/command.ts";

interface CoverageOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly stack: string;
}

/** `keyturn coverage`: endpoint by endpoint what protects it, and what is open; reads nothing but files. */
export const coverage: Command<CoverageOptions> = {
  name: "coverage",
  describe: "show what each endpoint asks for, and what is open; reads nothing but files",
  help: {
    examples: ["coverage", "coverage --stack prod --json"],
    exits: ["stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with the stacks' files (default: this project)")
      .option("--stack <name>", "the stack whose hosts, zones and mode count", "dev");
  },
  async run({ options }, io) {
    const [{ policiesIn }, { columns }] = await Promise.all([
      import("../check/policies.ts"),
      import("../cli/columns.ts"),
    ]);
    const { coverageOf } = await import("../../model/policy/coverage.ts");
    const rules = options.rules ?? io.env.KEYTURN_RULES;
    const project = options.project ?? (await import("../check/ruleFiles.ts")).projectFolder;
    const hosts = (await policiesIn({ project, rules, stack: options.stack }, io)).map(coverageOf);
    const endpoints = hosts.reduce((sum, host) => sum + host.endpoints.length, 0);
    const open = hosts.reduce((sum, host) => sum + host.open.length, 0);
    io.err(`stack ${options.stack}: ${hosts.length} hosts, ${endpoints} endpoints, ${open} openings\n`);
    return {
      data: { stack: options.stack, hosts },
      text: hosts.map((host) => textOf(host, columns)).join("\n"),
    };
  },
};

function textOf(
  { host, endpoints, exceptions, otherwise, open }: HostCoverage,
  columns: (lines: readonly (readonly string[])[]) => string,
): string {
  const place = ({ methods, path, id }: Pick<Endpoint, "methods" | "path" | "id">) => [
    methods?.join(",") ?? "any",
    path,
    id,
  ];
  const rest = otherwise === null ? ["-", "passes"] : [otherwise, "refused"];
  const table = columns([
    ["METHOD", "PATH", "RULE", "MODE", "ASKS FOR", "BESIDES", "LIMITS"],
    ...endpoints.map((each) => [
      ...place(each),
      each.stages === null ? each.mode : `${each.mode} (${each.stages})`,
      each.asks.join(", ") || "nothing",
      each.besides.map(besideText).join(", ") || "-",
      each.limits.map((limit) => `${besideText(limit)}: ${limit.counts}`).join(", ") || "-",
    ]),
    ...exceptions.map((each) => [...place(each), "-", "nothing (except)", "-", "-"]),
    ["any", "/*", "otherwise", ...rest, "-", "-"],
  ]);
  const openings =
    open.length === 0
      ? "nothing is open\n"
      : `open\n${columns(open.map((each) => [...place(each), each.because]))}`;
  return `${host}\n${table}${openings}`;
}

function besideText({ rule, mode, inPart }: Endpoint["besides"][number]): string {
  const notes = [...(mode === "block" ? [] : [mode]), ...(inPart ? ["in part"] : [])];
  return notes.length === 0 ? rule : `${rule} (${notes.join(", ")})`;
}

import { Option } from "commander";
import type { Bound } from "../../../model/environment/bound.ts";
import type { Command } from "../../cli/command.ts";
import { bound } from "../diff.ts";

interface ReportOptions {
  readonly base: string;
  readonly out?: string;
  readonly rules?: string;
  readonly project?: string;
  readonly atMost?: Bound;
  readonly annotations?: boolean;
}

/** `keyturn pr report`: what a pull request is told: check, policy tests and diff in one comment. */
export const prReport: Command<ReportOptions> = {
  name: "pr report",
  describe:
    "check the definitions, run their policy tests and compare them with another revision: the comment on a pull request, and files for code scanning",
  help: {
    examples: ["pr report", "pr report --base HEAD^1 --out report --annotations --at-most 25"],
    exits: ["policy", "stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    command
      .option("--base <revision>", "what to compare with: REV, REV:path or a folder", "main")
      .option("--out <folder>", "also write comment.md and check.sarif there; an existing file is replaced")
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with the stacks' files (default: this project)")
      .option("--annotations", "print problems as annotations of GitHub Actions instead of the comment")
      .addOption(
        new Option(
          "--at-most <amount>",
          "fail where more endpoints open or close: a number, or with % of those there were",
        ).argParser(bound),
      );
  },
  async run({ options }, io) {
    const { base, out, rules, project, atMost, annotations } = options;
    const { reportOn } = await import("../../pr/report.ts");
    const places = {
      ...(rules === undefined ? {} : { rules }),
      ...(project === undefined ? {} : { project }),
    };
    const report = await reportOn({ base, places, diff: atMost === undefined ? {} : { atMost } }, io);
    if (out !== undefined) {
      const { writeInto } = await import("../../pr/files.ts");
      writeInto(io.resolvePath(out), out, { "comment.md": report.comment, "check.sarif": report.sarif });
    }
    const { comment, failures } = report;
    return { data: { comment }, text: annotations ? report.annotations : comment, failures };
  },
};

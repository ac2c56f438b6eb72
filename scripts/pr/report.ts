import type { Answer, Failure } from "../cli/command.ts";
import { reportsOf } from "../cli/errors.ts";
import type { Io } from "../cli/io.ts";
import { renderError } from "../cli/print.ts";
import { check } from "../commands/check.ts";
import { diff } from "../commands/diff.ts";
import { policyTest } from "../commands/policyTest.ts";
import { cut, fenced, MARKER } from "./markdown.ts";

/** What a pull request is held against, and where its definitions lie. */
export interface ReportInput {
  /** The definitions as they are without it: a folder, REV or REV:path. */
  readonly base: string;
  /** Options of `check`, `test` and `diff` alike. */
  readonly places: { readonly rules?: string; readonly project?: string };
  readonly diff: Parameters<typeof diff.run>[0]["options"];
}

export interface Report {
  /** The comment, as GitHub takes it. */
  readonly comment: string;
  /** The problems for code scanning (SARIF 2.1.0), and as annotations of a run. */
  readonly sarif: string;
  readonly annotations: string;
  readonly failures: readonly Failure[];
}

/** How a part of the work ended. */
interface Part {
  /** One line on it. */
  readonly said: string;
  readonly text: string;
  /** Whether the text is what was thrown. */
  readonly threw: boolean;
  readonly failures: readonly Failure[];
}

/** Characters of a part that a comment has room for. */
const MOST = 15_000;

/** What `check`, `test` and `diff` say of a pull request, in one comment. */
export async function reportOn({ base, places, diff: options }: ReportInput, io: Io): Promise<Report> {
  const checked = async (format: "text" | "sarif" | "github") =>
    part((quiet) => check.run({ positional: [], options: { ...places, format } }, quiet), io);
  const found = await checked("text");
  const isSound = found.failures.length === 0;
  const tested = isSound
    ? await part((quiet) => policyTest.run({ positional: [], options: places }, quiet), io)
    : NOT_RUN;
  const compared = isSound
    ? await part(
        (quiet) =>
          diff.run({ positional: [base], options: { ...options, ...places, format: "markdown" } }, quiet),
        io,
      )
    : NOT_RUN;
  const failed = tested.text.split("\n").filter((line) => !line.startsWith("ok "));
  const sections = [
    section("check", found.said, fencedPart(found.text)),
    section("test", tested.said, fencedPart(failed.join("\n"))),
    section("diff", compared.said, compared.threw ? fencedPart(compared.text) : cut(compared.text, MOST)),
  ];
  return {
    comment: `${[MARKER, ...sections].join("\n\n")}\n`,
    sarif: (await checked("sarif")).text,
    annotations: (await checked("github")).text,
    failures: [...found.failures, ...tested.failures, ...compared.failures],
  };
}

const NOT_RUN: Part = {
  said: "not run, since the definitions have errors",
  text: "",
  threw: false,
  failures: [],
};

function fencedPart(text: string): string {
  return text.trim() === "" ? "" : fenced(cut(text, MOST));
}

function section(name: string, said: string, body: string): string {
  const head = `**${name}**${said === "" ? "" : `: ${said}`}`;
  return body === "" ? head : `${head}\n\n${body}`;
}

/** Runs a command for what it says. What it throws is what came of it. */
async function part(run: (io: Io) => Promise<Answer>, io: Io): Promise<Part> {
  let said = "";
  const quiet: Io = {
    ...io,
    err: (text) => {
      said += text;
    },
  };
  try {
    const { text, failures = [] } = await run(quiet);
    return { said: said.trim(), text, threw: false, failures };
  } catch (error) {
    const reports = reportsOf(error);
    const text = reports.map((report) => renderError(report, false)).join("");
    return { said: "it could not be done", text, threw: true, failures: reports };
  }
}

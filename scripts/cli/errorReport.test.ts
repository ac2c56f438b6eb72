import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../model/problem/problem.ts";
import { TokenInputError } from "../token/tokenInputError.ts";
import { reportOf } from "./errorReport.ts";
import { CommandError } from "./errors.ts";

describe("reportOf", () => {
  it("keeps code, hint and exit code of our own errors", () => {
    expect(reportOf(new CommandError("STACK_NOT_FOUND", "stack x does not exist"))).toEqual({
      code: "STACK_NOT_FOUND",
      message: "stack x does not exist",
      hint: "Run `pulumi stack ls` for the names.",
      exitCode: 6,
    });
    expect(reportOf(new TokenInputError("KEY_UNREADABLE", "m", "h"))).toEqual({
      code: "KEY_UNREADABLE",
      message: "m",
      hint: "h",
      exitCode: 2,
    });
  });

  it("lists the problems of definitions", () => {
    const problem = {
      file: "rules/a.yaml",
      line: 1,
      column: 2,
      code: "X",
      message: "m",
      hint: "h",
      severity: "error",
    } as const;
    expect(reportOf(new ProblemError([problem]))).toEqual({
      code: "DEFINITIONS_INVALID",
      message: "the definitions have problems\nrules/a.yaml:1:2 X: m\n    h",
      hint: "Mend them; `keyturn check` shows them without deploying anything.",
      exitCode: 2,
      problems: [problem],
    });
  });

  it("knows an error whose message begins with its code", () => {
    const error = Object.assign(new Error("LEDGER_FOREIGN: it belongs to another"), {
      code: "LEDGER_FOREIGN",
    });
    expect(reportOf(error)).toEqual({
      code: "LEDGER_FOREIGN",
      message: "it belongs to another",
      hint: "`keyturn explain LEDGER_FOREIGN` says more.",
      exitCode: 1,
    });
  });

  it("never repeats a value that commander quotes", () => {
    const usage = (message: string) => reportOf(new CommanderError(1, "commander.x", message)).message;
    expect(usage("error: unknown option '--key=hunter2'")).toBe("unknown option '--key'");
    expect(usage("error: too many arguments for 'verify'. Expected 1 argument but got 2: hunter2, b.")).toBe(
      "too many arguments for 'verify'. Expected 1 argument but got 2",
    );
    expect(usage("error: option '--claim <name=value>' argument 'hunter2' is invalid. Write it.")).toBe(
      "option '--claim <name=value>' argument is invalid. Write it.",
    );
    expect(usage("error: unknown command 'hunter2'")).toBe("unknown command 'hunter2'");
  });

  it("takes everything else for a failure of keyturn itself", () => {
    const unexpected = { code: "INTERNAL", exitCode: 255, hint: expect.stringContaining("--verbose") };
    expect(reportOf(new TypeError("x is not a function"))).toEqual({
      ...unexpected,
      message: "TypeError: x is not a function",
    });
    expect(reportOf(Object.assign(new Error("open failed"), { code: "ENOENT" }))).toEqual({
      ...unexpected,
      message: "Error: open failed",
    });
    expect(reportOf("text")).toEqual({ ...unexpected, message: "text" });
  });
});

import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../model/problem/problem.ts";
import { PlanRefused } from "../../model/update/plan.ts";
import { TokenInputError } from "../token/findings.ts";
import { CommandError, reportOf, reportsOf } from "./errors.ts";

describe("reportsOf", () => {
  it("keeps code and hint of our own errors, several at once too", () => {
    const errors = [
      new CommandError("STACK_NOT_FOUND", "stack x does not exist"),
      new TokenInputError("KEY_UNREADABLE", "m", "h"),
    ];
    expect(reportsOf(new AggregateError(errors))).toEqual([
      {
        code: "STACK_NOT_FOUND",
        message: "stack x does not exist",
        hint: "Run `pulumi stack ls` for the names, or `pulumi stack init` to make it.",
        exitCode: 6,
      },
      { code: "KEY_UNREADABLE", message: "m", hint: "h", exitCode: 2 },
    ]);
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
    expect(reportsOf(new ProblemError([problem]))).toEqual([
      {
        code: "DEFINITIONS_INVALID",
        message: "the definitions have problems\nrules/a.yaml:1:2 X: m\n    h",
        hint: "Mend them; `keyturn check` shows every one with its place.",
        exitCode: 2,
        problems: [problem],
      },
    ]);
  });

  it("says a refused plan's code once, with the remedy and exit code of its row", () => {
    expect(reportsOf(new PlanRefused("ZONE_RENAMED", "zone a was b"))).toEqual([
      { code: "ZONE_RENAMED", message: "zone a was b", hint: "Put the name back.", exitCode: 2 },
    ]);
    expect(reportsOf(new PlanRefused("LEDGER_FOREIGN", "it belongs to another"))).toMatchObject([
      { exitCode: 1 },
    ]);
  });

  it("never repeats a value that commander quotes", () => {
    const usage = (message: string) => reportsOf(new CommanderError(1, "commander.x", message))[0]?.message;
    expect(usage("error: unknown option '--key=hunter2'")).toBe("unknown option '--key'");
    expect(usage("error: too many arguments for 'verify'. Expected 1 argument but got 2: hunter2, b.")).toBe(
      "too many arguments for 'verify'. Expected 1 argument but got 2",
    );
    expect(usage("error: unknown command 'hunter2'")).toBe("unknown command 'hunter2'");
  });

  it("names what Cloudflare's API answered, or that it did not", () => {
    class PermissionDeniedError extends Error {
      readonly status = 403;
    }
    class APIConnectionError extends Error {
      readonly status = undefined;
    }
    expect(
      [new PermissionDeniedError("403 {}"), new APIConnectionError("Connection error.")].flatMap(reportsOf),
    ).toMatchObject([
      {
        code: "API_FORBIDDEN",
        message: "Cloudflare's API could not be read (403, PermissionDeniedError)",
        exitCode: 3,
      },
      {
        code: "API_UNREACHABLE",
        message: "Cloudflare's API could not be read (no answer, APIConnectionError)",
        exitCode: 4,
      },
    ]);
  });

  it("takes everything else for a failure of keyturn itself", () => {
    const unexpected = { code: "INTERNAL", exitCode: 255, hint: expect.stringContaining("--verbose") };
    expect(reportsOf(new TypeError("x is not a function"))).toEqual([
      { ...unexpected, message: "TypeError: x is not a function" },
    ]);
    expect(reportsOf(Object.assign(new Error("open failed"), { code: "ENOENT" }))).toEqual([
      { ...unexpected, message: "Error: open failed" },
    ]);
    expect(reportsOf("text")).toEqual([{ ...unexpected, message: "text" }]);
  });
});

describe("reportOf", () => {
  it("gives a problem of a definition, which has no remedy of its own, a way to more", () => {
    expect(reportOf({ code: "RING_UNKNOWN", message: "m" })).toEqual({
      code: "RING_UNKNOWN",
      message: "m",
      hint: "`keyturn explain RING_UNKNOWN` says more.",
      exitCode: 2,
    });
  });

  it("never lets a text pass that is no code", () => {
    expect(reportOf({ code: "NOWHERE", message: "m" }).exitCode).toBe(255);
  });
});

import { describe, expect, it } from "vitest";
import type { Command } from "./command.ts";
import { CommandError } from "./errors.ts";
import { fakeIo } from "./fakeIo.ts";
import type { Io } from "./io.ts";
import { main } from "./program.ts";

const token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

const echo: Command<{ readonly word?: string; readonly fail?: string }> = {
  name: "demo echo",
  describe: "print a word",
  help: { examples: ["demo echo --word a"], exits: ["authentication"], environment: ["KEYTURN_RULES"] },
  configure: (command) => void command.argument("[more...]").option("--word <word>").option("--fail <how>"),
  problems: ({ options }) =>
    options.word === "bad" ? [new CommandError("INPUT_INVALID", "bad is no word", "Say another.")] : [],
  async run({ positional, options }, io) {
    if (options.fail === "known") throw new CommandError("INPUT_MISSING", `nothing in ${token}`, "Give it.");
    if (options.fail === "unknown") throw new RangeError(`broken by ${token}`);
    io.err(`note ${token}\n`);
    const words = [options.word, ...positional];
    const failures = options.word === "no" ? [{ code: "TOKEN_EXPIRED", message: "too old" }] : [];
    return {
      data: { words },
      text: `${words.join(" ")} ${io.now().toISOString()} ${io.color.out}\n`,
      failures,
    };
  },
};
const plain: Command = {
  name: "plain",
  describe: "do nothing",
  help: { examples: ["plain"], exits: [], environment: [] },
  configure: () => undefined,
  run: async () => ({ data: null, text: "" }),
};

async function run(argv: readonly string[], parts: Partial<Io> = {}) {
  const io = fakeIo(parts);
  const code = await main(argv, io, [echo, plain]);
  return { code, out: io.stdout(), err: io.stderr() };
}

describe("main", () => {
  it("runs a command of two words: data on stdout, notes masked on stderr", async () => {
    expect(await run(["demo", "echo", "--word", "a", "b", "c"])).toEqual({
      code: 0,
      out: "a b c 2026-11-22T12:00:00.000Z false\n",
      err: "note [masked]\n",
    });
  });

  it("exits with the code that the table gives to the first failure of an answer", async () => {
    expect(await run(["demo", "echo", "--word", "no"])).toMatchObject({
      code: 3,
      out: "no 2026-11-22T12:00:00.000Z false\n",
    });
    const { code, out } = await run(["--json", "demo", "echo", "--word", "no"]);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toEqual({
      version: 2,
      command: "demo echo",
      ok: false,
      exitCode: 3,
      data: { words: ["no"] },
      errors: [
        {
          code: "TOKEN_EXPIRED",
          message: "too old",
          hint: "Get a new token; if it is new, compare the clocks of issuer and edge.",
          exitCode: 3,
        },
      ],
    });
  });

  it("names every problem of a line at once, the parser's and the command's", async () => {
    const line = [
      "demo",
      "echo",
      "--word",
      "x",
      "--now",
      "soon",
      "--word",
      "bad",
      "--nope",
      "--nor",
      "--fail",
    ];
    const { code, out, err } = await run(line);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.split("\n").filter((text) => text.startsWith("error"))).toEqual([
      "error USAGE: option '--now <iso>' argument is invalid. Write a time with a zone, for example 2026-11-22T12:00:00Z.",
      "error USAGE: option '--word <word>' was given more than once",
      "error USAGE: option '--fail <how>' argument missing",
      "error USAGE: unknown option '--nope'",
      "error USAGE: unknown option '--nor'",
      "error INPUT_INVALID: bad is no word",
    ]);
    const json = JSON.parse((await run([...line, "--json"])).out);
    expect(json.errors).toHaveLength(6);
  });

  it("takes the time of --now, with any zone", async () => {
    expect((await run(["demo", "echo", "--now", "2027-01-01T01:30:00+01:00"])).out).toContain(
      "2027-01-01T00:30:00.000Z",
    );
  });

  it.each(["2027-01-01", "2027-01-01T00:00:00", "2027-13-01T00:00:00Z", "tomorrow", "1795348800"])(
    "refuses --now %s",
    async (time) => {
      expect(await run(["demo", "echo", "--now", time])).toEqual({
        code: 2,
        out: "",
        err: "error USAGE: option '--now <iso>' argument is invalid. Write a time with a zone, for example 2026-11-22T12:00:00Z.\n  Read `keyturn <command> --help`.\n",
      });
    },
  );

  it("drops notes under --quiet, and keeps errors", async () => {
    expect((await run(["demo", "echo", "--quiet"])).err).toBe("");
    expect((await run(["demo", "echo", "--quiet", "--fail", "known"])).err).toContain("INPUT_MISSING");
  });

  it("prints an expected failure with what to do, masked", async () => {
    expect(await run(["demo", "echo", "--fail", "known"])).toEqual({
      code: 2,
      out: "",
      err: "error INPUT_MISSING: nothing in [masked]\n  Give it.\n",
    });
  });

  it("puts the failure into the envelope under --json, masked too", async () => {
    const { code, out, err } = await run(["demo", "echo", "--json", "--fail", "known"]);
    expect(code).toBe(2);
    expect(err).toContain("error INPUT_MISSING");
    expect(JSON.parse(out)).toEqual({
      version: 2,
      command: "demo echo",
      ok: false,
      exitCode: 2,
      errors: [{ code: "INPUT_MISSING", message: "nothing in [masked]", hint: "Give it.", exitCode: 2 }],
    });
  });

  it("ends with 255 on a failure of its own, with the stack only under --verbose", async () => {
    const short = await run(["demo", "echo", "--fail", "unknown"]);
    expect(short).toEqual({
      code: 255,
      out: "",
      err: "error INTERNAL: RangeError: broken by [masked]\n  Run the command again with --verbose and report what it prints; keys and tokens are masked in it.\n",
    });
    const long = await run(["demo", "echo", "--fail", "unknown", "--verbose"]);
    expect(long.err).toContain("program.test.ts");
    expect(long.err).not.toContain("eyJ");
  });

  it("colours by flag, environment and terminal", async () => {
    const terminal = { out: true, err: true };
    const colored = async (argv: string[], parts: Partial<Io>) =>
      (await run(["demo", "echo", ...argv], parts)).out.trim().split(" ").at(-1);
    expect(await colored([], { color: terminal })).toBe("true");
    expect(await colored(["--no-color"], { color: terminal })).toBe("false");
    expect(await colored([], { color: terminal, env: { NO_COLOR: "1" } })).toBe("false");
    expect(await colored(["--color"], {})).toBe("true");
    const failed = await run(["demo", "echo", "--fail", "known"], { color: terminal });
    expect(failed.err).toBe(
      "\u001b[31merror\u001b[39m \u001b[1mINPUT_MISSING\u001b[22m: nothing in [masked]\n  Give it.\n",
    );
  });

  it("prints help and version on stdout and succeeds", async () => {
    const help = await run(["--help"]);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain("Usage: keyturn [options] [command]");
    expect(await run(["--version"])).toEqual({ code: 0, out: "0.1.0\n", err: "" });
    expect(JSON.parse((await run(["--version", "--json"])).out)).toEqual({
      version: 2,
      command: "",
      ok: true,
      exitCode: 0,
      data: { version: "0.1.0" },
    });
  });

  it("prints a command's help with its options, examples, exit codes and variables", async () => {
    const { code, out, err } = await run(["demo", "echo", "--help", "--nope"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Usage: keyturn demo echo \[options\] \[more\.\.\.\]\n\nprint a word\n\nOptions:\n/);
    for (const text of [
      "--word <word>",
      "--now <iso>  ",
      "\n\nExamples:\n  npx keyturn demo echo --word a\n",
    ])
      expect(out).toContain(text);
    expect(out).toMatch(/\nExit codes:\n {2}0 {4}done.*\n {2}1 {4}.*\n {2}2 {4}.*\n {2}3 {4}/);
    expect(out).toMatch(/\nEnvironment:\n {2}KEYTURN_RULES {2}folder/);
    expect(JSON.parse((await run(["demo", "echo", "--json", "--help"])).out)).toMatchObject({
      command: "demo echo",
      ok: true,
      data: {
        usage: "keyturn demo echo [options] [more...]",
        examples: ["npx keyturn demo echo --word a"],
        exitCodes: [{ exitCode: 0 }, { exitCode: 1 }, { exitCode: 2 }, { exitCode: 3 }, { exitCode: 8 }, {}],
      },
    });
  });

  it("says which commands there are when none is named", async () => {
    expect(await run([])).toEqual({
      code: 2,
      out: "",
      err: "error USAGE: no command was named\n  Give one of: demo echo, plain. `keyturn --help` says more.\n",
    });
    expect((await run(["demo"])).err).toBe(
      "error USAGE: `demo` needs one more word\n  Give one of: demo echo. `keyturn --help` says more.\n",
    );
    expect(JSON.parse((await run(["--json"])).out)).toMatchObject({
      ok: false,
      exitCode: 2,
      errors: [{ code: "USAGE", message: "no command was named" }],
    });
  });

  it("refuses what it does not know, with a suggestion and without the value", async () => {
    expect(await run(["plian"])).toEqual({
      code: 2,
      out: "",
      err: "error USAGE: unknown command 'plian'\n  Did you mean plain?\n",
    });
    expect((await run(["plain", "--secret=hunter2"])).err).toBe(
      "error USAGE: unknown option '--secret'\n  Read `keyturn <command> --help`.\n",
    );
    expect((await run(["plain", "hunter2"])).err).toBe(
      "error USAGE: too many arguments for 'plain'. Expected 0 arguments but got 1\n  Read `keyturn <command> --help`.\n",
    );
    expect(JSON.parse((await run(["plain", "--nope", "--json"])).out)).toMatchObject({
      command: "plain",
      errors: [{ code: "USAGE", exitCode: 2 }],
    });
  });
});

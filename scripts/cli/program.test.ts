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
  configure: (command) => void command.argument("[more...]").option("--word <word>").option("--fail <how>"),
  async run({ positional, options }, io) {
    if (options.fail === "known") throw new CommandError("INPUT_MISSING", `nothing in ${token}`, "Give it.");
    if (options.fail === "unknown") throw new RangeError(`broken by ${token}`);
    io.err(`note ${token}\n`);
    io.out(`${[options.word, ...positional].join(" ")} ${io.now().toISOString()} ${io.color.out}\n`);
    return options.word === "seven" ? 7 : undefined;
  },
};
const plain: Command = {
  name: "plain",
  describe: "do nothing",
  configure: () => undefined,
  run: async () => undefined,
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

  it("answers the exit code of the command", async () => {
    expect((await run(["demo", "echo", "--word", "seven"])).code).toBe(7);
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
      version: 1,
      command: "demo echo",
      ok: false,
      error: { code: "INPUT_MISSING", message: "nothing in [masked]", hint: "Give it.", exitCode: 2 },
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
    expect((await run(["demo", "echo", "--help"])).out).toContain("--now <iso>");
  });

  it("prints the help on stderr and fails when there is no command", async () => {
    const { code, out, err } = await run([]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Usage: keyturn");
    expect(err).not.toContain("error");
    expect((await run(["demo"])).err).toContain("Usage: keyturn demo");
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
      command: "",
      error: { code: "USAGE", exitCode: 2 },
    });
  });
});

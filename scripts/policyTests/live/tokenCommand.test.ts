import { describe, expect, test } from "vitest";
import { fakeIo } from "../../cli/fakeIo.ts";
import { runCommand } from "../../cli/runCommand.ts";
import { tokenCommand, wordsOf } from "./tokenCommand.ts";

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jws = (claims: unknown) => `${part({ alg: "ES256" })}.${part(claims)}.${"s".repeat(86)}`;

/** What a command is asked, and a maker whose command answers so. */
function answering(stdout: string, exit: number | string = 0) {
  const asked: unknown[] = [];
  const io = fakeIo({
    command: async (words, stdin, says) => {
      asked.push([words, stdin]);
      says("made one");
      return { exit, stdout };
    },
  });
  return { asked, make: tokenCommand("make-token --for 'two words'", io), said: io.stderr };
}

test("a command gets ring and claims as a line of JSON, and the same question once", async () => {
  const token = jws({ scope: "a", sub: "1" });
  const { asked, make, said } = answering(`${token}\n`);
  expect(await make("main", { scope: "a" })).toBe(token);
  expect(await make("main", { scope: "a" })).toBe(token);
  expect(asked).toEqual([[["make-token", "--for", "two words"], '{"ring":"main","claims":{"scope":"a"}}\n']]);
  expect(said()).toBe("made one\n");
});

describe("no token, and nothing of what the command said:", () => {
  test.each<[string, string, (number | string)?]>([
    ["make-token could not be run (ENOENT)", "", "ENOENT"],
    ["make-token ended with 3", jws({ scope: "a" }), 3],
    ["make-token answered no compact JWS on stdout", "hidden"],
    ["make-token answered no compact JWS on stdout", `${jws({ scope: "a" })} ${jws({ scope: "a" })}`],
    ["make-token answered a JWS that holds no claims", "aGlkZGVu.aGlkZGVu.aGlkZGVu"],
    ["make-token answered a token whose claim scope is not the one asked for", jws({ scope: "b" })],
  ])("%s", async (why, stdout, exit) => {
    const failed = answering(stdout, exit).make("main", { scope: "a" });
    await expect(failed).rejects.toMatchObject({
      code: "TOKEN_COMMAND_FAILED",
      message: `no token of the ring main: ${why}`,
    });
  });
});

test.each<[string, string[]]>([
  ["node make.js", ["node", "make.js"]],
  [`a  'b c' "d 'e'" f'g h'`, ["a", "b c", "d 'e'", "fg h"]],
  ['node "" x', ["node", "", "x"]],
  ["a;b $HOME `id` | c", ["a;b", "$HOME", "`id`", "|", "c"]],
])("the words of %s", (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});

describe("a program that runs", () => {
  const { signal } = new AbortController();
  const script = (text: string) => [process.execPath, "-e", text];
  const silent = (line: string) => expect.unreachable(line);

  test("reads stdin, and no shell reads its words", async () => {
    const echo = "process.stdin.on('data', (d) => process.stdout.write(d + process.argv[1]))";
    expect(await runCommand([...script(echo), "$HOME;id"], "asked ", silent, signal)).toEqual({
      exit: 0,
      stdout: "asked $HOME;id",
    });
  });

  test("ends with a code, cannot be found, or is stopped", async () => {
    expect(await runCommand(script("process.exit(4)"), "x".repeat(1_000_000), silent, signal)).toEqual({
      exit: 4,
      stdout: "",
    });
    expect(await runCommand(["/nonexistent"], "", silent, signal)).toEqual({ exit: "ENOENT", stdout: "" });
    expect(await runCommand(script("setInterval(() => {}, 1e9)"), "", silent, AbortSignal.abort())).toEqual({
      exit: "ABORT_ERR",
      stdout: "",
    });
  });

  test("says on stderr what it says, line by line, and none of it past the caller", async () => {
    const said: string[] = [];
    const both = "process.stderr.write('one\\ntwo'); process.stdout.write('out')";
    const ran = await runCommand(script(both), "", (line) => void said.push(line), signal);
    expect([ran, said]).toEqual([{ exit: 0, stdout: "out" }, ["one", "two"]]);
  });
});

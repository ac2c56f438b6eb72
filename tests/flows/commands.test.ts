import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { explainedCode } from "../../model/codes/codeTable.ts";
import { exitCodes } from "../../model/codes/exitCodes.ts";
import { fakeIo } from "../../scripts/cli/fakeIo.ts";
import type { Io } from "../../scripts/cli/io.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import { native } from "../support/native.ts";
import { removeTemporaryFolders, temporaryFolder } from "../support/temporary.ts";

const { commands } = native<typeof import("../../scripts/cli/commands.ts")>("scripts/cli/commands.ts");
const { main } = native<typeof import("../../scripts/cli/program.ts")>("scripts/cli/program.ts");
const { CommandError } = native<typeof import("../../scripts/cli/errors.ts")>("scripts/cli/errors.ts");
const { PlanRefused } = native<typeof import("../../model/update/plan.ts")>("model/update/plan.ts");
const { atStage } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");

/* Long because it is one table: for each command, the lines that bring about each of its codes. */

const SECRET = `${"Aa0".repeat(21)}Z`;
const LINK = "/files/a.pdf?verify=1795348800-";
const interrupted = { signal: AbortSignal.abort() };

/** A command line, what surrounds it, and the code it must end with; none means success. */
interface Case {
  readonly line: string;
  readonly io?: () => Partial<Io> | Promise<Partial<Io>>;
  readonly code?: string;
}

const inWorld = (next: string, change: (world: RotationWorld) => RotationWorld = (world) => world) => {
  return async (): Promise<Partial<Io>> => {
    const { rotation } = await atStage("asymmetric", next);
    return { openWorld: async () => change(rotation) };
  };
};
const refusing = (error: Error) => () => ({ openWorld: () => Promise.reject(error) });
const key = () => ({ env: { KEY: SECRET } });
/** Surroundings where relative paths lead into a folder with these files; `examples/` stays what it is. */
const inFolder = (files: Readonly<Record<string, string>>) => (): Partial<Io> => {
  const folder = temporaryFolder("commands");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { resolvePath: (path) => (path.startsWith("examples/") ? resolve(path) : resolve(folder, path)) };
};
afterAll(removeTemporaryFolders);

const API = {
  "api.yaml": `openapi: 3.0.3
info: { title: Orders, version: "1" }
paths: { /orders: { get: { security: [] } } }
`,
};
/** Definitions that need no key, with these policy tests where there are any. */
const openAnd = (tests?: string) =>
  inFolder({
    "mine/api.yaml": `host: api.example.com
rules: [{ id: health, match: { path: /health }, require: none }]
otherwise: deny
`,
    ...(tests === undefined ? {} : { "mine/api.test.yaml": `host: api.example.com\ntests: [${tests}]\n` }),
  });

/** In a repository with a folder and a branch of one name. */
const inRepository = (): Partial<Io> => {
  const io = inFolder({ "tests/a.yaml": "" })();
  const git = (...parts: string[]) =>
    execFileSync("git", parts, { cwd: io.resolvePath?.("."), stdio: "ignore" });
  git("init");
  git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--allow-empty", "--message", "a");
  git("branch", "tests");
  return io;
};

/** For every command: lines that succeed, and at least one for each way to fail. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  // The lab has its own tests; here only that a wrong line is answered as everywhere.
  ...Object.fromEntries(
    commands
      .filter(({ name }) => name.startsWith("lab "))
      .map(({ name }) => [name, [{ line: "--nope", code: "USAGE" }]]),
  ),
  check: [
    { line: "--project examples/shop" },
    { line: "--project nowhere", code: "FILE_UNREADABLE" },
    { line: "--project examples/shop --stack nowhere", code: "STACK_NOT_FOUND" },
    { line: "--project examples/shop --format github", code: "INPUT_CONFLICT" },
    { line: "--format xml", code: "USAGE" },
    { line: "--project examples/shop --openapi nowhere.yaml", code: "FILE_UNREADABLE" },
    { line: "--rules tests/support/rings", code: "DEFINITIONS_INVALID" },
  ],
  init: [
    { line: "--openapi api.yaml --out drafts", io: inFolder(API) },
    { line: "", code: "USAGE" },
    { line: "--openapi nowhere.yaml --out drafts", io: inFolder(API), code: "FILE_UNREADABLE" },
    {
      line: "--openapi api.yaml --out drafts",
      io: inFolder({ "api.yaml": "swagger: '2.0'\n" }),
      code: "DEFINITIONS_INVALID",
    },
    {
      line: "--openapi api.yaml --out examples/shop/rules --ring x",
      io: inFolder(API),
      code: "INPUT_INVALID",
    },
    {
      line: "--openapi api.yaml --out drafts",
      io: inFolder({ ...API, "drafts/orders.yaml": "# mine\n" }),
      code: "FILE_EXISTS",
    },
    {
      line: "--openapi api.yaml --out api.yaml/drafts",
      io: inFolder(API),
      code: "FILE_UNWRITABLE",
    },
  ],
  diff: [
    { line: "examples/shop/rules rules --project examples/shop" },
    { line: "examples/shop/rules ./nowhere", code: "FILE_UNREADABLE" },
    { line: "examples/shop/rules nowhere", code: "REVISION_UNKNOWN" },
    { line: "tests --project examples/shop", io: inRepository, code: "REVISION_AMBIGUOUS" },
    { line: "examples/shop/rules rules --project examples/shop --at-most 1", code: "CHANGES_TOO_MANY" },
    { line: "examples/shop/rules rules --project rules", code: "STACK_NOT_FOUND" },
    { line: "examples/shop/rules tests/support/rings", code: "DEFINITIONS_INVALID" },
    { line: "rules rules --format text", code: "INPUT_CONFLICT" },
    { line: "", code: "USAGE" },
  ],
  "pr report": [
    { line: "--project examples/shop --base examples/shop/rules" },
    { line: "--project examples/shop --base nowhere", code: "REVISION_UNKNOWN" },
    { line: "--project examples/shop --base rules --at-most 0", code: "CHANGES_TOO_MANY" },
    { line: "--project examples/shop --rules tests/support/rings", code: "DEFINITIONS_INVALID" },
    { line: "--project examples/shop --rules nowhere", code: "FILE_UNREADABLE" },
    { line: "--project examples/shop --stack prod", code: "USAGE" },
    {
      line: "--project examples/shop --base examples/shop/rules --out api.yaml/report",
      io: inFolder(API),
      code: "FILE_UNWRITABLE",
    },
  ],
  "pr preview": [
    { line: "--rules nowhere", code: "FILE_UNREADABLE" },
    { line: "--rules rules", io: () => ({ env: { PATH: "/nowhere" } }), code: "CLI_MISSING" },
    { line: "--stack prod", code: "USAGE" },
  ],
  schema: [{ line: "" }, { line: "too many", code: "USAGE" }],
  test: [
    { line: "--project examples/shop --rules mine", io: openAnd("{ path: /health, expect: passes }") },
    {
      line: "--project examples/shop --rules mine",
      io: openAnd("{ path: /health, expect: 404 }"),
      code: "TEST_FAILED",
    },
    {
      line: "--project examples/shop --rules mine",
      io: openAnd("{ paths: /health }"),
      code: "DEFINITIONS_INVALID",
    },
    {
      line: "--project examples/shop --rules mine --at-least 100",
      io: openAnd("{ path: /health, expect: passes }"),
      code: "COVERAGE_LOW",
    },
    { line: "--project examples/shop --rules mine --watch", code: "INPUT_CONFLICT" },
    { line: "--at-least 101", code: "USAGE" },
    { line: "--live http://api.example.com", code: "USAGE" },
    { line: "--live https://user@api.example.com", code: "USAGE" },
    { line: "--live https://api.example.com --coverage", code: "INPUT_CONFLICT" },
    { line: "--live https://api.example.com --watch", code: "INPUT_CONFLICT" },
    { line: "--token-command make --stack prod", code: "INPUT_CONFLICT" },
    {
      line: "--project examples/shop --rules mine --live http://127.0.0.1:1",
      io: openAnd("{ path: /health, expect: passes }"),
      code: "TEST_FAILED",
    },
    {
      line: "--project examples/shop --rules mine --live http://127.0.0.1:1 --stack nowhere",
      io: openAnd("{ path: /health, expect: passes }"),
      code: "STACK_NOT_FOUND",
    },
    {
      line: "--project examples/shop --live http://127.0.0.1:1 --token-command make",
      code: "TOKEN_COMMAND_FAILED",
    },
    { line: "--project examples/shop --rules mine", io: openAnd(), code: "FILE_UNREADABLE" },
    { line: "--nope", code: "USAGE" },
  ],
  coverage: [
    { line: "--project examples/shop" },
    { line: "--project nowhere", code: "FILE_UNREADABLE" },
    { line: "--project examples/shop --stack nowhere", code: "STACK_NOT_FOUND" },
    { line: "--project examples/shop --rules tests/support/rings", code: "DEFINITIONS_INVALID" },
    { line: "--format xml", code: "USAGE" },
  ],
  explain: [{ line: "" }, { line: "DRIFT" }, { line: "DRIFFT", code: "CODE_UNKNOWN" }],
  status: [
    { line: "", io: inWorld("publish k2") },
    { line: "", io: refusing(new CommandError("CLI_MISSING", "no CLI")), code: "CLI_MISSING" },
    { line: "", io: refusing(new PlanRefused("RING_MISSING", "m")), code: "RING_MISSING" },
    { line: "too many", code: "USAGE" },
  ],
  rotate: [
    { line: "--dry-run", io: inWorld("publish k2") },
    { line: "nothere", io: inWorld("publish k2"), code: "RING_UNKNOWN" },
    {
      line: "",
      io: inWorld("publish k2", (world) => ({ ...world, serverTime: async () => 0 })),
      code: "CLOCK_SKEW",
    },
    { line: "", io: refusing(new CommandError("PASSPHRASE_WRONG", "m")), code: "PASSPHRASE_WRONG" },
    { line: "--fource", code: "USAGE" },
  ],
  revoke: [
    { line: "shop --key k1 --yes", io: inWorld("publish k2") },
    { line: "nothere --key k1 --yes", io: inWorld("publish k2"), code: "RING_UNKNOWN" },
    { line: "storefront", code: "INPUT_MISSING" },
    { line: `storefront --key k1 --yes --reason ${"x".repeat(201)}`, code: "INPUT_INVALID" },
  ],
  abort: [
    { line: "shop", io: inWorld("promote k2") },
    { line: "nothere", io: inWorld("publish k2"), code: "RING_UNKNOWN" },
    { line: "", code: "USAGE" },
    { line: "storefront", io: refusing(new CommandError("LOGIN_MISSING", "m")), code: "LOGIN_MISSING" },
  ],
  forget: [
    { line: "shop", io: inWorld("publish k2"), code: "RING_IN_USE" },
    { line: "nothere", io: inWorld("publish k2"), code: "RING_UNKNOWN" },
    { line: "", code: "USAGE" },
  ],
  "jwks fetch": [
    { line: "shop", io: inWorld("publish k2"), code: "RING_KIND_CHANGED" },
    { line: "nothere --rules examples/shop/rules", io: inWorld("publish k2"), code: "RING_UNKNOWN" },
    { line: "", code: "USAGE" },
  ],
  "token sign": [
    { line: "--key-env KEY --kid k --lifetime 1m", io: key },
    { line: "--key-env KEY --lifetime 1m", code: "ENVIRONMENT_MISSING" },
    { line: "--ring x --lifetime 1m", code: "SIGNER_UNKNOWN" },
  ],
  "token verify": [
    {
      line: `${LINK}${"a".repeat(43)} --key-env KEY --parameter verify --lifetime 1m`,
      io: key,
      code: "LINK_MAC_ENCODING",
    },
    { line: "a.b.c --key-env KEY", io: key, code: "TOKEN_MALFORMED" },
    { line: "--key-file nowhere --token-file nowhere", code: "FILE_UNREADABLE" },
  ],
  "token explain": [{ line: "a.b.c" }, { line: "a.b.c --key-env KEY", code: "ENVIRONMENT_MISSING" }],
  edge: [
    { line: "--port 0", io: () => interrupted },
    { line: "--port x", code: "USAGE" },
  ],
  // What it does at length is `npm start`; here only that a wrong line is answered as everywhere.
  try: [{ line: "--nope", code: "USAGE" }],
};

async function run(argv: readonly string[], parts: Partial<Io>) {
  const io = fakeIo(parts);
  const code = await main(argv, io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

test("every command has its cases", () => {
  expect(Object.keys(cases).sort()).toEqual(commands.map(({ name }) => name).sort());
});

describe.each(Object.entries(cases))("%s", (name, all) => {
  const help = commands.find((command) => command.name === name)?.help;
  const exits = ["ok", "error", "configuration", "cancelled", "internal", ...(help?.exits ?? [])];
  const declared = exits.map((exit) => exitCodes[exit as keyof typeof exitCodes]);

  test.each(all)(
    "$line answers one envelope under --json: $code",
    { timeout: 120_000 },
    async ({ line, io, code }) => {
      const argv = [...name.split(" "), ...line.split(" ").filter(Boolean), "--json"];
      const ran = await run(argv, (await io?.()) ?? {});
      const answer = JSON.parse(ran.out);
      const exit = code === undefined ? 0 : explainedCode(code)?.exit;
      expect(answer).toMatchObject({ version: 2, command: name, ok: exit === 0, exitCode: exit });
      expect([ran.code, answer.errors?.[0]?.code]).toEqual([exit, code]);
      expect(answer.errors ?? []).toEqual(
        (answer.errors ?? []).map((error: { code: string }) =>
          expect.objectContaining({
            message: expect.stringMatching(/./),
            hint: expect.stringMatching(/./),
            exitCode: explainedCode(error.code)?.exit,
          }),
        ),
      );
      expect(declared).toContain(ran.code);
    },
  );

  test("answers its help as text and as one envelope, and its examples are lines that it takes", async () => {
    const text = await run([...name.split(" "), "--help"], {});
    expect(text).toMatchObject({ code: 0, err: "" });
    for (const section of [`Usage: keyturn ${name} `, "\nExamples:\n", "\nExit codes:\n", "\nEnvironment:\n"])
      expect(text.out).toContain(section);
    const json = JSON.parse((await run([...name.split(" "), "--help", "--json"], {})).out);
    expect(json).toMatchObject({ version: 2, command: name, ok: true, exitCode: 0 });
    expect(json.data.examples.length).toBeGreaterThan(0);
    for (const example of json.data.examples) {
      const { readLine } = native<typeof import("../../scripts/cli/line.ts")>("scripts/cli/line.ts");
      const words = [...example.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? match[3],
      );
      expect(words.slice(0, 2)).toEqual(["npx", "keyturn"]);
      const read = readLine(words.slice(2) as string[], commands);
      expect({ name: read.name, problems: read.problems }).toEqual({ name, problems: [] });
    }
  });
});

test("what names no command is answered in JSON as well", async () => {
  for (const [argv, ok] of [
    [["--json"], false],
    [["--help", "--json"], true],
    [["--version", "--json"], true],
    [["token", "--json"], false],
    [["token", "--help", "--json"], true],
    [["nothing", "--json"], false],
    [["--nothing", "--json"], false],
  ] as const) {
    const { code, out } = await run(argv, {});
    expect([argv, JSON.parse(out).ok, code]).toEqual([argv, ok, ok ? 0 : 2]);
  }
});

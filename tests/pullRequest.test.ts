import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import manifest from "../package.json" with { type: "json" };
import { fakeIo } from "../scripts/cli/fakeIo.ts";
import { MARKER } from "../scripts/pr/markdown.ts";
import { native } from "./support/native.ts";
import { removeTemporaryFolders, temporaryFolder } from "./support/temporary.ts";

const { commands } = native<typeof import("../scripts/cli/commands.ts")>("scripts/cli/commands.ts");
const { main } = native<typeof import("../scripts/cli/program.ts")>("scripts/cli/program.ts");

/*
 * What the workflows run, on a changed rule: the commands that they name, with programs of ours in place of git's host
 * and of the engine.
 */
const ROOT = resolve(import.meta.dirname, "..");
vi.setConfig({ testTimeout: 60_000 });
afterAll(removeTemporaryFolders);

/** A folder with a program that writes down how it is called, and answers as `then` says. */
function program(name: string, then: string): { readonly path: string; readonly calls: () => string[] } {
  const folder = temporaryFolder("program");
  writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' "$*" >> "${folder}/calls"\n${then}\n`);
  chmodSync(join(folder, name), 0o755);
  const calls = () => readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  return { path: `${folder}:${process.env.PATH}`, calls };
}

const STACK = `config:
  keyturn:accountId: 0123456789abcdef0123456789abcdef
  keyturn:zones: [{ id: 023e105f4ecef8ad9ca31a8372d0c353, name: example.com, plan: enterprise, addOns: [api_shield] }]
`;
const API = `keys:
  main:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
host: api.example.com
tokens: { ring: main, in: [header authorization] }
rules:
  - { id: orders, match: { method: POST, path: /orders }, require: { scope: write } }
`;
const TESTS = `host: api.example.com
tests:
  - { name: nobody orders, method: POST, path: /orders, expect: 401, by: orders }
  - { name: a reader does not, method: POST, path: /orders, token: { ring: main, claims: { scope: read } }, expect: 403 }
`;

/** A repository with a branch `main` and, as the next commit, what a pull request makes of it. */
function pullRequest(api: string): string {
  const top = temporaryFolder("pull-request");
  const git = (...parts: string[]) =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...parts], { cwd: top });
  mkdirSync(join(top, "rules"));
  writeFileSync(join(top, "Pulumi.dev.yaml"), STACK);
  writeFileSync(join(top, "rules", "api.yaml"), API);
  writeFileSync(join(top, "rules", "api.test.yaml"), TESTS);
  git("init", "--quiet", "--initial-branch", "main");
  git("add", "--all");
  git("commit", "--quiet", "--message", "main");
  writeFileSync(join(top, "rules", "api.yaml"), api);
  git("commit", "--quiet", "--allow-empty", "--all", "--message", "change");
  return top;
}

/** The command of a step of a workflow. */
function commandOf(file: string, begins: string): string {
  const text = readFileSync(join(ROOT, ".github", "workflows", file), "utf8");
  const { jobs } = parse(text) as { jobs: Record<string, { steps?: { name?: string; run?: string }[] }> };
  const all = Object.values(jobs).flatMap(({ steps = [] }) => steps);
  const found = all.find(({ name = "", run = "" }) => name === begins || run.startsWith(begins));
  if (found?.run === undefined) throw new Error(`${file} has no step ${begins}`);
  return found.run;
}

/** What `npm run pr` runs with what the workflow adds, in a repository of its own. */
async function report(top: string, base = "HEAD^1", ...more: string[]) {
  const script = manifest.scripts.pr.replace("node scripts/keyturn.ts ", "").split(" ");
  const added = commandOf("pull-request.yml", "npm run pr -- ")
    .replace("npm run pr -- ", "")
    .replace("HEAD^1", base)
    .split(" ");
  const io = fakeIo({ resolvePath: (path) => resolve(top, path) });
  const code = await main([...script, ...added, "--project", ".", ...more], io, commands);
  const written = (name: string) => readFileSync(join(top, ".keyturn-pr", name), "utf8");
  return {
    code,
    out: io.stdout(),
    comment: written("comment.md"),
    sarif: JSON.parse(written("check.sarif")),
  };
}

describe("what a pull request is told", () => {
  test("of a rule that opens: the comment to the letter", async () => {
    const { code, out, comment, sarif } = await report(pullRequest(API.replace("{ scope: write }", "{}")));
    expect(comment).toBe(`<!-- keyturn -->

**check**: 1 file, stacks dev: 0 errors, 0 warnings

**test**: 1 of 2 policy tests as expected

\`\`\`
FAIL  a reader does not
      rules/api.test.yaml:4:5 expected 403; the compiled rules: passes; the policy: passes
\`\`\`

**diff**

**dev: 1 change, 2 of 11 requests get another verdict**

* \`changed: rule orders\`
  * \`asks: a token of main, scope write → a token of main\`

| what becomes of requests | answer | decided by | requests | such as |
|---|---|---|---:|---|
| opens | \`403 orders → passes\` | \`orders\` | 2 | \`POST https://api.example.com/orders of the policy test "a reader does not" (rules/api.test.yaml:4:5)\` |
`);
    expect([code, out, sarif.runs[0].results]).toEqual([1, "", []]);
  });

  test("of a mistake: its annotation, and that nothing else was run", async () => {
    const { code, out, comment, sarif } = await report(pullRequest(API.replace("scope:", "scopes:")));
    expect(comment).toBe(`<!-- keyturn -->

**check**: 1 file, stacks dev: 1 error, 0 warnings

\`\`\`
rules/api.yaml:9:70 MEMBER_UNKNOWN: scopes is not a member of rules[1] (orders).require
      - { id: orders, match: { method: POST, path: /orders }, require: { scopes: write } }
                                                                         ^
    did you mean scope?
\`\`\`

**test**: not run, since the definitions have errors

**diff**: not run, since the definitions have errors
`);
    expect(code).toBe(2);
    expect(out).toMatch(/^::error file=rules\/api\.yaml,line=9,col=\d+,title=MEMBER_UNKNOWN::scopes is not/);
    expect(sarif.runs[0].results).toMatchObject([{ ruleId: "MEMBER_UNKNOWN" }]);
  });

  test("of a change of many endpoints, and where what it is compared with is not there", async () => {
    const top = pullRequest(API.replace("scope: write", "scope: order"));
    const { code, comment } = await report(top, "main~1", "--at-most", "0");
    expect([code, comment]).toEqual([
      5,
      expect.stringContaining("\n\n`CHANGES_TOO_MANY: 1 endpoint opens ("),
    ]);
    expect((await report(top, "nope")).comment).toContain(`**diff**: it could not be done

\`\`\`
error REVISION_UNKNOWN: nope is no folder, and no revision of this repository
`);
  });
});

/** Runs a step of a workflow in a folder, with a program of ours in place of the real one. */
function run(command: string, folder: string, path: string, env: Record<string, string>) {
  return spawnSync("bash", ["-e", "-c", command], {
    cwd: folder,
    env: { ...process.env, ...env, PATH: path },
    encoding: "utf8",
  });
}

describe("the comment", () => {
  const env = { REPOSITORY: "acme/api", NUMBER: "7", GH_TOKEN: "t", SHA: "c0ffee" };
  const parts = (...names: string[]) => {
    const folder = temporaryFolder("parts");
    mkdirSync(join(folder, "parts"));
    for (const name of names) writeFileSync(join(folder, "parts", name), `${name}\n`);
    return folder;
  };
  const list = "api --paginate repos/acme/api/issues/7/comments --jq ";

  test("is written once, and then over itself", () => {
    const command = commandOf("tell.yml", "comment");
    const [first, later] = [
      program("gh", "exit 0"),
      program("gh", 'case "$*" in *--jq*) echo 41; echo 42;; esac'),
    ];
    const folder = parts("comment.md", "preview.md");
    expect(run(command, folder, first.path, env).status).toBe(0);
    expect(readFileSync(join(folder, "body.md"), "utf8")).toBe("comment.md\n\npreview.md\n");
    expect(run(command, parts("comment.md"), later.path, env).status).toBe(0);
    const body = "--field body=@body.md";
    expect(first.calls().map((call) => call.replace(/(--jq ).*/, "$1"))).toEqual([
      list,
      `api --silent --method POST repos/acme/api/issues/7/comments ${body}`,
    ]);
    expect(later.calls()[0]).toContain(`(.body | startswith("${MARKER}"))`);
    expect(later.calls()[1]).toBe(`api --silent --method PATCH repos/acme/api/issues/comments/41 ${body}`);
  });

  test("and the problems go to code scanning", () => {
    const gh = program("gh", "exit 0");
    const folder = parts("check.sarif");
    expect(run(commandOf("tell.yml", "code scanning"), folder, gh.path, env).status).toBe(0);
    const packed = Buffer.from(readFileSync(join(folder, "check.sarif.gz.base64"), "utf8"), "base64");
    expect(gunzipSync(packed).toString()).toBe("check.sarif\n");
    expect(gh.calls()).toEqual([
      "api --silent --method POST repos/acme/api/code-scanning/sarifs --field sarif=@check.sarif.gz.base64 --raw-field commit_sha=c0ffee --raw-field ref=refs/pull/7/merge",
    ]);
  });
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const TOKEN = `${part({ alg: "ES256" })}.${part({ sub: "someone" })}.${"s".repeat(86)}`;

describe("preview and deploy", () => {
  async function preview(pulumi: { readonly path: string }, rules: string) {
    const folder = temporaryFolder("preview");
    const io = fakeIo({ resolvePath: (path) => resolve(folder, path), env: { PATH: pulumi.path } });
    const script = manifest.scripts["pr:preview"].replace("node scripts/keyturn.ts ", "").split(" ");
    const code = await main([...script, "--rules", rules], io, commands);
    return { code, out: io.stdout(), err: io.stderr() };
  }

  test("a preview is main's program over the pull request's definitions", async () => {
    const top = pullRequest(API);
    const pulumi = program("pulumi", 'echo "rules: $KEYTURN_RULES"; echo "+ 1 to create"');
    const shown = (rules: string) => `**preview**\n\n\`\`\`\nrules: ${rules}\n+ 1 to create\n\`\`\`\n`;
    expect(await preview(pulumi, join(top, "rules"))).toEqual({
      code: 0,
      out: shown(join(top, "rules")),
      err: "",
    });
    expect(pulumi.calls()).toEqual(["preview --diff --non-interactive --color never"]);
    const failed = await preview(program("pulumi", "echo no; exit 255"), join(top, "rules"));
    expect(failed).toMatchObject({
      code: 1,
      out: "**preview**: `pulumi preview` ended with 255\n\n```\nno\n```\n",
    });
    symlinkSync("/etc/passwd", join(top, "rules", "more.yaml"));
    const linked = await preview(pulumi, join(top, "rules"));
    expect([linked.code, linked.err.split("\n")[0]]).toEqual([
      2,
      `error FILE_UNREADABLE: ${join(top, "rules", "more.yaml")} is a symbolic link`,
    ]);
    const aside = join(temporaryFolder("aside"), "rules");
    symlinkSync(join(pullRequest(API), "rules"), aside);
    const whole = await preview(pulumi, aside);
    expect([whole.code, whole.err.split("\n")[0]]).toEqual([
      2,
      `error FILE_UNREADABLE: ${aside} is a symbolic link`,
    ]);
    expect(pulumi.calls()).toHaveLength(1);
  });

  test("a preview that quotes a token shows none of it", async () => {
    const quoting = program("pulumi", `echo "got ${TOKEN}"`);
    expect((await preview(quoting, join(pullRequest(API), "rules"))).out).toBe(
      "**preview**\n\n```\ngot [masked]\n```\n",
    );
  });

  test("a deploy is an up, and then a preview that must be empty", () => {
    const [good, bad] = [program("pulumi", "exit 0"), program("pulumi", "exit 1")];
    expect(run(manifest.scripts.deploy, ROOT, good.path, {}).status).toBe(0);
    expect(good.calls()).toEqual([
      "up --yes --non-interactive",
      "preview --expect-no-changes --non-interactive",
    ]);
    expect(run(manifest.scripts.deploy, ROOT, bad.path, {}).status).toBe(1);
    expect(bad.calls()).toEqual(["up --yes --non-interactive"]);
  });
});

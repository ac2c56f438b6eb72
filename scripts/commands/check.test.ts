import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../cli/commands.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { main } from "../cli/program.ts";

const zone =
  "[{ id: 023e105f4ecef8ad9ca31a8372d0c353, name: example.com, plan: enterprise, addOns: [api_shield] }]";
const goodKeys = `keys:
  storefront:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
`;
const api = `host: api.example.com
tokens: { ring: storefront, in: [header authorization] }
rules:
  - id: orders
    match: { path: /orders/* }
    require: { scope: orders:read }
`;
const files = {
  "good/Pulumi.dev.yaml": `config:\n  keyturn:accountId: 0123456789abcdef0123456789abcdef\n  keyturn:zones: ${zone}\n  cloudflare:apiToken:\n    secure: v1:abc\n`,
  "good/rules/keys.yaml": goodKeys,
  "good/rules/shop/api.yaml": api,
  "good/rules/api.test.yaml": "not: [a definition",
  "good/rules/notes.txt": "neither",
  "bad/Pulumi.dev.yaml": `config:\n  keyturn:accountId: 0123456789abcdef0123456789abcdef\n  keyturn:zones: ${zone}\n`,
  "bad/Pulumi.prod.yaml": `config:\n  keyturn:accountId: 0123456789abcdef0123456789abcdef\n  keyturn:zones: ${zone.replace("enterprise", "free").replace("[api_shield]", "[]")}\n`,
  "bad/rules/keys.yaml": goodKeys.replace("ES256", "ES512").replace("15m", "25h"),
  "bad/rules/api.yaml": api.replace("ring: storefront", "ring: stroefront"),
  "wrong/Pulumi.dev.yaml": `config:\n  keyturn:accountId: 0123456789abcdef0123456789abcdef\n  keyturn:zones: ${zone}\n`,
  "wrong/rules/keys.yaml": goodKeys,
  "wrong/rules/api.yaml": `${api}  - id: raw\n    match: { path: /raw/* }\n    expression: http.host eqq "x"\n`,
  "none/rules/keys.yaml": goodKeys,
  "none/rules/api.yaml": api,
  "broken/Pulumi.dev.yaml":
    "config:\n  keyturn:zones: [{ id: x, name: example.com, plan: gold }]\n  keyturn:mode: hard\n",
  "broken/Pulumi.yml.yaml": "config: [\n",
  "broken/rules/keys.yaml": goodKeys,
  "known/Pulumi.dev.yaml": `config:\n  keyturn:accountId: 0123456789abcdef0123456789abcdef\n  keyturn:zones: ${zone}\n`,
  "known/rules/keys.yaml": goodKeys.replace(
    "storefront:",
    "storefront: # keyturn: ignore RING_UNUSED until 2027-03-01, because its rules come later",
  ),
  "documented/Pulumi.dev.yaml": `config:\n  keyturn:accountId: 0123456789abcdef0123456789abcdef\n  keyturn:zones: ${zone}\n`,
  "documented/rules/keys.yaml": goodKeys,
  "documented/rules/api.yaml": api.replace(
    "{ scope: orders:read }",
    "{ scope: orders } # keyturn: ignore OPENAPI_SCOPE_DIFFERS until 2027-03-01, because the document is late",
  ),
  "documented/openapi.yaml": `openapi: 3.0.3
info: { title: Orders, version: "1" }
servers: [{ url: https://api.example.com }]
security: [{ oauth: [orders:read] }]
components: { securitySchemes: { oauth: { type: oauth2, flows: {} } } }
paths:
  /orders: { get: {} }
  # keyturn: ignore OPENAPI_OPERATION_UNRULED until 2027-03-01, because users come later
  /users: { get: {} }
  /files: { get: {} }
`,
  "documented/broken.yaml": "openapi: 3.0.3\n",
  "empty/rules/readme.txt": "",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-check-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(line: string, env: Record<string, string> = {}) {
  const io = fakeIo({ resolvePath: (path) => resolve(folder, path), env });
  const code = await main(["check", ...line.split(" ").filter(Boolean)], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

describe("check", () => {
  it("finds nothing in good definitions, in subfolders too, and passes policy tests over", async () => {
    expect(await run("--project good")).toEqual({
      code: 0,
      out: "",
      err: "2 files, stacks dev: 0 errors, 0 warnings\n",
    });
    expect(JSON.parse((await run("--project good --json")).out)).toEqual({
      version: 2,
      command: "check",
      ok: true,
      exitCode: 0,
      data: {
        stacks: ["dev"],
        files: ["good/rules/keys.yaml", "good/rules/shop/api.yaml"],
        errors: 0,
        warnings: 0,
        problems: [],
        suppressed: [],
      },
    });
  });

  it("finds nothing in this project's own definitions", async () => {
    expect(await run("")).toMatchObject({ code: 0, out: "" });
  });

  it("prints all problems of all stacks, each once and with its place, and fails", async () => {
    const { code, out, err } = await run("--project bad");
    expect(code).toBe(2);
    expect(out).toContain("bad/rules/api.yaml:2:17 RING_UNKNOWN: ");
    expect(out).toContain("bad/rules/keys.yaml:3:16 ALGORITHM_UNSUPPORTED: ");
    expect(out).toMatch(/bad\/rules\/keys\.yaml:4:\d+ LIFETIME_TOO_LONG: /);
    expect(out.match(/ALGORITHM_UNSUPPORTED/g)).toHaveLength(1);
    expect(err).toMatch(/^2 files, stacks dev, prod: \d+ errors, \d+ warnings\n$/);
  });

  it("shows what only compiling finds, such as a wrong expression", async () => {
    const { code, out } = await run("--project wrong");
    expect(code).toBe(2);
    expect(out).toMatch(/^wrong\/rules\/api\.yaml:9:\d+ EXPRESSION_INVALID: /);
  });

  it("checks one stack on demand", async () => {
    expect((await run("--project bad --stack dev")).err).toContain("stacks dev:");
    expect(await run("--project bad --stack staging")).toEqual({
      code: 6,
      out: "",
      err: "error STACK_NOT_FOUND: there is no file of a stack `staging`; there are dev, prod\n  Give --stack a name that has a Pulumi.<stack>.yaml.\n",
    });
  });

  it("prints annotations for GitHub and JSON", async () => {
    const { code, out } = await run("--project bad --format github");
    expect(code).toBe(2);
    for (const line of out.trim().split("\n"))
      expect(line).toMatch(
        /^::(error|warning) file=bad\/rules\/(api|keys)\.yaml,line=\d+,col=\d+,title=[A-Z_]+::.+%0A.+$/,
      );
    const json = JSON.parse((await run("--project bad --json")).out);
    expect(json.ok).toBe(false);
    expect(json.data.problems[1]).toMatchObject({
      file: "bad/rules/api.yaml",
      line: 2,
      code: "RING_UNKNOWN",
      severity: "error",
    });
  });

  it("prints JSON, SARIF and JUnit too", async () => {
    const json = await run("--project bad --json");
    expect(await run("--project bad --format json")).toEqual(json);
    expect(JSON.parse(json.out)).toMatchObject({ command: "check", ok: false });
    expect(JSON.parse((await run("--project bad --format sarif")).out).runs[0].results).toHaveLength(
      JSON.parse(json.out).data.problems.length,
    );
    expect((await run("--project bad --format junit")).out).toContain('type="RING_UNKNOWN"');
    expect(await run("--project bad --format sarif --json")).toMatchObject({
      code: 2,
      out: expect.stringContaining('"INPUT_CONFLICT"'),
    });
  });

  it("ignores a warning that a comment says to, until its end by the clock that is given", async () => {
    expect(await run("--project known --now 2027-02-28T23:59:59Z")).toEqual({
      code: 0,
      out: "",
      err: "1 file, stacks dev: 0 errors, 0 warnings, 1 ignored\n",
    });
    expect((await run("--project known --now 2027-03-01T00:00:00Z")).out).toMatch(
      / RING_UNUSED: .* SUPPRESSION_ENDED: /s,
    );
  });

  it("holds the definitions against an OpenAPI document, and ignores what comments in either say", async () => {
    expect(await run("--project documented --openapi documented/openapi.yaml")).toEqual({
      code: 0,
      out: `documented/openapi.yaml:10:13 warning OPENAPI_OPERATION_UNRULED: no rule of api.example.com (documented/rules/api.yaml:1:7) decides GET /files: it passes
      /files: { get: {} }
                ^
    write a rule for it, or take it out of the document
`,
      err: "2 files, stacks dev: 0 errors, 1 warning, 2 ignored\n",
    });
    const sarif = await run("--project documented --openapi documented/openapi.yaml --format sarif");
    expect(JSON.parse(sarif.out).runs[0].results).toHaveLength(3);
    // Without the document nobody knows whether there is something to ignore.
    expect(await run("--project documented")).toMatchObject({ code: 0, out: "" });
    expect(await run("--project documented --openapi documented/broken.yaml")).toMatchObject({
      code: 2,
      out: expect.stringContaining("documented/broken.yaml:1:1 OPENAPI_INVALID: "),
    });
  });

  it("takes the definitions from --rules or KEYTURN_RULES", async () => {
    expect((await run("--project good --rules bad/rules")).code).toBe(2);
    expect((await run("--project bad", { KEYTURN_RULES: "good/rules" })).out).toMatch(
      /^good\/rules\/shop\/api\.yaml:2:\d+ PLAN_LACKS: /,
    );
  });

  it("says that a host has no zone when no stack has a file", async () => {
    const { code, out, err } = await run("--project none");
    expect(code).toBe(2);
    expect(out).toContain("none/rules/api.yaml:1:7 HOST_WITHOUT_ZONE: ");
    expect(err).toContain("stacks none:");
  });

  it("refuses stack files that do not fit, naming every place", async () => {
    const { code, out } = await run("--project broken");
    expect(code).toBe(2);
    expect(out).toBe(`broken/Pulumi.dev.yaml:2:3 SETTING_INVALID: keyturn:accountId is missing
    expected the account's id, 32 hexadecimal digits in quotes
broken/Pulumi.dev.yaml:2:21 SETTING_INVALID: keyturn:zones[0].id does not fit
    expected the zone's id, 32 hexadecimal digits in lower case
broken/Pulumi.dev.yaml:2:47 SETTING_INVALID: keyturn:zones[0].plan does not fit
    expected free, pro, business or enterprise
broken/Pulumi.dev.yaml:3:3 SETTING_INVALID: keyturn:mode does not fit
    expected off, log, challenge or block
broken/Pulumi.yml.yaml:2:1 YAML_SYNTAX: not valid YAML: the indentation does not fit its surroundings
    mend the file here; a YAML-aware editor shows the place
broken/rules/keys.yaml:2:3 warning RING_UNUSED: no rule uses the ring storefront
      storefront:
      ^
    require it in a rule, or remove it with \`keyturn forget\`
`);
  });

  it("refuses a folder that is not there or empty", async () => {
    expect((await run("--project absent")).err).toContain(
      "error FILE_UNREADABLE: absent/rules cannot be read (ENOENT)",
    );
    expect((await run("--project empty")).err).toContain(
      "error FILE_UNREADABLE: empty/rules holds no .yaml file",
    );
  });
});

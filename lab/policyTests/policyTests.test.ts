import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeIo } from "../../scripts/cli/fakeIo.ts";
import { native } from "../../tests/support/native.ts";
import { SHOP } from "../local/local.ts";

const { commands } = native<typeof import("../../scripts/cli/commands.ts")>("scripts/cli/commands.ts");
const { main } = native<typeof import("../../scripts/cli/program.ts")>("scripts/cli/program.ts");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-tests-"));
  cpSync(SHOP, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  const io = fakeIo({ resolvePath: (path) => path.replace(/^shop/, folder) });
  const code = await main(["test", "--project", "shop", ...argv], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

test("the example's policy tests hold", async () => {
  const { code, out, err } = await run();
  expect(out.split("\n").filter((line) => !line.startsWith("ok    "))).toEqual([""]);
  expect({ code, err }).toEqual({ code: 0, err: "33 of 33 policy tests as expected\n" });
});

test("the example's policy tests bring about every branch", async () => {
  const { code, out, err } = await run("--coverage");
  expect(out.slice(out.indexOf("covered\n"))).toBe(`covered
  api.example.com        preview-pages  2 of 2
  api.example.com        reports        1 of 1
  api.example.com        orders-read    3 of 3
  api.example.com        orders-write   3 of 3
  api.example.com        admin          3 of 3
  api.example.com        health         1 of 1
  api.example.com        cors           1 of 1
  api.example.com        otherwise      1 of 1
  api.example.com        ambiguous      1 of 1
  downloads.example.com  files          2 of 2
  downloads.example.com  otherwise      1 of 1
  downloads.example.com  ambiguous      1 of 1
  internal.example.com   internal-jobs  3 of 3
  internal.example.com   otherwise      1 of 1
  internal.example.com   ambiguous      1 of 1
`);
  expect({ code, err }).toEqual({
    code: 0,
    err: "33 of 33 policy tests as expected\n25 of 25 branches (100 %) covered\n",
  });
});

test("fewer branches than are asked for have a code of their own, and are named", async () => {
  const file = join(folder, "rules", "internal.test.yaml");
  const text = readFileSync(file, "utf8");
  rmSync(file);
  try {
    expect((await run("--at-least", "80")).code).toBe(0);
    const said = await run("--at-least", "81");
    expect(said.out.slice(said.out.indexOf("not covered\n"))).toBe(`not covered
  internal.example.com  internal-jobs  passes
  internal.example.com  internal-jobs  without a token of internal
  internal.example.com  internal-jobs  without scope jobs
  internal.example.com  otherwise      refuses
  internal.example.com  ambiguous      refuses
`);
    const { code, out } = await run("--at-least", "81", "--json");
    const { data, errors } = JSON.parse(out);
    expect(code).toBe(1);
    expect(errors).toEqual([
      {
        code: "COVERAGE_LOW",
        message: "20 of 25 branches (80 %) covered, at least 81 % wanted",
        hint: "The output names each branch that no test brings about; write a test for it.",
        exitCode: 1,
      },
    ]);
    expect({ ...data.coverage, rules: data.coverage.rules[0] }).toEqual({
      covered: 20,
      total: 25,
      rules: {
        host: "api.example.com",
        rule: "preview-pages",
        covered: ["passes", "without a token of storefront"],
        uncovered: [],
      },
    });
  } finally {
    writeFileSync(file, text);
  }
});

test("a raw expression is covered where the compiled rules say that it holds; a test that fails covers nothing", async () => {
  const rules = join(folder, "raw");
  mkdirSync(rules);
  const api = `host: api.example.com
rules:
  - { id: robots, match: { path: /* }, expression: http.user_agent contains "robot" }
  - { id: forms, match: { path: /forms/* }, expression: http.user_agent contains "form" }
`;
  const tests = `host: api.example.com
tests:
  - { path: /a, headers: { user-agent: robot }, expect: 403, by: robots }
  - { path: /forms/a, headers: { user-agent: form }, expect: passes }
`;
  writeFileSync(join(rules, "api.yaml"), api);
  writeFileSync(join(rules, "api.test.yaml"), tests);
  const { code, out, err } = await run("--rules", rules, "--coverage");
  expect(out.slice(out.indexOf("covered\n"))).toBe(`covered
  api.example.com  robots     1 of 2
  api.example.com  forms      0 of 2
  api.example.com  otherwise  0 of 1
  api.example.com  ambiguous  0 of 1
not covered
  api.example.com  robots     its expression does not hold
  api.example.com  forms      its expression holds
  api.example.com  forms      its expression does not hold
  api.example.com  otherwise  passes
  api.example.com  ambiguous  refuses
`);
  expect({ code, err }).toEqual({
    code: 1,
    err: "1 of 2 policy tests as expected\n1 of 6 branches (16 %) covered\n",
  });
});

test("a test that expects something else says what was seen, and which rule decided", async () => {
  const text = `host: api.example.com
tests:
  - { name: opened, path: /orders/1, expect: passes }
  - { name: closed, path: /health, expect: 401, by: orders-read }
  - { name: by another rule, path: /admin, expect: 401, by: reports }
  - name: in order
    path: /orders/1
    token: { ring: storefront, claims: { scope: orders:read } }
    expect: passes
`;
  writeFileSync(join(folder, "rules", "wrong.test.yaml"), text);
  try {
    const { code, out, err } = await run();
    expect(out.split("\n").filter((line) => !line.startsWith("ok    "))).toEqual([
      "FAIL  opened",
      "      shop/rules/wrong.test.yaml:3:5 expected passes; the compiled rules: 401 by orders-read; the policy: 401 by orders-read",
      "FAIL  closed",
      "      shop/rules/wrong.test.yaml:4:5 expected 401 by orders-read; the compiled rules: passes; the policy: passes",
      "FAIL  by another rule",
      "      shop/rules/wrong.test.yaml:5:5 expected 401 by reports; the compiled rules: 401 by admin; the policy: 401 by admin",
      "",
    ]);
    expect({ code, err }).toEqual({ code: 1, err: "34 of 37 policy tests as expected\n" });
    const json = JSON.parse((await run("--json")).out);
    expect(json.data.tests.find(({ name }: { name: string }) => name === "opened")).toEqual({
      name: "opened",
      file: "shop/rules/wrong.test.yaml",
      line: 3,
      column: 5,
      expected: { status: "passes" },
      seen: { status: 401, by: ["orders-read"] },
      wanted: [{ status: 401, by: "orders-read" }],
      decides: ["orders-read"],
      passedOver: [],
      ok: false,
    });
  } finally {
    rmSync(join(folder, "rules", "wrong.test.yaml"));
  }
});

test("a failed test names the rule that decides, and those that are passed over for it", async () => {
  const rules = `host: api.example.com
rules:
  - { id: latest, match: { path: /orders/latest }, require: { ring: storefront, scope: orders:latest } }
`;
  const text = "host: api.example.com\ntests: [{ path: /orders/latest, expect: passes }]\n";
  writeFileSync(join(folder, "rules", "latest.yaml"), rules);
  writeFileSync(join(folder, "rules", "latest.test.yaml"), text);
  const { code, out } = await run();
  for (const name of ["latest.yaml", "latest.test.yaml"]) rmSync(join(folder, "rules", name));
  expect(code).toBe(1);
  expect(out).toContain(
    "      shop/rules/latest.test.yaml:2:9 expected passes; the compiled rules: 401 by latest; the policy: 401 by latest; latest decides, passed over: orders-read\n",
  );
});

test("tests that cannot be read run nothing, and a folder without any is told", async () => {
  writeFileSync(join(folder, "rules", "wrong.test.yaml"), "tests: [{ path: /a, expect: 700 }]\n");
  const { code, out, err } = await run();
  rmSync(join(folder, "rules", "wrong.test.yaml"));
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("shop/rules/wrong.test.yaml:1:29 TEST_INVALID: tests.0.expect does not fit\n");
  expect((await run("--rules", tmpdirOf())).err).toContain("holds no file whose name ends in .test.yaml");
});

test("a token of a ring that no host uses cannot be made", async () => {
  const keys = `keys:
  idle:
    algorithm: ES256
    tokens: { issuer: https://idle.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
    signer: { output: true }
`;
  const text = "host: api.example.com\ntests: [{ path: /a, token: { ring: idle }, expect: 401 }]\n";
  writeFileSync(join(folder, "rules", "idle.yaml"), keys);
  writeFileSync(join(folder, "rules", "idle.test.yaml"), text);
  const { code, err } = await run();
  for (const name of ["idle.yaml", "idle.test.yaml"]) rmSync(join(folder, "rules", name));
  expect(code).toBe(2);
  expect(err).toContain("SIGNER_UNKNOWN: the ring idle has no active key, since no host uses it\n");
});

function tmpdirOf(): string {
  return join(import.meta.dirname, "..", "..", "model", "policyTests");
}

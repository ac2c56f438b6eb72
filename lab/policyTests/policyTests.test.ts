import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeIo } from "../../scripts/cli/fakeIo.ts";
import type { Io } from "../../scripts/cli/io.ts";
import { native } from "../../tests/support/native.ts";
import { SHOP } from "../local/local.ts";

const { commands } = native<typeof import("../../scripts/cli/commands.ts")>("scripts/cli/commands.ts");
const { main } = native<typeof import("../../scripts/cli/program.ts")>("scripts/cli/program.ts");

/* Long because each test has a file of policy tests of its own and states the whole output; all run on one copy of the example. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-tests-"));
  cpSync(SHOP, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...argv: string[]) => runWith({}, ...argv);

async function runWith(parts: Partial<Io>, ...argv: string[]) {
  const io = fakeIo({ resolvePath: (path) => path.replace(/^shop/, folder), ...parts });
  const code = await main(["test", "--project", "shop", ...argv], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

test("the example's policy tests hold", async () => {
  const { code, out, err } = await run();
  expect(out.split("\n").filter((line) => !line.startsWith("ok    "))).toEqual([""]);
  expect({ code, err }).toEqual({ code: 0, err: "35 of 35 policy tests as expected\n" });
});

test("the example's policy tests bring about every branch", async () => {
  const { code, out, err } = await run("--coverage");
  expect(out.slice(out.indexOf("covered\n"))).toBe(`covered
  api.example.com        preview-pages  2 of 2
  api.example.com        reports        1 of 1
  api.example.com        orders-read    5 of 5
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
    err: "35 of 35 policy tests as expected\n27 of 27 branches (100 %) covered\n",
  });
});

test("fewer branches than are asked for have a code of their own, and are named", async () => {
  const file = join(folder, "rules", "internal.test.yaml");
  const text = readFileSync(file, "utf8");
  rmSync(file);
  try {
    expect((await run("--at-least", "81")).code).toBe(0);
    const said = await run("--at-least", "82");
    expect(said.out.slice(said.out.indexOf("not covered\n"))).toBe(`not covered
  internal.example.com  internal-jobs  passes
  internal.example.com  internal-jobs  without a token of internal
  internal.example.com  internal-jobs  without scope jobs
  internal.example.com  otherwise      refuses
  internal.example.com  ambiguous      refuses
`);
    const { code, out } = await run("--at-least", "82", "--json");
    const { data, errors } = JSON.parse(out);
    expect(code).toBe(1);
    expect(errors).toEqual([
      {
        code: "COVERAGE_LOW",
        message: "22 of 27 branches (81 %) covered, at least 82 % wanted",
        hint: "The output names each branch that no test brings about; write a test for it.",
        exitCode: 1,
      },
    ]);
    expect({ ...data.coverage, rules: data.coverage.rules[0] }).toEqual({
      covered: 22,
      total: 27,
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
    expect({ code, err }).toEqual({ code: 1, err: "36 of 39 policy tests as expected\n" });
    const json = JSON.parse((await run("--json")).out);
    expect(json.data.tests.find(({ name }: { name: string }) => name === "opened")).toEqual({
      name: "opened",
      file: "shop/rules/wrong.test.yaml",
      line: 3,
      column: 5,
      expected: { status: "passes" },
      seen: { status: 401, by: ["orders-read"], misfits: [] },
      wanted: [{ status: 401, by: "orders-read" }],
      decides: ["orders-read"],
      passedOver: [],
      ok: false,
    });
  } finally {
    rmSync(join(folder, "rules", "wrong.test.yaml"));
  }
});

/** A folder beside the example's rules, with definitions that need no key. */
function rulesIn(name: string, files: Readonly<Record<string, string>>): string {
  const rules = join(folder, name);
  mkdirSync(rules);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(rules, file), text);
  return rules;
}

const DENIED = `host: api.example.com
rules: [{ id: health, match: { path: /health }, require: none }]
otherwise: deny
`;

test("the reply is held against what is expected of it: type, members of JSON, body", async () => {
  const rules = rulesIn("reply", {
    "api.yaml": DENIED,
    "api.test.yaml": `host: api.example.com
tests:
  - name: right
    path: /secret
    expect: 404
    reply: { type: application/json, json: { error: not_found } }
  - name: wrong
    path: /secret
    expect: 404
    reply: { type: application/problem+json, json: { error: forbidden, title: x }, body: nothing }
`,
  });
  const { code, out, err } = await run("--rules", rules);
  expect(out).toBe(`ok    right
FAIL  wrong
      ${rules}/api.test.yaml:7:5 expected 404 with type application/problem+json and json {"error":"forbidden","title":"x"} and body "nothing"; the compiled rules: 404 by otherwise whose type is application/json, and whose body is {"type":"about:blank","title":"Not Found","status":404,"d..., and whose json.error is "not_found", and whose json.title is "Not Found"; the policy: 404 by otherwise
`);
  expect({ code, err }).toEqual({ code: 1, err: "1 of 2 policy tests as expected\n" });
});

test("tests happen at their instant, in any order; without one, now", async () => {
  const rules = rulesIn("instants", {
    // Noon of the day on which the clock of these tests stands still.
    "api.yaml": `host: api.example.com
rules:
  - { id: year, match: { path: /* }, expression: http.request.timestamp.sec ge 1798761600 }
  - { id: noon, match: { path: /now }, expression: http.request.timestamp.sec eq 1795348800 }
`,
    "api.test.yaml": `host: api.example.com
tests:
  - { name: new year, path: /a, at: 2027-01-01T00:00:00Z, expect: 403, by: year }
  - { name: the old year, path: /a, at: 2026-12-31T23:59:59Z, expect: passes }
  - { name: long ago, path: /now, at: 1999-12-31T23:59:59Z, expect: passes }
  - { name: now, path: /now, expect: 403, by: noon }
`,
  });
  const { code, out } = await run("--rules", rules);
  expect({ code, out }).toEqual({
    code: 0,
    out: "ok    new year\nok    the old year\nok    long ago\nok    now\n",
  });
  expect((await run("--rules", rules, "--now", "2026-11-22T12:00:01Z")).out).toContain("FAIL  now\n");
});

test("tokens and links are as old as a test says, at its instant", async () => {
  const file = join(folder, "rules", "later.test.yaml");
  writeFileSync(
    file,
    `host: downloads.example.com
tests:
  - name: a link in ten years
    path: /files/a
    link: downloads
    at: 2036-01-01T00:00:00Z
    rows:
      - { name: fresh, expect: passes }
      - { name: old, after: 3h, expect: 403, by: files }
  - name: a token in ten years
    host: api.example.com
    path: /orders/1
    token: { ring: storefront, claims: { scope: orders:read } }
    at: 2036-01-01T00:00:00Z
    rows:
      - { name: fresh, expect: passes }
      - { name: old, after: 17m, expect: 401 }
`,
  );
  const { code, out } = await run();
  rmSync(file);
  expect(code).toBe(0);
  expect(out).toContain("ok    a link in ten years: old\n");
});

test("limits are reached by requests in a row, count nothing of the test before, and are covered within and over", async () => {
  const rules = rulesIn("limits", {
    "api.yaml": `host: api.example.com
rules:
  - { id: login, match: { path: /login }, rateLimit: { per: ip, requests: 3, every: 1m } }
  - { id: search, match: { path: /search }, rateLimit: { per: ip, requests: 3, every: 1m } }
  - { id: watched, match: { path: /watched }, rateLimit: { per: ip, requests: 1, every: 1m, mode: log } }
  - { id: hides, match: { path: /hides }, answers: { limit: { status: 404 } }, rateLimit: { per: ip, requests: 1, every: 1m } }
`,
    "api.test.yaml": `host: api.example.com
tests:
  - { name: within, path: /login, times: 3, expect: passes }
  - { name: within again, path: /login, times: 3, expect: passes }
  - { name: over, path: /login, times: 4, expect: 429, by: login, reply: { json: { error: too_many_requests } } }
  - { name: watched, path: /watched, times: 9, expect: passes }
  - { name: wrong, path: /search, times: 4, expect: passes }
  - { name: hidden, path: /hides, times: 2, expect: 404, by: hides }
`,
  });
  const { code, out } = await run("--rules", rules, "--coverage");
  expect(out).toBe(`ok    within
ok    within again
ok    over
ok    watched
FAIL  wrong
      ${rules}/api.test.yaml:7:5 expected passes; the compiled rules: 429 by search (rate limit); the policy: 429 by search
ok    hidden
covered
  api.example.com  login      2 of 2
  api.example.com  search     0 of 2
  api.example.com  hides      1 of 2
  api.example.com  otherwise  1 of 1
  api.example.com  ambiguous  0 of 1
not covered
  api.example.com  search     within its limit
  api.example.com  search     over its limit
  api.example.com  hides      within its limit
  api.example.com  ambiguous  refuses
`);
  expect(code).toBe(1);
});

test("JUnit has a case for each test, those of a file together", async () => {
  const rules = rulesIn("junit", {
    "api.yaml": DENIED,
    "api.test.yaml":
      'host: api.example.com\ntests: [{ path: /health, expect: passes }, { name: "<&>", path: /a, expect: passes }]\n',
  });
  const { code, out } = await run("--rules", rules, "--format", "junit");
  const said = "expected passes; the compiled rules: 404 by otherwise; the policy: 404 by otherwise";
  expect(out).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="keyturn test" tests="2" failures="1" errors="0" skipped="0">
  <testsuite name="keyturn test" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="${rules}/api.test.yaml" name="GET /health"/>
    <testcase classname="${rules}/api.test.yaml" name="&lt;&amp;&gt;"><failure type="TEST_FAILED" message="${said}">${rules}/api.test.yaml:2:44 ${said}</failure></testcase>
  </testsuite>
</testsuites>
`);
  expect(code).toBe(1);
});

test("--watch runs again at each change, and waits where the files cannot be read", async () => {
  const text = "host: api.example.com\ntests: [{ path: /health, expect: passes }]\n";
  const rules = rulesIn("watch", { "api.yaml": DENIED, "api.test.yaml": text });
  const watched: unknown[] = [];
  const changes: Io["changes"] = async function* (folders) {
    watched.push(...folders);
    writeFileSync(join(rules, "api.test.yaml"), text.replace("path", "paht"));
    yield;
    writeFileSync(join(rules, "api.test.yaml"), text.replace("passes", "404"));
    yield;
  };
  const { code, out, err } = await runWith({ changes }, "--rules", rules, "--watch");
  expect(code).toBe(0);
  expect(watched).toEqual([
    { folder: rules, below: true },
    { folder, below: false },
  ]);
  const place = `${rules}/api.test.yaml`;
  expect(out).toBe(
    `ok    GET /health\nFAIL  GET /health\n      ${place}:2:9 expected 404; the compiled rules: passes; the policy: passes\n`,
  );
  const waiting = "waiting for a change; Ctrl-C ends\n";
  expect(err.split(waiting)).toEqual([
    "1 of 1 policy tests as expected\n",
    expect.stringContaining(`${place}:2:11 TEST_INVALID: paht is not a member of a test`),
    "0 of 1 policy tests as expected\n",
    "",
  ]);
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

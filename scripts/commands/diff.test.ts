import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../cli/commands.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { main } from "../cli/program.ts";

const stack = (more = "") => `config:
  keyturn:accountId: 0123456789abcdef0123456789abcdef
  keyturn:zones: [{ id: 023e105f4ecef8ad9ca31a8372d0c353, name: example.com, plan: enterprise, addOns: [api_shield] }]
${more}`;
const api = (...rules: string[]) => `keys:
  main:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
host: api.example.com
tokens: { ring: main, in: [header authorization] }
rules:
${rules.map((rule) => `  - ${rule}\n`).join("")}`;
const ORDERS = "{ id: orders, match: { method: POST, path: /orders }, require: { scope: write } }";

const files = {
  "Pulumi.dev.yaml": stack(),
  "logging/Pulumi.dev.yaml": stack("  keyturn:mode: log\n"),
  "logging/Pulumi.prod.yaml": stack(),
  "logging/Pulumi.test.yaml": stack(),
  "old/api.yaml": api(ORDERS, "{ id: gone, match: { path: /gone }, require: {} }"),
  "new/api.yaml": api(
    '{ id: orders-write, was: orders, match: { method: POST, path: /orders }, require: { claims: { role: "a|`b" } } }',
  ),
  "wrong/api.yaml": api(ORDERS.replace("write", '""')),
  "worse/api.yaml": api(ORDERS.replace("scope: write", "ring: mian")),
  "empty/notes.txt": "",
  "tested/api.yaml": api(ORDERS.replace("scope: write", "")),
  "tested/api.test.yaml":
    'host: api.example.com\ntests: [{ name: "anyone | orders", method: POST, path: /orders?a=b, token: { ring: main }, expect: passes }]\n',
  "plain/api.yaml": api(ORDERS),
  "untested/api.yaml": api(ORDERS),
  "untested/api.test.yaml": "host: api.exampel.com\ntests: [{ path: /orders, expect: 401 }]\n",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-diff-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(line: string) {
  const io = fakeIo({ resolvePath: (path) => resolve(folder, path) });
  const code = await main(["diff", ...line.split(" ")], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

const VERDICTS = `opens: 403 orders-write → passes
    decided by orders-write
    1 request, such as POST https://api.example.com/orders with a token of main {"role":"a|\`b"}
opens: 401 gone → passes
    decided by gone → no rule
    2 requests, such as GET https://api.example.com/gone without token or link
closes: passes → 403 orders-write
    decided by orders-write
    1 request, such as POST https://api.example.com/orders with a token of main {"scope":"write"}
decided by another rule: passes
    decided by gone → no rule
    2 requests, such as GET https://api.example.com/gone with a token of main {}
`;
const changes = (mode: string) => `renamed, changed: rule orders-write
    id: orders → orders-write
    asks: a token of main, scope write → a token of main, claim role with a|\`b
removed: rule gone
    for: any method api.example.com/gone
    asks: a token of main
    mode: ${mode}
    holds: where it decides
`;

test("says that nothing differs", async () => {
  expect(await run("old old --project .")).toEqual({
    code: 0,
    out: "dev: 0 changes, 0 of 13 requests get another verdict\n",
    err: "",
  });
});

test("says what differs, and how requests come off", async () => {
  expect(await run("old new --project .")).toEqual({
    code: 0,
    out: `dev: 2 changes, 6 of 14 requests get another verdict\n${changes("block")}${VERDICTS}`,
    err: "",
  });
});

test("says it in Markdown, in which no name and no claim is markup", async () => {
  expect(
    (await run("old new --project . --format markdown")).out,
  ).toBe(`**dev: 2 changes, 6 of 14 requests get another verdict**

* \`renamed, changed: rule orders-write\`
  * \`id: orders → orders-write\`
  * \`\`asks: a token of main, scope write → a token of main, claim role with a|\`b\`\`
* \`removed: rule gone\`
  * \`for: any method api.example.com/gone\`
  * \`asks: a token of main\`
  * \`mode: block\`
  * \`holds: where it decides\`

| what becomes of requests | answer | decided by | requests | such as |
|---|---|---|---:|---|
| opens | \`403 orders-write → passes\` | \`orders-write\` | 1 | \`\`POST https://api.example.com/orders with a token of main {"role":"a\\|\`b"}\`\` |
| opens | \`401 gone → passes\` | \`gone → no rule\` | 2 | \`GET https://api.example.com/gone without token or link\` |
| closes | \`passes → 403 orders-write\` | \`orders-write\` | 1 | \`POST https://api.example.com/orders with a token of main {"scope":"write"}\` |
| decided by another rule | \`passes\` | \`gone → no rule\` | 2 | \`GET https://api.example.com/gone with a token of main {}\` |
`);
  expect((await run("old old --project . --format markdown")).out).toBe(
    "**dev: 0 changes, 0 of 13 requests get another verdict**\n",
  );
});

test("tries the requests of policy tests, too, and names the test", async () => {
  const expected = `dev: 1 change, 2 of 10 requests get another verdict
changed: rule orders
    asks: a token of main → a token of main, scope write
closes: passes → 403 orders
    decided by orders
    2 requests, such as POST https://api.example.com/orders of the policy test "anyone | orders" (tested/api.test.yaml:2:9)
`;
  const { out } = await run("tested plain --project .");
  expect(out).toBe(expected);
  expect((await run("tested plain --project . --format markdown")).out).toContain(
    '| closes | `passes → 403 orders` | `orders` | 2 | `POST https://api.example.com/orders of the policy test "anyone \\| orders" (tested/api.test.yaml:2:9)` |\n',
  );
  // The same on both sides is tried once; that of the earlier side alone, too.
  const data = JSON.parse((await run("tested tested --project . --json")).out).data;
  expect(data[0].requests).toBe(9);
});

test("fails where more endpoints open or close than may, in every form", async () => {
  const line = "old new --project . --at-most";
  expect(await run(`${line} 2`)).toMatchObject({ code: 0, err: "" });
  expect(await run(`${line} 100%`)).toMatchObject({ code: 0, err: "" });
  const many =
    "CHANGES_TOO_MANY: 2 endpoints open (api.example.com gone, api.example.com orders-write), 1 endpoint closes (api.example.com orders-write), and 1 may at once (digest 0123456789abcdef)";
  const told = async (more: string) => {
    const { code, out } = await run(`${line} ${more}`);
    return { code, out: out.replaceAll(/digest [0-9a-f]{16}/g, "digest 0123456789abcdef") };
  };
  expect(await told("1")).toEqual({
    code: 5,
    out: `dev: 2 changes, 6 of 14 requests get another verdict\n${many}\n${changes("block")}${VERDICTS}`,
  });
  expect((await told("1 --format markdown")).out).toMatch(
    `**dev: 2 changes, 6 of 14 requests get another verdict**\n\n\`${many}\`\n\n* `,
  );
  const { errors } = JSON.parse((await told("1 --json")).out);
  expect(errors[0]).toMatchObject({
    code: "CHANGES_TOO_MANY",
    message: `dev: ${many.slice("CHANGES_TOO_MANY: ".length)}`,
  });
  expect((await told("49%")).out).toContain(", and 49 % of 2 may at once (digest");
  expect(await run(`${line} many`)).toMatchObject({ code: 2, out: "" });
});

test("says it in JSON", async () => {
  const json = await run("old new --project . --json");
  expect(await run("old new --project . --format json")).toEqual(json);
  const { data, ...envelope } = JSON.parse(json.out);
  expect(envelope).toEqual({ version: 2, command: "diff", ok: true, exitCode: 0 });
  expect(data).toHaveLength(1);
  expect(data[0]).toMatchObject({ stacks: ["dev"], requests: 14 });
  expect(data[0].changes[0]).toEqual({
    kind: "rule",
    id: "orders-write",
    what: ["renamed", "changed"],
    facts: [
      { name: "id", before: "orders", after: "orders-write" },
      {
        name: "asks",
        before: "a token of main, scope write",
        after: "a token of main, claim role with a|`b",
      },
    ],
  });
  expect(data[0].verdicts[1]).toEqual({
    outcome: "opens",
    before: { answer: "401 gone", decidedBy: ["gone"] },
    after: { answer: "passes", decidedBy: [] },
    requests: 2,
    example: { host: "api.example.com", method: "GET", path: "/gone" },
  });
  expect(await run("old new --project . --json --format text")).toMatchObject({
    code: 2,
    out: expect.stringContaining('"INPUT_CONFLICT"'),
  });
});

test("says it for each stack, once for those in which it is the same", async () => {
  const logging = `dev: 2 changes, 4 of 14 requests get another verdict
${changes("log")}decided by another rule: passes
    decided by gone → no rule
    4 requests, such as GET https://api.example.com/gone without token or link
`;
  expect((await run("old new --project logging --stack dev")).out).toBe(logging);
  expect((await run("old new --project logging")).out).toBe(
    `${logging}\nprod, test: 2 changes, 6 of 14 requests get another verdict\n${changes("block")}${VERDICTS}`,
  );
});

test("takes a folder without definitions for a host that nothing guards", async () => {
  const { out } = await run("empty new --project .");
  expect(out).toMatch(
    /^dev: 3 changes, 3 of 9 requests get another verdict\nadded: ring main\n {4}kind: jwt\n/,
  );
  expect(out).toContain(
    "\ncloses: passes → 401 orders-write\n    decided by no rule → orders-write\n    1 request, such as POST https://api.example.com/orders without token or link\n",
  );
});

test.each([
  [
    "wrong worse --project .",
    2,
    `DEFINITIONS_INVALID: the definitions have problems
worse/api.yaml:9:76 RING_UNKNOWN: no file defines the ring mian
    did you mean main?
wrong/api.yaml:9:77 VALUE_INVALID: rules[1] (orders).require.scope does not fit: a text found
    expected a text that is not empty
  Mend them; \`keyturn check\` shows every one with its place.`,
  ],
  [
    "absent new --project .",
    2,
    `REVISION_UNKNOWN: absent is no folder, and this folder is in no git repository
  Name a folder, or a branch, tag or commit of this repository. A shallow clone lacks most of them: \`git fetch\` the revision first (in GitHub Actions: actions/checkout with \`fetch-depth: 0\`).`,
  ],
  [
    "old untested --project .",
    2,
    `DEFINITIONS_INVALID: the definitions have problems
untested/api.test.yaml:2:9 TEST_INVALID: no rule is about api.exampel.com
    hosts are api.example.com
  Mend them; \`keyturn check\` shows every one with its place.`,
  ],
  [
    "old new --project old",
    6,
    `STACK_NOT_FOUND: there is no Pulumi.<stack>.yaml in old
  Name the folder with the stacks' files with --project.`,
  ],
  [
    "old new --project . --stack prod",
    6,
    `STACK_NOT_FOUND: there is no file of a stack \`prod\`; there are dev
  Give --stack a name that has a Pulumi.<stack>.yaml.`,
  ],
])("refuses %s", async (line, code, message) => {
  expect(await run(line)).toEqual({ code, out: "", err: `error ${message}\n` });
});

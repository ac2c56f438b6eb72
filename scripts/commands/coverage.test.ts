import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../cli/commands.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { main } from "../cli/program.ts";

const RULES = `keys:
  main:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
    signer: { output: true }
host: api.example.com
tokens: { ring: main, in: [header authorization] }
rules:
  - id: read
    match: { method: GET, path: /orders/* }
    require: { scope: orders:read }
    rateLimit: { per: ip, requests: 100, every: 1m, mode: log }
  - { id: one, match: { path: "/orders/{id}" }, require: { scope: one }, mode: log }
  - { id: news, match: { path: /news }, require: none }
always:
  - { id: tenant, match: { path: /orders/1 }, require: { claims: { tenant: acme } } }
except:
  - { id: health, match: { method: GET, path: /health } }
otherwise: deny
`;
const STACK = `config:
  keyturn:accountId: 0123456789abcdef0123456789abcdef
  keyturn:zones:
    - id: 023e105f4ecef8ad9ca31a8372d0c353
      name: example.com
      plan: enterprise
      addOns: [api_shield, advanced_rate_limiting]
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-coverage-"));
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "rules", "api.yaml"), RULES);
  writeFileSync(join(folder, "Pulumi.dev.yaml"), STACK);
  writeFileSync(join(folder, "Pulumi.late.yaml"), `${STACK}  keyturn:mode: log\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  const io = fakeIo({ resolvePath: (path) => resolve(folder, path) });
  const code = await main(["coverage", "--project", ".", ...argv], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

test("a table of endpoint and protection, and what is open", async () => {
  expect(await run()).toEqual({
    code: 0,
    out: `api.example.com
  METHOD    PATH          RULE       MODE   ASKS FOR                            BESIDES                           LIMITS
  any       /orders/{id}  one        log    a token of main, scope one          read (in part), tenant (in part)  read (log, in part): 100 in 1m per address
  GET,HEAD  /orders/*     read       block  a token of main, scope orders:read  tenant (in part)                  read (log): 100 in 1m per address
  any       /news         news       block  nothing                             -                                 -
  GET,HEAD  /health       health     -      nothing (except)                    -                                 -
  any       /*            otherwise  block  refused                             -                                 -
open
  any       /orders/{id}  one     mode: log
  any       /news         news    require: none
  GET,HEAD  /health       health  except
`,
    err: "stack dev: 1 hosts, 3 endpoints, 3 openings\n",
  });
});

test("the same as data, with the place of each", async () => {
  const { code, out } = await run("--json");
  const { stack, hosts } = JSON.parse(out).data;
  expect({ code, stack, hosts: hosts.length }).toEqual({ code: 0, stack: "dev", hosts: 1 });
  expect(hosts[0].endpoints[2]).toEqual({
    id: "news",
    methods: null,
    path: "/news",
    at: { file: "rules/api.yaml", line: 15, column: 11 },
    asks: [],
    mode: "block",
    stages: null,
    besides: [],
    limits: [],
  });
  expect(hosts[0].open.map(({ id, because }: { id: string; because: string }) => `${id} ${because}`)).toEqual(
    ["one mode: log", "news require: none", "health except"],
  );
});

test("a stack whose mode is log is open as a whole", async () => {
  const { out, err } = await run("--stack", "late");
  expect(err).toBe("stack late: 1 hosts, 3 endpoints, 5 openings\n");
  expect(out).toContain("\n  any       /*            otherwise  otherwise: deny in mode: log\n");
});

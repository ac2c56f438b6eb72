import { expect, test } from "vitest";
import { assumedRingStates } from "../../compile/compile.ts";
import { enterprise } from "../../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../../definition/load.ts";
import type { Environment } from "../../definition/types.ts";
import { stretchesOf } from "../policy.ts";
import { diffPolicies } from "./diff.ts";
import { type Side, sideOf } from "./things.ts";

/* Long because it is one table: two sides, and every line that is said of them. */

const ring = (name: string, more = "") =>
  `  ${name}: { algorithm: ES256, ${more}tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }, rotation: { every: 90d } }\n`;
const links =
  "  files: { hmac: { parameter: verify, lifetime: 1h, bind: [path] }, rotation: { every: 90d } }\n";
const KEYS = `keys:\n${ring("shop")}${links}`;
const HOST = "host: api.example.com\ntokens: { ring: shop, in: [header authorization] }\n";

function side(text: string, environment: Environment = enterprise): Side {
  const { definitions, problems } = loadDefinitions([{ path: "api.yaml", text }], environment);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const hosts = stretchesOf(definitions, environment, assumedRingStates(definitions));
  return sideOf(definitions.rings, hosts, []);
}

/** One line for each change and each group of requests. */
function told(before: Side, after: Side): string[] {
  const { changes, verdicts } = diffPolicies(before, after);
  return [
    ...changes.map(({ what, kind, id, facts }) => {
      const said = facts.map((fact) => `${fact.name}: ${fact.before ?? "-"} > ${fact.after ?? "-"}`);
      return `${what.join()} ${kind} ${id}: ${said.join("; ")}`;
    }),
    ...verdicts.map(({ outcome, before: was, after: is, requests, example, during }) => {
      const { method, path, tokens, links: linked } = example;
      const has = [tokens, linked].filter((each) => each !== undefined).map((each) => JSON.stringify(each));
      const deciders = `${was.decidedBy.join()} > ${is.decidedBy.join()}`;
      const time = during === undefined ? "" : ` ${JSON.stringify(during)}`;
      return `${outcome}${time}: ${was.answer} > ${is.answer} [${deciders}] ${requests} ${[method, path, ...has].join(" ")}`;
    }),
  ];
}

const rules = (...lines: string[]) =>
  `${KEYS}${HOST}rules:\n${lines.map((line) => `  - ${line}\n`).join("")}`;
const ORDERS = "{ id: orders, match: { method: POST, path: /orders/* }, require: { scope: write } }";
const LINKS = "{ id: files, match: { path: /files/* }, require: { link: files } }";

const TWO = `host: other.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: other, match: { path: /a }, require: {} }
`;

const dated = (...dates: string[]) =>
  `{ id: o, match: { path: /o }, require: {}, mode: { first: log${dates.map((date, index) => `, ${["challenge", "block"].at(index - dates.length)}: ${date}T00:00:00Z`).join("")} } }`;

test.each<[string, string, string, string[]]>([
  [
    "a date that comes earlier",
    rules(dated("2027-01-03")),
    rules(dated("2027-01-02")),
    [
      "changed host api.example.com: ambiguous requests: mode log, mode block from 2027-01-03T00:00:00Z > mode log, mode block from 2027-01-02T00:00:00Z",
      "changed rule o: mode: log, block from 2027-01-03T00:00:00Z > log, block from 2027-01-02T00:00:00Z",
      'closes {"from":1798848000,"until":1798934400}: passes > 401 o [o > o] 2 GET /o',
    ],
  ],
  [
    "a stage that comes between",
    rules(dated("2027-01-03")),
    rules(dated("2027-01-02", "2027-01-03")),
    [
      "changed host api.example.com: ambiguous requests: mode log, mode block from 2027-01-03T00:00:00Z > mode log, mode challenge from 2027-01-02T00:00:00Z, mode block from 2027-01-03T00:00:00Z",
      "changed rule o: mode: log, block from 2027-01-03T00:00:00Z > log, challenge from 2027-01-02T00:00:00Z, block from 2027-01-03T00:00:00Z",
      'closes {"from":1798848000,"until":1798934400}: passes > 403 o [o > o] 2 GET /o',
    ],
  ],
  [
    "a rule whose mode waits for a date",
    rules("{ id: o, match: { path: /o }, require: {} }"),
    rules(dated("2027-01-02")),
    [
      "changed host api.example.com: ambiguous requests: mode block > mode log, mode block from 2027-01-02T00:00:00Z",
      "changed rule o: mode: block > log, block from 2027-01-02T00:00:00Z",
      'opens {"until":1798848000}: 401 o > passes [o > o] 2 GET /o',
    ],
  ],
  ["nothing", rules(ORDERS), rules(ORDERS), []],
  [
    "spelling, and the order of rules and members",
    rules(ORDERS, '{ id: raw, match: { path: /a }, expression: (ip.src.country eq "XX") }'),
    rules(
      `{ id: raw, expression: 'ip.src.country  ==  "XX"', match: { path: /a } }`,
      "{ id: orders, require: { scope: write }, match: { path: /orders/*, method: [POST] } }",
    ),
    [],
  ],
  [
    "a path more",
    rules(ORDERS),
    rules(ORDERS.replace("path: /orders/*", "path: [/orders/*, /baskets]")),
    [
      "moved rule orders: for: POST api.example.com/orders/* > POST api.example.com/orders/*, /baskets",
      "closes: passes > 401 orders [ > orders] 1 POST /baskets",
      'closes: passes > 403 orders [ > orders] 1 POST /baskets {"shop":{}}',
      'another rule: passes > passes [ > orders] 1 POST /baskets {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "a host more",
    rules(ORDERS),
    rules(ORDERS).replace("host: api.example.com", "host: [api.example.com, www.example.com]"),
    [
      "moved rule orders: for: POST api.example.com/orders/* > POST api.example.com, www.example.com /orders/*",
      "added host www.example.com: zone: - > example.com; what nothing lists: - > passes; CORS preflights: - > need what all others need; ambiguous requests: - > mode block; tokens of shop: - > header authorization",
      "closes: passes > 401 orders [ > orders] 3 POST /orders",
      'closes: passes > 403 orders [ > orders] 3 POST /orders {"shop":{}}',
      'another rule: passes > passes [ > orders] 3 POST /orders {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "a host taken from a wildcard",
    rules(ORDERS).replace("host: api.example.com", 'host: "*.example.com"'),
    `${rules(ORDERS).replace("host: api.example.com", 'host: ["*.example.com", open.example.com]')}
  - { id: open, match: { path: /*, host: open.example.com }, require: none }
`.replace("path: /orders/*", 'path: /orders/*, host: "*.example.com"'),
    [
      "added host open.example.com: zone: - > example.com; what nothing lists: - > passes; CORS preflights: - > need what all others need; ambiguous requests: - > mode off; tokens of shop: - > header authorization",
      "added rule open: for: - > any method open.example.com/*; asks: - > nothing; mode: - > block; holds: - > where it decides",
      "opens: 401 orders > passes [orders > open] 3 POST /orders",
      'opens: 403 orders > passes [orders > open] 3 POST /orders {"shop":{}}',
      'another rule: passes > passes [orders > open] 3 POST /orders {"shop":{"scope":"write"}}',
      "another rule: passes > passes [ > open] 6 GET /",
    ],
  ],
  [
    "a scope less",
    rules(ORDERS),
    rules(ORDERS.replace("scope: write", "")),
    [
      "changed rule orders: asks: a token of shop, scope write > a token of shop",
      'opens: 403 orders > passes [orders > orders] 3 POST /orders {"shop":{}}',
    ],
  ],
  [
    "a value less",
    rules(ORDERS.replace("scope: write", "claims: { role: [a, b] }")),
    rules(ORDERS.replace("scope: write", "claims: { role: [a] }")),
    [
      "changed rule orders: asks: a token of shop, claim role with a or b > a token of shop, claim role with a",
      'closes: passes > 403 orders [orders > orders] 3 POST /orders {"shop":{"role":"b"}}',
    ],
  ],
  [
    "fewer elements",
    rules(ORDERS.replace("scope: write", "claims: { role: { has: a, length: 3 } }")),
    rules(ORDERS.replace("scope: write", "claims: { role: { has: a, length: 2 } }")),
    [
      "changed rule orders: asks: a token of shop, claim role with a in 3 elements > a token of shop, claim role with a in 2 elements",
      'closes: passes > 403 orders [orders > orders] 3 POST /orders {"shop":{"role":["","","a"]}}',
    ],
  ],
  [
    "another mode",
    rules(ORDERS),
    rules(ORDERS.replace("write } }", "write }, mode: log }")),
    [
      "changed host api.example.com: ambiguous requests: mode block > mode log",
      "changed rule orders: mode: block > log",
      "opens: 401 orders > passes [orders > orders] 3 POST /orders",
      'opens: 403 orders > passes [orders > orders] 3 POST /orders {"shop":{}}',
    ],
  ],
  [
    "off",
    rules(ORDERS),
    rules(ORDERS.replace("write } }", "write }, mode: off }")),
    [
      "changed host api.example.com: ambiguous requests: mode block > mode off",
      "changed rule orders: mode: block > off",
      "opens: 401 orders > passes [orders > ] 3 POST /orders",
      'opens: 403 orders > passes [orders > ] 3 POST /orders {"shop":{}}',
      'another rule: passes > passes [orders > ] 3 POST /orders {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "under always",
    rules(ORDERS),
    `${KEYS}${HOST}always:\n  - ${ORDERS}\n`,
    [
      "changed rule orders: holds: where it decides > always",
      "another rule: 401 orders > 401 orders [orders > ] 3 POST /orders",
      'another rule: 403 orders > 403 orders [orders > ] 3 POST /orders {"shop":{}}',
      'another rule: passes > passes [orders > ] 3 POST /orders {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "moved",
    rules(ORDERS),
    rules(ORDERS.replace("/orders/*", '"/orders/{id}"')),
    [
      "moved rule orders: for: POST api.example.com/orders/* > POST api.example.com/orders/{id}",
      "opens: 401 orders > passes [orders > ] 2 POST /orders",
      'opens: 403 orders > passes [orders > ] 2 POST /orders {"shop":{}}',
      'another rule: passes > passes [orders > ] 2 POST /orders {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "another method",
    rules(ORDERS),
    rules(ORDERS.replace("POST", "[POST, PUT]")),
    [
      "moved rule orders: for: POST api.example.com/orders/* > POST, PUT api.example.com/orders/*",
      "closes: passes > 401 orders [ > orders] 3 PUT /orders",
      'closes: passes > 403 orders [ > orders] 3 PUT /orders {"shop":{}}',
      'another rule: passes > passes [ > orders] 3 PUT /orders {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "renamed",
    rules(ORDERS),
    rules(ORDERS.replace("id: orders", "id: writes, was: orders")),
    ["renamed rule writes: id: orders > writes"],
  ],
  [
    "a narrow rule opens",
    rules(ORDERS),
    rules(ORDERS, "{ id: open, match: { path: /orders/open }, require: none }"),
    [
      "added rule open: for: - > any method api.example.com/orders/open; asks: - > nothing; mode: - > block; holds: - > where it decides",
      "opens: 401 orders > passes [orders > open] 1 POST /orders/open",
      'opens: 403 orders > passes [orders > open] 1 POST /orders/open {"shop":{}}',
      'another rule: passes > passes [orders > open] 1 POST /orders/open {"shop":{"scope":"write"}}',
      "another rule: passes > passes [ > open] 1 GET /orders/open",
    ],
  ],
  [
    "a narrow rule that asks the same",
    rules(ORDERS),
    rules(ORDERS, ORDERS.replace("orders,", "one,").replace("/orders/*", '"/orders/{id}"')),
    [
      "added rule one: for: - > POST api.example.com/orders/{id}; asks: - > a token of shop, scope write; mode: - > block; holds: - > where it decides",
      "another rule: 401 orders > 401 one [orders > one] 1 POST /orders/1",
      'another rule: 403 orders > 403 one [orders > one] 1 POST /orders/1 {"shop":{}}',
      'another rule: passes > passes [orders > one] 1 POST /orders/1 {"shop":{"scope":"write"}}',
    ],
  ],
  [
    "a limit",
    rules(ORDERS),
    rules(ORDERS.replace("write } }", "write }, rateLimit: { per: ip, requests: 9, every: 1m } }")),
    ["changed rule orders: limit: - > 9 requests in 60 s per address, then 60 s refused, mode block"],
  ],
  [
    "another expression",
    rules(ORDERS, '{ id: raw, match: { path: /a }, expression: ip.src.country eq "XX" }'),
    rules(ORDERS, '{ id: raw, match: { path: /a }, expression: ip.src.country eq "YY" }'),
    [
      'changed rule raw: expression: ip.src.country eq "XX" > ip.src.country eq "YY"',
      'another answer: passes, or 403 raw where ip.src.country eq "XX" > passes, or 403 raw where ip.src.country eq "YY" [ > ] 2 GET /a',
    ],
  ],
  [
    "an expression less",
    rules(ORDERS, '{ id: raw, match: { path: /a }, expression: ip.src.country eq "XX" }'),
    rules(ORDERS),
    [
      'removed rule raw: for: any method api.example.com/a > -; expression: ip.src.country eq "XX" > -; mode: block > -',
      'opens: passes, or 403 raw where ip.src.country eq "XX" > passes [ > ] 2 GET /a',
    ],
  ],
  [
    "a link for a token",
    rules(LINKS),
    rules(LINKS.replace("{ link: files }", "{}")),
    [
      "changed rule files: asks: a link of files > a token of shop",
      'opens: 403 files > passes [files > files] 6 GET /files {"shop":{}}',
      'closes: passes > 401 files [files > files] 6 GET /files ["files"]',
      "another answer: 403 files > 401 files [files > files] 6 GET /files",
    ],
  ],
  [
    "a ring's name",
    rules(ORDERS),
    rules(ORDERS).replace("  shop: { ", "  store: { was: shop, ").replace("ring: shop", "ring: store"),
    ["renamed ring store: id: shop > store"],
  ],
  [
    "a ring",
    rules(ORDERS),
    rules(ORDERS).replace("audience: api", "audience: web"),
    ['changed ring shop: audiences: ["api"] > ["web"]'],
  ],
  [
    "what nothing lists",
    rules(ORDERS),
    `${rules(ORDERS)}otherwise: deny\n`,
    [
      "changed host api.example.com: what nothing lists: passes > is refused, mode block",
      "closes: passes > 404 otherwise [ > ] 6 GET /",
    ],
  ],
  [
    "an exception",
    rules(ORDERS),
    `${rules(ORDERS)}except:\n  - { id: health, match: { path: /orders/health } }\n`,
    [
      "added exception health: for: - > any method api.example.com/orders/health",
      "opens: 401 orders > passes [orders > ] 1 POST /orders/health",
      'opens: 403 orders > passes [orders > ] 1 POST /orders/health {"shop":{}}',
      'another rule: passes > passes [orders > ] 1 POST /orders/health {"shop":{"scope":"write"}}',
    ],
  ],
])("%s", (_name, before, after, expected) => {
  expect(told(side(before), side(after))).toEqual(expected);
});

test("a host that goes is not guarded any more", () => {
  expect(told(side(`${KEYS}${TWO}`), side(KEYS))).toEqual([
    "removed host other.example.com: zone: example.com > -; what nothing lists: passes > -; CORS preflights: need what all others need > -; ambiguous requests: mode block > -; tokens of shop: header authorization > -",
    "removed rule other: for: any method other.example.com/a > -; asks: a token of shop > -; mode: block > -; holds: where it decides > -",
    "opens: 401 other > passes [other > ] 2 GET /a",
    'another rule: passes > passes [other > ] 2 GET /a {"shop":{}}',
  ]);
});

test("where the environment lets rules log only, none opens and none closes", () => {
  const logging: Environment = { ...enterprise, mode: "log" };
  expect(told(side(rules(ORDERS), logging), side(rules(ORDERS.replace("write", "read")), logging))).toEqual([
    "changed rule orders: asks: a token of shop, scope write > a token of shop, scope read",
  ]);
});

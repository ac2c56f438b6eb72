import { expect, test } from "vitest";
import { loadDefinitions } from "../../model/definition/load.ts";
import { definitions, environment } from "./testing/example.ts";
import { ringUsages } from "./usage.ts";

const shown = (found: ReturnType<typeof ringUsages>) =>
  found.map(({ ring, ...rest }) => ({ ring: ring.id, ...rest }));

test("each ring of the example is used where its first blocking rule asks for it", () => {
  expect(shown(ringUsages(definitions, environment))).toEqual([
    {
      ring: "storefront",
      host: "api.example.com",
      method: "GET",
      path: "/orders/1",
      source: { kind: "header", name: "authorization" },
      scopes: ["orders:read"],
      claims: {},
    },
    {
      ring: "internal",
      host: "internal.example.com",
      method: "GET",
      path: "/jobs/1",
      source: { kind: "header", name: "x-service-token" },
      scopes: ["jobs"],
      claims: {},
    },
    {
      ring: "downloads",
      host: "downloads.example.com",
      method: "GET",
      path: "/files/1",
      scopes: [],
      claims: {},
    },
  ]);
});

test("claims, methods and variable segments are filled in; a ring whose rules only log is left out", () => {
  const files = [
    {
      path: "rules/keys.yaml",
      text: `keys:
  a:
    algorithm: ES256
    tokens: { issuer: https://a.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
    signer: { output: true }
  b:
    algorithm: ES256
    tokens: { issuer: https://b.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
    signer: { output: true }
`,
    },
    {
      path: "rules/api.yaml",
      text: `host: api.example.com
tokens: [{ ring: a, in: [header authorization] }, { ring: b, in: [header x-b] }]
rules:
  - id: watched
    match: { path: /watched/* }
    require: { ring: b }
    mode: log
  - id: parts
    match: { method: [POST, PUT], path: "/users/{id}/parts" }
    require: { ring: a, claims: { role: [owner], level: 3 } }
`,
    },
  ];
  const loaded = loadDefinitions(files, environment);
  expect(loaded.problems.filter((problem) => problem.severity === "error")).toEqual([]);
  expect(shown(ringUsages(loaded.definitions, environment))).toEqual([
    {
      ring: "a",
      host: "api.example.com",
      method: "POST",
      path: "/users/1/parts",
      source: { kind: "header", name: "authorization" },
      scopes: [],
      claims: { role: "owner", level: 3 },
    },
  ]);
});

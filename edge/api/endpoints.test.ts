import { expect, test } from "vitest";
import { endpointCoverage } from "./coverage.ts";
import { documentedEndpoints, pathsOf } from "./endpoints.ts";
import { allRoutes } from "./routes.ts";
import { accountId, createTestApi, zoneId } from "./testing.ts";

const served = new Set(allRoutes.map((route) => `${route.method} ${route.path}`));
const documented = documentedEndpoints.flatMap((row) => pathsOf(row).map((path) => `${row.method} ${path}`));

test("every documented endpoint is served, and no other is", () => {
  expect(documented.filter((each) => !served.has(each))).toEqual([]);
  const known = new Set(documented);
  expect([...served].filter((each) => !known.has(each))).toEqual([]);
  expect(new Set(documented).size).toBe(documented.length);
  expect(allRoutes.length).toBe(documented.length);
});

test("the coverage table", () => {
  const table = endpointCoverage();
  for (const row of table) {
    process.stdout.write(`endpoints ${row.served}/${row.documented}  ${row.source}\n`);
  }
  expect(table.map(({ served, documented: all, missing }) => ({ served, all, missing }))).toEqual([
    { served: 20, all: 20, missing: [] },
    { served: 8, all: 8, missing: [] },
    { served: 32, all: 32, missing: [] },
    { served: 48, all: 48, missing: [] },
    { served: 24, all: 24, missing: [] },
  ]);
});

test.each(documented)("%s answers an envelope of its own", async (endpoint) => {
  const [method = "", template = ""] = endpoint.split(" ");
  const path = template
    .replace(":zone_id", zoneId)
    .replace(":account_id", accountId)
    .replace(":phase", "http_ratelimit")
    .replace(":identifier", "waf_block")
    .replace(/:\w+/g, "ffffffffffffffffffffffffffffffff");
  const { send } = createTestApi();
  const answer = await send(method, path, method === "GET" ? undefined : {});
  // Not the answer of a path that is not served.
  expect(answer.json.errors?.map((each: { code: number }) => each.code) ?? []).not.toContain(7000);
  expect([200, 400, 404, 410]).toContain(answer.status);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("date")).toBe("Sun, 22 Nov 2026 12:00:00 GMT");
});

import { expect, test } from "vitest";
import { allRoutes } from "./routes.ts";
import { accountId, createTestApi, zoneId } from "./testing.ts";

test("no endpoint is served twice", () => {
  const served = allRoutes.map((route) => `${route.method} ${route.path}`);
  expect(new Set(served).size).toBe(served.length);
});

test.each(allRoutes.map(({ method, path }) => [method, path]))(
  "%s %s answers an envelope of its own",
  async (method, template) => {
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
    expect([200, 400, 404]).toContain(answer.status);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("date")).toBe("Sun, 22 Nov 2026 12:00:00 GMT");
  },
);

import { describe, expect, test } from "vitest";
import type { TokenGrant } from "./auth.ts";
import { permissionTable } from "./permissions.ts";
import { allRoutes } from "./routes.ts";
import { accountId, anyToken, createTestApi, zoneId } from "./testing.ts";

const zones = "/zones";

function withToken(grant: TokenGrant) {
  return createTestApi({}, { tokens: { [anyToken]: grant } });
}

describe("who sends it", () => {
  const ask = async (headers: Record<string, string>) => {
    const { api } = createTestApi({}, { tokens: { good: { permissions: "all" } } });
    const response = await api.fetch(new Request("http://edge.test/client/v4/zones", { headers }));
    return { status: response.status, text: await response.text() };
  };
  const malformed = (header: string) =>
    JSON.stringify({
      result: null,
      success: false,
      errors: [
        {
          code: 6003,
          message: "Invalid request headers",
          error_chain: [{ code: 6103, message: `Invalid format for ${header} header` }],
        },
      ],
      messages: [],
    });

  test.each([
    [{}, "Authorization"],
    [{ authorization: "" }, "Authorization"],
    [{ authorization: "good" }, "Authorization"],
    [{ authorization: "Basic good" }, "Authorization"],
    [{ authorization: "Bearer " }, "Authorization"],
    [{ authorization: "Bearer a b" }, "Authorization"],
    [{ "x-auth-key": "good" }, "X-Auth-Email"],
    [{ "x-auth-email": "a@example.com" }, "Authorization"],
  ])("%j is malformed", async (headers, header) => {
    expect(await ask(headers as Record<string, string>)).toEqual({ status: 400, text: malformed(header) });
  });

  test("an unknown value is refused and not repeated", async () => {
    const answer = await ask({ authorization: "Bearer unknown-value" });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text).errors).toEqual([{ code: 10000, message: "Authentication error" }]);
    expect(answer.text).not.toContain("unknown-value");
  });

  test.each([
    { authorization: "Bearer good" },
    { authorization: "bearer good" },
    { "x-auth-key": "good", "x-auth-email": "a@example.com" },
    { "x-auth-user-service-key": "good" },
  ])("%j is known", async (headers) => {
    expect((await ask(headers as Record<string, string>)).status).toBe(200);
  });

  test("a path without route asks for the token first", async () => {
    const { api } = createTestApi();
    const nowhere = await api.fetch(new Request("http://edge.test/client/v4/nowhere"));
    expect(nowhere.status).toBe(400);
    const outside = await api.fetch(new Request("http://edge.test/"));
    expect((await outside.json()).errors[0].code).toBe(6003);
  });
});

describe("what the token may do", () => {
  const byPhase = ["zoneWaf", "accountWaf", "transformRules", "customErrors"];
  const groups = Object.entries(permissionTable).filter(([group]) => !byPhase.includes(group));

  test.each(groups)("%s: read names read, write names do both", async (group, row) => {
    const routes = allRoutes.filter((route) => route.group === group);
    expect(routes.length).toBeGreaterThan(0);
    const isAllowed = async (permissions: readonly string[], access: "read" | "write") => {
      const { send } = withToken({ permissions });
      const results = new Set<boolean>();
      for (const route of routes.filter((each) => each.access === access)) {
        const path = route.path
          .replace(":zone_id", zoneId)
          .replace(":account_id", accountId)
          .replace(/:\w+/g, "x");
        const answer = await send(route.method, path, route.method === "GET" ? undefined : {});
        results.add(answer.status !== 403);
        if (answer.status === 403) expect(answer.json.errors[0].code).toBe(10000);
      }
      return [...results];
    };
    const hasWrites = routes.some((route) => route.access === "write");
    const hasReads = routes.some((route) => route.access === "read");
    for (const name of row.read) {
      if (hasReads) expect(await isAllowed([name], "read")).toEqual([true]);
      if (hasWrites) expect(await isAllowed([name], "write")).toEqual([false]);
    }
    for (const name of row.write) {
      if (hasReads) expect(await isAllowed([name], "read")).toEqual([true]);
      if (hasWrites) expect(await isAllowed([name], "write")).toEqual([true]);
    }
    if (hasReads) expect(await isAllowed(["Something Else Write"], "read")).toEqual([false]);
  });

  test.each([
    ["Zone WAF Write", "http_request_firewall_custom", "http_request_late_transform"],
    ["Zone WAF Write", "http_ratelimit", "http_custom_errors"],
    ["Transform Rules Write", "http_request_transform", "http_ratelimit"],
    ["Custom Errors Write", "http_custom_errors", "http_request_firewall_custom"],
  ])("%s writes rulesets of %s, not of %s", async (permission, own, foreign) => {
    const tokens = { [anyToken]: { permissions: [permission] }, root: { permissions: "all" } } as const;
    const { send } = createTestApi({}, { tokens });
    const base = `/zones/${zoneId}/rulesets`;
    const entry = (phase: string) => `${base}/phases/${phase}/entrypoint`;
    const root = { authorization: "Bearer root" };
    expect((await send("PUT", entry(own), {})).status).toBe(200);
    const other = (await send("PUT", entry(foreign), {}, root)).json.result;
    for (const [method, path, body] of [
      ["PUT", entry(foreign), {}],
      ["GET", entry(foreign), undefined],
      ["GET", `${base}/${other.id}`, undefined],
      ["PUT", `${base}/${other.id}`, {}],
      ["DELETE", `${base}/${other.id}`, undefined],
      ["POST", base, { kind: "custom", name: "n", phase: foreign }],
    ] as const) {
      const answer = await send(method, path, body);
      expect([answer.status, answer.json.errors[0].code]).toEqual([403, 10000]);
    }
    const listed = (await send("GET", base)).json.result;
    expect(listed.map((each: { phase: string }) => each.phase)).toEqual([own]);
  });

  test("a token for other zones", async () => {
    const { send } = withToken({ permissions: "all", zones: ["f".repeat(32)] });
    const answer = await send("GET", `/zones/${zoneId}/rulesets`);
    expect(answer.status).toBe(403);
    expect(answer.json.errors).toEqual([
      { code: 9109, message: "Unauthorized to access requested resource" },
    ]);
    expect((await send("GET", zones)).json.result).toEqual([]);
    expect((await send("GET", `/accounts/${accountId}/rulesets`)).status).toBe(200);
    const mine = withToken({ permissions: "all", zones: [zoneId] });
    expect((await mine.send("GET", `/zones/${zoneId}/rulesets`)).status).toBe(200);
  });

  test("reading which token this is needs no permission", async () => {
    const { send } = withToken({ permissions: [] });
    expect((await send("GET", "/user/tokens/verify")).status).toBe(200);
    expect((await send("GET", zones)).status).toBe(403);
  });
});

describe("1,200 requests in five minutes", () => {
  test("headers count down; then 429 for five minutes from then on", async () => {
    const { send, advance } = createTestApi({}, { requestsPerFiveMinutes: 2 });
    const first = await send("GET", zones);
    expect(first.headers.get("x-ratelimit-limit")).toBe("2");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
    expect(first.headers.get("x-ratelimit-reset")).toBe("300");
    advance(100_000);
    expect((await send("GET", "/nowhere")).headers.get("x-ratelimit-remaining")).toBe("0");
    const refused = await send("GET", zones);
    expect(refused.status).toBe(429);
    expect(refused.json.errors).toEqual([
      {
        code: 10429,
        message: "Rate limit exceeded: 2 requests per five minutes. Retry after 300 seconds.",
      },
    ]);
    expect(Object.fromEntries(refused.headers)).toEqual({
      "content-type": "application/json",
      date: "Sun, 22 Nov 2026 12:01:40 GMT",
      "retry-after": "300",
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "300",
      "x-should-retry": "false",
    });
    advance(250_000);
    const soon = await send("GET", zones);
    expect([soon.status, soon.headers.get("retry-after"), soon.headers.get("x-should-retry")]).toEqual([
      429,
      "50",
      "true",
    ]);
    advance(49_999);
    expect((await send("GET", zones)).status).toBe(429);
    advance(1);
    expect((await send("GET", zones)).status).toBe(200);
  });

  test("each token has its own count, and the window starts anew", async () => {
    const { send, advance } = createTestApi({}, { requestsPerFiveMinutes: 1 });
    expect((await send("GET", zones)).status).toBe(200);
    expect((await send("GET", zones, undefined, { authorization: "Bearer other" })).status).toBe(200);
    advance(300_000);
    expect((await send("GET", zones)).status).toBe(200);
  });

  test("1,200 is the default; load tests switch it off", async () => {
    const { send } = createTestApi();
    for (let index = 0; index < 1200; index += 1) await send("GET", "/ips");
    expect((await send("GET", zones)).headers.get("x-ratelimit-limit")).toBe("1200");
    for (let index = 1; index < 1200; index += 1) await send("GET", zones);
    expect((await send("GET", zones)).status).toBe(429);
    const free = createTestApi({}, { requestsPerFiveMinutes: false });
    for (let index = 0; index < 1300; index += 1) await free.send("GET", zones);
    const last = await free.send("GET", zones);
    expect([last.status, last.headers.get("x-ratelimit-limit")]).toEqual([200, null]);
  });
});

describe("where it goes", () => {
  test("no route, and another method", async () => {
    const { send } = createTestApi();
    const answer = await send("GET", "/nowhere");
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({
      result: null,
      success: false,
      errors: [{ code: 7000, message: "No route for that URI" }],
      messages: [],
    });
  });

  // The last is a name that every object has.
  test.each(["PATCH", "constructor"])("the method %s, which no route takes there", async (method) => {
    const { send } = createTestApi();
    const answer = await send(method, `/zones/${zoneId}/rulesets`);
    expect([answer.status, answer.json.errors[0].message]).toEqual([
      405,
      `Method ${method} is not allowed for that URI`,
    ]);
  });
});

describe("what it carries", () => {
  const path = `/zones/${zoneId}/rulesets`;

  test.each(["", "{", "nonsense", "{'a':1}", "\u0000"])("malformed JSON %j", async (body) => {
    const answer = await createTestApi().send("POST", path, body);
    expect([answer.status, answer.json.errors[0]]).toEqual([
      400,
      { code: 6007, message: "Malformed JSON in request body" },
    ]);
  });

  test("nesting deeper than 64 levels", async () => {
    const { send } = createTestApi();
    const nested = (depth: number) => `{"name":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect((await send("POST", path, nested(63))).json.errors[0].code).toBe(10016);
    expect((await send("POST", path, nested(64))).json.errors).toEqual([
      { code: 6008, message: "Request body is nested deeper than 64 levels" },
    ]);
    expect((await send("POST", path, nested(200_000))).json.errors[0].code).toBe(6008);
  });

  test("a body over 26 MB", async () => {
    const { send } = createTestApi();
    const answer = await send("POST", path, " ".repeat(26 * 1024 * 1024 + 1));
    expect([answer.status, answer.json.errors[0].code]).toEqual([413, 10413]);
  });

  test("a request without any body where one is needed", async () => {
    const { api } = createTestApi();
    const request = new Request(`http://edge.test/client/v4${path}`, {
      method: "POST",
      headers: { authorization: "Bearer t" },
    });
    expect((await (await api.fetch(request)).json()).errors[0].code).toBe(6007);
  });
});

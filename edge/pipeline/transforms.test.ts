import { describe, expect, it } from "vitest";
import {
  CONFIGURATION,
  CONFIGURATION_ID,
  CUSTOM_RULES,
  enforce,
  get,
  rule,
  ruleset,
  testEdge,
  token,
  ZONE_ID,
} from "../testing.ts";
import type { EdgeResponse } from "./frontDoor.ts";

const SUB = `lookup_json_string(http.request.jwt.claims["${CONFIGURATION_ID}"][0], "sub")`;

function reached(response: EdgeResponse): {
  path: string;
  query: string;
  host: string;
  headers: [string, string][];
} {
  return JSON.parse(String(response.body));
}

function headerOf(response: EdgeResponse, name: string): string[] {
  return reached(response)
    .headers.filter((pair) => pair[0].toLowerCase() === name)
    .map((pair) => pair[1]);
}

describe("request headers", () => {
  const change = (headers: Record<string, unknown>, expression = "true") =>
    ruleset("http_request_late_transform", [
      rule("headers", expression, { action: "rewrite", action_parameters: { headers } }),
    ]);

  it("carries a claim to the origin and overwrites what the client sent", async () => {
    const { edge } = testEdge();
    edge.world.commitZone(ZONE_ID, "tokenConfigurations", [CONFIGURATION]);
    enforce(edge, change({ "X-User": { operation: "set", expression: SUB } }));
    const authorization = ["authorization", token({ sub: "alice" })] as const;
    expect(headerOf(await edge.handle(get("/", authorization, ["x-user", "root"])), "x-user")).toEqual([
      "alice",
    ]);
    expect(headerOf(await edge.handle(get("/", ["x-user", "root"], ["X-USER", "admin"])), "x-user")).toEqual(
      [],
    );
  });

  it("leaves the client's header where the rule does not match", async () => {
    const { edge } = testEdge();
    enforce(
      edge,
      change({ "X-User": { operation: "set", value: "nobody" } }, 'http.request.uri.path eq "/a"'),
    );
    expect(headerOf(await edge.handle(get("/a", ["x-user", "root"])), "x-user")).toEqual(["nobody"]);
    expect(headerOf(await edge.handle(get("/b", ["x-user", "root"])), "x-user")).toEqual(["root"]);
  });

  it("removes, and runs rules in order", async () => {
    const { edge } = testEdge();
    enforce(edge, change({ "X-User": { operation: "remove" }, Cookie: { operation: "remove" } }));
    const response = await edge.handle(get("/", ["x-user", "root"], ["cookie", "a=b"], ["x-other", "1"]));
    expect([
      headerOf(response, "x-user"),
      headerOf(response, "cookie"),
      headerOf(response, "x-other"),
    ]).toEqual([[], [], ["1"]]);
  });

  it("cannot be made to lie about the client's address", async () => {
    const { edge } = testEdge();
    const response = await edge.handle(get("/", ["CF-Connecting-IP", "198.51.100.1"]), { ip: "192.0.2.7" });
    expect(headerOf(response, "cf-connecting-ip")).toEqual(["192.0.2.7"]);
  });
});

describe("URL rewrites", () => {
  it("change what later rules and the origin see, not the raw fields", async () => {
    const { edge } = testEdge();
    enforce(
      edge,
      ruleset("http_request_transform", [
        rule("rewrite", 'starts_with(http.request.uri.path, "/old/")', {
          action: "rewrite",
          action_parameters: {
            uri: {
              path: { expression: 'regex_replace(http.request.uri.path, "^/old/", "/new/")' },
              query: { value: "from=old" },
            },
          },
        }),
      ]),
      ruleset(CUSTOM_RULES, [
        rule("seen", 'http.request.uri eq "/new/a?from=old" and raw.http.request.uri.path eq "/old/a"', {
          action: "log",
        }),
      ]),
    );
    const response = await edge.handle(get("/old/a?x=1"));
    expect(response.verdict.hits.map((hit) => hit.ref)).toEqual(["rewrite", "seen"]);
    expect(reached(response)).toMatchObject({ path: "/new/a", query: "from=old" });
  });
});

describe("redirects", () => {
  it("come before custom rules and keep the query if told to", async () => {
    const { edge } = testEdge();
    const redirect = (preserve: boolean) =>
      ruleset("http_request_dynamic_redirect", [
        rule("moved", 'http.request.uri.path eq "/old"', {
          action: "redirect",
          action_parameters: {
            from_value: {
              status_code: 302,
              target_url: { expression: 'concat("https://", http.host, "/new")' },
              preserve_query_string: preserve,
            },
          },
        }),
      ]);
    const block = ruleset(CUSTOM_RULES, [rule("no", "true")]);
    enforce(edge, redirect(true), block);
    const moved = await edge.handle(get("/old?a=1"));
    expect(moved).toMatchObject({
      status: 302,
      verdict: { outcome: "redirected", decidedBy: { ref: "moved" } },
    });
    expect(moved.headers).toContainEqual(["location", "https://api.example.com/new?a=1"]);
    enforce(edge, redirect(false), block);
    expect((await edge.handle(get("/old?a=1"))).headers).toContainEqual([
      "location",
      "https://api.example.com/new",
    ]);
    expect((await edge.handle(get("/other"))).status).toBe(403);
  });
});

describe("origin rules", () => {
  it("change the Host header and the place of the origin", async () => {
    const seen: unknown[] = [];
    const { edge } = testEdge({
      origin: ({ host, connectTo }) => {
        seen.push([host, connectTo]);
        return { status: 204 };
      },
    });
    const parameters = { host_header: "internal.example", origin: { host: "10.0.0.1", port: 8443 } };
    enforce(
      edge,
      ruleset("http_request_origin", [
        rule("route", 'http.request.uri.path eq "/a"', { action: "route", action_parameters: parameters }),
      ]),
    );
    await edge.handle(get("/a"));
    await edge.handle(get("/b"));
    expect(seen).toEqual([
      ["internal.example", { host: "10.0.0.1", port: 8443 }],
      ["api.example.com", undefined],
    ]);
  });
});

describe("answers", () => {
  const serveError = ruleset("http_custom_errors", [
    rule("ours", "http.response.code ge 400", {
      action: "serve_error",
      action_parameters: { content: '{"error":"ours"}', content_type: "application/json", status_code: 503 },
    }),
  ]);

  it.each([
    ["replace", [200, 503, 503, 403]],
    ["leave", [200, 503, 401, 403]],
  ] as const)("meet custom error rules: %s", async (errorRulesOnResponses, expected) => {
    const { edge } = testEdge({
      choices: { errorRulesOnResponses },
      origin: ({ path }) => ({ status: path === "/bad" ? 500 : 200, body: "origin" }),
    });
    const reply = { response: { status_code: 401, content: "no", content_type: "text/plain" } };
    enforce(
      edge,
      serveError,
      ruleset(CUSTOM_RULES, [
        rule("own", 'http.request.uri.path eq "/own"', { action_parameters: reply }),
        rule("default", 'http.request.uri.path eq "/default"'),
      ]),
    );
    const statuses = [];
    for (const path of ["/good", "/bad", "/own", "/default"])
      statuses.push((await edge.handle(get(path))).status);
    expect(statuses).toEqual(expected);
    expect((await edge.handle(get("/bad"))).body).toBe('{"error":"ours"}');
  });

  it("get their headers changed last, refusals included", async () => {
    const { edge } = testEdge({ origin: () => ({ status: 200, headers: [["X-Powered-By", "php"]] }) });
    enforce(
      edge,
      ruleset("http_response_headers_transform", [
        rule("h", "http.response.code eq 200", {
          action: "rewrite",
          action_parameters: {
            headers: {
              "x-powered-by": { operation: "remove" },
              Vary: { operation: "add", value: "cookie" },
            },
          },
        }),
        rule("all", "true", {
          action: "rewrite",
          action_parameters: { headers: { "x-frame-options": { operation: "set", value: "DENY" } } },
        }),
      ]),
      ruleset(CUSTOM_RULES, [rule("no", 'http.request.uri.path eq "/no"')]),
    );
    const names = async (path: string) =>
      (await edge.handle(get(path))).headers
        .map(([name]) => name.toLowerCase())
        .filter((name) => /^[xv]/.test(name));
    expect(await names("/")).toEqual(["vary", "x-frame-options"]);
    expect(await names("/no")).toEqual(["x-frame-options"]);
  });
});

import { describe, expect, test } from "vitest";
import { createTestApi, zoneId } from "../testing.ts";
import { GraphqlError, parseQuery } from "./parse.ts";

const events = [
  { datetime: "2026-11-22T11:00:00Z", action: "block", source: "firewallCustom", clientRequestPath: "/a" },
  {
    datetime: "2026-11-22T11:30:00Z",
    action: "log",
    source: "apiShieldTokenValidation",
    clientRequestPath: "/b",
  },
  {
    datetime: "2026-11-22T12:00:00Z",
    action: "block",
    source: "rateLimit",
    clientRequestPath: "/ab",
    count: 3,
  },
];

function query(filter: string, rest = "orderBy: [datetime_ASC], limit: 10"): string {
  return `query Events($zone: string) {
    viewer { zones(filter: {zoneTag: $zone}) { found: firewallEventsAdaptive(filter: ${filter}, ${rest}) {
      action path: clientRequestPath
    } } }
  }`;
}

async function ask(text: string, variables: unknown = { zone: zoneId }) {
  const { send } = createTestApi({}, { events: (zone) => (zone === zoneId ? events : []) });
  const answer = await send("POST", "/graphql", { query: text, variables });
  expect(answer.status).toBe(200);
  return answer.json;
}

async function paths(filter: string, rest?: string): Promise<readonly string[]> {
  const answer = await ask(query(filter, rest));
  expect(answer.errors).toBeNull();
  return answer.data.viewer.zones[0].found.map((each: { path: string }) => each.path);
}

describe("firewallEventsAdaptive", () => {
  test("answers the selected members under their aliases", async () => {
    expect(await ask(query('{action: "log"}'))).toEqual({
      data: { viewer: { zones: [{ found: [{ action: "log", path: "/b" }] }] } },
      errors: null,
    });
  });

  test.each([
    ['{datetime_geq: "2026-11-22T11:30:00Z", datetime_lt: "2026-11-22T12:00:00.000Z"}', ["/b"]],
    ['{datetime_gt: "2026-11-22T11:30:00Z"}', ["/ab"]],
    ['{datetime_leq: "2026-11-22T11:30:00Z"}', ["/a", "/b"]],
    ['{action_neq: "block"}', ["/b"]],
    ['{source_in: ["rateLimit", "firewallCustom"]}', ["/a", "/ab"]],
    ['{source_notin: ["rateLimit"]}', ["/a", "/b"]],
    ['{clientRequestPath_like: "/a%"}', ["/a", "/ab"]],
    ['{clientRequestPath_like: "%b"}', ["/b", "/ab"]],
    ['{clientRequestPath_like: "/%a%b"}', ["/ab"]],
    ['{clientRequestPath_like: "/a"}', ["/a"]],
    ['{OR: [{action: "log"}, {AND: [{action: "block"}, {source: "rateLimit"}]}]}', ["/b", "/ab"]],
    ["{count_geq: 3}", ["/ab"]],
    ["{}", ["/a", "/b", "/ab"]],
  ])("filter %s", async (filter, expected) => {
    expect(await paths(filter)).toEqual(expected);
  });

  test("orders and limits", async () => {
    expect(await paths("{}", "orderBy: [datetime_DESC], limit: 2")).toEqual(["/ab", "/b"]);
    expect(await paths("{}", "orderBy: [action_ASC, datetime_DESC], limit: 9")).toEqual(["/ab", "/a", "/b"]);
    expect(await paths("{}", "limit: 0, orderBy: []")).toEqual([]);
  });

  test("a zone that the token may not see is not there", async () => {
    const answer = await ask(query("{}"), { zone: "0".repeat(32) });
    expect(answer.data.viewer.zones).toEqual([]);
  });
});

describe("errors come as GraphQL answers them", () => {
  test.each([
    ["{ viewer { accounts { x } } }", 'unknown field "accounts"', []],
    ["mutation { x }", "only queries are served", [{ line: 1, column: 10 }]],
    ["{ viewer {", "expected a name", [{ line: 1, column: 11 }]],
    ["{\n  viewer(a: ) {x}}", "expected a value", [{ line: 2, column: 13 }]],
    ["{ viewer(a: $b) {x}}", "variable $b is not given", [{ line: 1, column: 15 }]],
    ["{ viewer ~ }", "unexpected character", [{ line: 1, column: 10 }]],
    ["{ viewer { x } } }", "expected the end of the query", [{ line: 1, column: 18 }]],
    ['{ viewer(a: "\\x") {x}}', "the string has an unknown escape", [{ line: 1, column: 13 }]],
    ["query Q($a", "expected )", [{ line: 1, column: 11 }]],
    [`${"{a".repeat(40)}`, "the query is nested too deep", [{ line: 1, column: 67 }]],
  ])("%s", async (text, message, locations) => {
    expect(await ask(text)).toEqual({ data: null, errors: [{ message, locations }] });
  });

  test("an unknown order", async () => {
    const answer = await ask(query("{}", "orderBy: [datetime]"));
    expect(answer.errors[0].message).toBe('unknown order "datetime"');
  });
});

test("values of every kind are parsed", () => {
  const text = '{ f(a: [1, -2.5, "x\\n", true, null, ENUM, {b: $v}]) # comment\n { g } }';
  expect(parseQuery(text, { v: "given" })).toEqual([
    {
      alias: "f",
      name: "f",
      arguments: { a: [1, -2.5, "x\n", true, null, "ENUM", { b: "given" }] },
      fields: [{ alias: "g", name: "g", arguments: {}, fields: [] }],
    },
  ]);
  expect(() => parseQuery("", {})).toThrow(GraphqlError);
});

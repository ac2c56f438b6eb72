import { describe, expect, test } from "vitest";
import { createTestApi, given, zoneId } from "../testing.ts";
import { isHost, normalizeEndpoint } from "./normalize.ts";

const path = `/zones/${zoneId}/api_gateway/operations`;
const sent = { method: "GET", host: "api.example.com", endpoint: "/orders/{id}" };

describe("the SDK drives operations", () => {
  test("create is idempotent; get, list, delete", async () => {
    const { client, world, advance } = createTestApi();
    const created = await client.apiGateway.operations.create(given({ zone_id: zoneId, ...sent }));
    expect(created).toEqual({
      ...sent,
      endpoint: "/orders/{var1}",
      operation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      last_updated: "2026-11-22T12:00:00.000000Z",
    });
    advance(1_000);
    const again = await client.apiGateway.operations.create({
      zone_id: zoneId,
      method: "GET",
      host: "API.example.com",
      endpoint: "/orders/{other}",
    });
    expect(again).toEqual(created);
    expect(world.zone(zoneId).operations).toEqual([created]);
    expect(await client.apiGateway.operations.get(created.operation_id, { zone_id: zoneId })).toEqual(
      created,
    );
    const all: unknown[] = [];
    for await (const each of client.apiGateway.operations.list({ zone_id: zoneId })) all.push(each);
    expect(all).toEqual([created]);
    expect(await client.apiGateway.operations.delete(created.operation_id, { zone_id: zoneId })).toEqual({
      success: true,
      errors: [],
      messages: [],
    });
    await expect(
      client.apiGateway.operations.get(created.operation_id, { zone_id: zoneId }),
    ).rejects.toMatchObject({ status: 404, errors: [{ code: 10007, message: "operation not found" }] });
  });

  test("another host, method or path is another operation", async () => {
    const { send, world } = createTestApi();
    const one = { method: "GET", host: "a.example.com", endpoint: "/a" };
    await send("POST", path, [one, { ...one, host: "b.example.com" }, { ...one, method: "PUT" }, one]);
    await send("POST", `${path}/item`, { ...one, endpoint: "/b" });
    expect(world.zone(zoneId).operations.length).toBe(4);
  });

  test("bulk create and bulk delete", async () => {
    const { client, send, world } = createTestApi();
    const made = await client.apiGateway.operations.bulkCreate({
      zone_id: zoneId,
      body: given([sent, { ...sent, method: "POST" }, sent]),
    });
    const ids = made.result.map((each) => each.operation_id);
    expect(ids[2]).toBe(ids[0]);
    const refused = await send("DELETE", path, [{ operation_id: ids[0] }, { operation_id: "gone" }]);
    expect(refused.json.errors).toEqual([
      {
        code: 190207,
        message: "[1].operation_id: operation gone does not exist",
        source: { pointer: "/1/operation_id" },
      },
    ]);
    const answer = await send("DELETE", path, [{ operation_id: ids[0] }]);
    expect(answer.json).toEqual({ success: true, errors: [], messages: [] });
    expect(world.zone(zoneId).operations.map((each) => each.method)).toEqual(["POST"]);
    await client.apiGateway.operations.bulkDelete({ zone_id: zoneId });
    expect(world.zone(zoneId).operations).toEqual([]);
  });

  test("session identifiers", async () => {
    const { client, world, send } = createTestApi();
    const characteristics = [
      { type: "jwt", name: "4a7ee8d3-dd63-4ceb-9d5f-c27831854ce7:$.sub" },
      { type: "header", name: "authorization" },
      { type: "cookie", name: "Session" },
    ];
    const empty = await client.apiGateway.configurations.get({ zone_id: zoneId });
    expect(empty).toEqual({ auth_id_characteristics: [] });
    const written = await client.apiGateway.configurations.update(
      given({
        zone_id: zoneId,
        auth_id_characteristics: characteristics,
      }),
    );
    expect(written).toEqual({ auth_id_characteristics: characteristics });
    expect(world.zone(zoneId).authIdCharacteristics).toEqual(characteristics);
    for (const name of ["$.sub", "4a7ee8d3-dd63-4ceb-9d5f-c27831854ce7", "x:$.sub"]) {
      const body = { auth_id_characteristics: [{ type: "jwt", name }] };
      expect((await send("PUT", `/zones/${zoneId}/api_gateway/configuration`, body)).status).toBe(400);
    }
  });
});

describe("list", () => {
  test("filters and orders", async () => {
    const { send } = createTestApi();
    await send("POST", path, [
      { method: "PUT", host: "b.example.com", endpoint: "/a/1" },
      { method: "GET", host: "a.example.com", endpoint: "/b/2" },
      { method: "GET", host: "b.example.com", endpoint: "/c/1" },
    ]);
    const found = async (query: string) =>
      (await send("GET", `${path}?${query}`)).json.result.map((each: { endpoint: string }) => each.endpoint);
    expect(await found("host[]=b.example.com")).toEqual(["/a/1", "/c/1"]);
    expect(await found("host=a.example.com&host=b.example.com&method[]=GET")).toEqual(["/b/2", "/c/1"]);
    expect(await found("endpoint=/1")).toEqual(["/a/1", "/c/1"]);
    expect(await found("order=endpoint&direction=desc")).toEqual(["/c/1", "/b/2", "/a/1"]);
    expect(await found("order=method")).toEqual(["/b/2", "/c/1", "/a/1"]);
    expect(await found("order=thresholds.p50")).toEqual(["/a/1", "/b/2", "/c/1"]);
    expect(await found("per_page=2&page=2")).toEqual(["/c/1"]);
    expect((await send("GET", `${path}?order=age`)).json.errors).toEqual([
      { code: 10015, message: "query parameter order: must be one of method, host, endpoint" },
    ]);
    expect((await send("GET", `${path}?direction=up&order=host`)).status).toBe(400);
    expect((await send("GET", `${path}?page=0&per_page=x`)).json.errors).toEqual([
      {
        code: 10015,
        message: "query parameter page: must be a whole number from 1 to 9007199254740991",
      },
      { code: 10015, message: "query parameter per_page: must be a whole number from 1 to 1000" },
    ]);
  });
});

describe("what is saved", () => {
  test.each([
    ["/a/{x}/b/{y}", "/a/{var1}/b/{var2}"],
    ["/a/{var2}/{var1}", "/a/{var1}/{var2}"],
    ["/a/../b/./c", "/b/c"],
    ["/a/b/..", "/a/"],
    ["/%7Euser/%2f", "/~user/%2F"],
    ["/{}/x", "/{var1}/x"],
    ["/", "/"],
  ])("endpoint %s becomes %s", (endpoint, normalized) => {
    expect(normalizeEndpoint(endpoint)).toBe(normalized);
    expect(normalizeEndpoint(normalized)).toBe(normalized);
  });

  test.each([
    ["api.example.com", true],
    ["{a}.example.com", true],
    ["foo-{a}.example.com", false],
    ["", false],
    ["a b.example.com", false],
    ["-a.example.com", false],
    [`${"a".repeat(300)}.example.com`, false],
  ])("host %s is one: %s", (host, expected) => {
    expect(isHost(host)).toBe(expected);
  });

  test("every wrong member is named", async () => {
    const { send } = createTestApi();
    const answer = await send("POST", `${path}/item`, {
      method: "get",
      host: "foo-{x}.example.com",
      endpoint: "a",
    });
    expect(answer.json.errors.map((each: { message: string }) => each.message)).toEqual([
      'method: Invalid option: expected one of "GET"|"POST"|"HEAD"|"OPTIONS"|"PUT"|"DELETE"|"CONNECT"|"PATCH"|"TRACE"',
      "host: must be a host name (RFC 3986), templates fill whole labels",
      "endpoint: must begin with /",
    ]);
  });

  test.each([
    ["free", [], 100],
    ["pro", [], 250],
    ["business", [], 500],
    ["enterprise", [], 500],
    ["enterprise", ["api_shield"], 10_000],
  ] as const)("plan %s with %j saves %i operations", async (plan, addOns, limit) => {
    const { send } = createTestApi({ plan, addOns: [...addOns] });
    const many = Array.from({ length: limit + 1 }, (_, index) => ({ ...sent, endpoint: `/${index}` }));
    const refused = await send("POST", path, many);
    expect(refused.json.errors).toEqual([
      { code: 190102, message: `exceeded maximum number of saved operations: ${limit + 1} out of ${limit}` },
    ]);
    expect((await send("POST", path, many.slice(0, Math.min(limit, 500)))).status).toBe(200);
  });
});

import { describe, expect, test } from "vitest";
import { createTestApi, given, type TestApi, zoneId } from "../testing.ts";
import { es256 } from "./testKeys.ts";

const path = `/zones/${zoneId}/token_validation/rules`;

async function prepared(test: TestApi = createTestApi()) {
  const made = await test.send("POST", `/zones/${zoneId}/token_validation/config`, {
    title: "t",
    description: "",
    token_sources: ['http.request.headers["authorization"][0]'],
    token_type: "JWT",
    credentials: { keys: [es256("a")] },
  });
  const configuration: string = made.json.result.id;
  const rule = (title: string, more: Record<string, unknown> = {}) => ({
    title,
    description: "",
    action: "log",
    enabled: true,
    expression: `is_jwt_valid("${configuration}")`,
    selector: { include: [{ host: ["v1.example.com"] }] },
    ...more,
  });
  const titles = async () =>
    (await test.send("GET", path)).json.result.map((each: { title: string }) => each.title);
  const create = async (title: string, more: Record<string, unknown> = {}): Promise<string> =>
    (await test.send("POST", path, rule(title, more))).json.result.id;
  return { ...test, configuration, rule, titles, create };
}

describe("the SDK drives token validation rules", () => {
  test("create, get, list, edit, delete", async () => {
    const { client, rule, world, advance } = await prepared();
    const created = await client.tokenValidation.rules.create(given({ zone_id: zoneId, ...rule("one") }));
    expect(created).toEqual({
      ...rule("one"),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_at: "2026-11-22T12:00:00.000000Z",
      last_updated: "2026-11-22T12:00:00.000000Z",
    });
    expect(world.zone(zoneId).tokenRules).toEqual([created]);
    const id = created.id ?? "";
    advance(1_000);
    const edited = await client.tokenValidation.rules.edit(id, { zone_id: zoneId, action: "block" });
    expect(edited).toEqual({ ...created, action: "block", last_updated: "2026-11-22T12:00:01.000000Z" });
    expect(await client.tokenValidation.rules.get(id, { zone_id: zoneId })).toEqual(edited);
    const all: unknown[] = [];
    for await (const each of client.tokenValidation.rules.list({ zone_id: zoneId })) all.push(each);
    expect(all).toEqual([edited]);
    expect(await client.tokenValidation.rules.delete(id, { zone_id: zoneId })).toEqual({ id });
    await expect(client.tokenValidation.rules.get(id, { zone_id: zoneId })).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "token validation rule not found" }],
    });
  });

  test("bulk create and bulk edit answer arrays, and do all or nothing", async () => {
    const { client, rule, titles, send } = await prepared();
    const made = await client.tokenValidation.rules.bulkCreate({
      zone_id: zoneId,
      body: given([rule("one"), rule("two"), rule("three")]),
    });
    const [one, two, three] = made.result.map((each) => each.id ?? "");
    const edited = await client.tokenValidation.rules.bulkEdit({
      zone_id: zoneId,
      body: given([
        { id: three, position: { before: one } },
        { id: two, action: "block" },
      ]),
    });
    expect(edited.result.map(({ title, action }) => ({ title, action }))).toEqual([
      { title: "three", action: "log" },
      { title: "two", action: "block" },
    ]);
    expect(await titles()).toEqual(["three", "one", "two"]);
    const failed = await send("PATCH", `${path}/bulk`, [
      { id: one, title: "changed" },
      { id: "nobody", title: "x" },
    ]);
    expect(failed.status).toBe(404);
    expect(failed.json.errors[0].source).toEqual({ pointer: "/1/id" });
    expect(await titles()).toEqual(["three", "one", "two"]);
    const refused = await send("POST", `${path}/bulk`, [
      rule("four"),
      rule("five", { expression: "nonsense" }),
    ]);
    expect(refused.json.errors[0].source).toEqual({ pointer: "/1/expression" });
    expect(await titles()).toEqual(["three", "one", "two"]);
  });
});

describe("order", () => {
  test.each([
    [{ index: 1 }, ["three", "one", "two"]],
    [{ index: 2 }, ["one", "three", "two"]],
    [{ index: 3 }, ["one", "two", "three"]],
  ])("position %j", async (position, order) => {
    const { create, send, titles } = await prepared();
    await create("one");
    await create("two");
    const id = await create("three");
    const answer = await send("PATCH", `${path}/${id}`, { position });
    expect(answer.json.result.position).toBeUndefined();
    expect(await titles()).toEqual(order);
  });

  test("after another, and what is out of range", async () => {
    const { create, send, titles } = await prepared();
    const one = await create("one");
    const two = await create("two");
    await create("three");
    await send("PATCH", `${path}/${one}`, { position: { after: two } });
    expect(await titles()).toEqual(["two", "one", "three"]);
    for (const [position, message] of [
      [{ index: 0 }, "position.index: 0 is out of range"],
      [{ index: 4 }, "position.index: 4 is out of range"],
      [{ before: one }, "position.before: there is no other rule with this id"],
      [{ after: "nobody" }, "position.after: there is no other rule with this id"],
    ] as const) {
      const answer = await send("PATCH", `${path}/${one}`, { position });
      expect(answer.status).toBe(400);
      expect(answer.json.errors[0]).toMatchObject({ code: 190208, message });
    }
    expect(await titles()).toEqual(["two", "one", "three"]);
  });

  test("on create it does not count, in bulk neither", async () => {
    const { create, rule, send, titles } = await prepared();
    const one = await create("one");
    await create("two", { position: { index: 1 } });
    await send("POST", `${path}/bulk`, [rule("three", { position: { before: one } }), rule("four")]);
    expect(await titles()).toEqual(["one", "two", "three", "four"]);
  });
});

test("Enterprise on trial has the functions of its rules", async () => {
  const { create, titles } = await prepared(createTestApi({ addOns: [] }));
  await create("one");
  expect(await titles()).toEqual(["one"]);
});

describe("filters of the list", () => {
  test("id, action, enabled, host and token configuration", async () => {
    const { create, send, configuration } = await prepared();
    const one = await create("one");
    await create("two", { action: "block" });
    await create("three", { enabled: false, selector: { include: [{ host: ["v2.example.com"] }] } });
    await create("four", { expression: "ssl", selector: {} });
    const found = async (query: string) =>
      (await send("GET", `${path}?${query}`)).json.result.map((each: { title: string }) => each.title);
    expect(await found(`id=${one}`)).toEqual(["one"]);
    expect(await found(`rule_id=${one}`)).toEqual(["one"]);
    expect(await found("action=block")).toEqual(["two"]);
    expect(await found("enabled=false")).toEqual(["three"]);
    expect(await found("host=v2.example.com")).toEqual(["three"]);
    expect(await found("hostname=v1.example.com")).toEqual(["one", "two"]);
    expect(await found(`token_configuration[]=${configuration}&action=log`)).toEqual(["one", "three"]);
    expect(await found("page=2&per_page=3")).toEqual(["four"]);
    expect(await found("page=3&per_page=3")).toEqual([]);
  });
});

describe("refusals", () => {
  test("all members are required", async () => {
    const { send } = await prepared();
    const answer = await send("POST", path, {});
    expect(answer.json.errors.map((each: { source: { pointer: string } }) => each.source.pointer)).toEqual([
      "/title",
      "/description",
      "/action",
      "/enabled",
      "/expression",
      "/selector",
    ]);
  });

  test("an unknown configuration", async () => {
    const unknown = "00000000-0000-4000-8000-000000000000";
    const { send, rule } = await prepared();
    const answer = await send("POST", path, rule("r", { expression: `is_jwt_valid("${unknown}")` }));
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].code).toBe(20127);
    expect(answer.json.errors[0].message).toContain("there is no token configuration with this id");
  });

  test("include by operation id, exclude by host", async () => {
    const { send, rule } = await prepared();
    for (const selector of [{ include: [{ operation_ids: ["x"] }] }, { exclude: [{ host: ["x"] }] }]) {
      expect((await send("POST", path, rule("r", { selector }))).status).toBe(400);
    }
    for (const selector of [{}, { include: null, exclude: null }, { include: [{}] }]) {
      const answer = await send("POST", path, rule("r", { selector }));
      expect(answer.status).toBe(200);
      expect(answer.json.result.selector).toEqual(selector);
    }
  });

  test("a zone without the entitlement", async () => {
    const { send } = createTestApi({ plan: "pro", addOns: [] });
    for (const [method, suffix] of [
      ["GET", ""],
      ["GET", "/x"],
      ["POST", "/bulk"],
      ["PATCH", "/bulk"],
    ] as const) {
      expect((await send(method, path + suffix, method === "GET" ? undefined : [])).status).toBe(403);
    }
  });
});

import { describe, expect, test } from "vitest";
import { accountId, createTestApi, given, type TestApi } from "../testing.ts";

const stores = `/accounts/${accountId}/secrets_store/stores`;
const scope = { account_id: accountId };
const now = "2026-11-22T12:00:00.000000Z";

async function withStore(test: TestApi = createTestApi()) {
  const { id } = (await test.send("POST", stores, { name: "main" })).json.result;
  const secrets = `${stores}/${id}/secrets`;
  const create = async (name: string, value = "v", more: Record<string, unknown> = {}) =>
    test.send("POST", secrets, [{ name, value, scopes: ["workers"], ...more }]);
  return { ...test, storeId: id as string, secrets, create };
}

describe("the SDK drives the Secrets Store", () => {
  test("stores: create, get, list, delete", async () => {
    const { client } = createTestApi();
    const created = await client.secretsStore.stores.create({ ...scope, name: "main" });
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "main",
      created: now,
      modified: now,
    });
    expect(await client.secretsStore.stores.get(created.id, scope)).toEqual(created);
    const all: unknown[] = [];
    for await (const each of client.secretsStore.stores.list(scope)) all.push(each);
    expect(all).toEqual([created]);
    expect(await client.secretsStore.stores.delete(created.id, scope)).toEqual({ id: created.id });
    await expect(client.secretsStore.stores.get(created.id, scope)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "store not found" }],
    });
  });

  test("secrets: an array makes them, the value is never answered, a Worker reads it", async () => {
    const { client, api, storeId, advance } = await withStore();
    const path = { ...scope, store_id: storeId };
    const made = await client.secretsStore.stores.secrets.create(storeId, {
      ...scope,
      body: [{ name: "signing", value: "the-value", scopes: ["workers"], comment: "c" }],
    });
    const [created] = made.result;
    const id = created?.id ?? "";
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      store_id: storeId,
      name: "signing",
      comment: "c",
      scopes: ["workers"],
      status: "active",
      created: now,
      modified: now,
    });
    expect(await client.secretsStore.stores.secrets.get(id, path)).toEqual(created);
    expect(api.secretValue(accountId, "main", "signing")).toBe("the-value");
    expect(api.secretValue(accountId, storeId, "signing")).toBe("the-value");
    expect(api.secretValue(accountId, "main", "other")).toBeUndefined();
    expect(api.secretValue(accountId, "other", "signing")).toBeUndefined();

    advance(1_000);
    const edited = await client.secretsStore.stores.secrets.edit(id, { ...path, value: "new-value" });
    expect(edited).toEqual({ ...created, modified: "2026-11-22T12:00:01.000000Z" });
    expect(api.secretValue(accountId, "main", "signing")).toBe("new-value");
    const commented = await client.secretsStore.stores.secrets.edit(id, { ...path, comment: "d" });
    expect(commented.comment).toBe("d");
    expect(api.secretValue(accountId, "main", "signing")).toBe("new-value");

    const copy = await client.secretsStore.stores.secrets.duplicate(id, {
      ...path,
      name: "copy",
      scopes: ["workers"],
    });
    expect(api.secretValue(accountId, "main", copy.name)).toBe("new-value");
    const names: unknown[] = [];
    for await (const each of client.secretsStore.stores.secrets.list(storeId, { ...scope, per_page: 1 })) {
      names.push(each.name);
    }
    expect(names).toEqual(["signing", "copy"]);
    expect(await client.secretsStore.quota.get(scope)).toEqual({ secrets: { quota: 100, usage: 2 } });
    expect(await client.secretsStore.stores.secrets.delete(id, path)).toBeNull();
    await expect(client.secretsStore.stores.secrets.get(id, path)).rejects.toMatchObject({ status: 404 });
    expect(await client.secretsStore.stores.secrets.bulkDelete(storeId, given({ ...scope }))).toBeNull();
    expect(await client.secretsStore.quota.get(scope)).toEqual({ secrets: { quota: 100, usage: 0 } });
  });
});

describe("refusals", () => {
  test("a store that is not empty answers 409 and is not to be retried; force cascades", async () => {
    const { send, create, storeId, api } = await withStore();
    await create("a");
    const answer = await send("DELETE", `${stores}/${storeId}`);
    expect(answer.status).toBe(409);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(answer.json.errors).toEqual([
      { code: 190301, message: `store ${storeId} is not empty: delete its secrets first, or set force` },
    ]);
    expect((await send("DELETE", `${stores}/${storeId}?force=true`)).status).toBe(200);
    expect(api.secretValue(accountId, "main", "a")).toBeUndefined();
  });

  test("one store per account, names without blanks and once", async () => {
    const { send } = await withStore();
    expect((await send("POST", stores, { name: "main" })).json.errors).toEqual([
      { code: 190302, message: "store 'main' exists already", source: { pointer: "/name" } },
    ]);
    expect((await send("POST", stores, { name: "second" })).json.errors).toEqual([
      { code: 190102, message: "exceeded maximum number of stores: 2 out of 1" },
    ]);
    expect((await send("POST", stores, { name: "a b" })).json.errors).toEqual([
      { code: 10016, message: "name: must not contain blanks", source: { pointer: "/name" } },
    ]);
  });

  test("100 secrets of an account, all or nothing", async () => {
    const { send, secrets } = await withStore();
    const many = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}`, value: "v", scopes: [] }));
    expect((await send("POST", secrets, many(101, "a"))).json.errors).toEqual([
      { code: 190102, message: "exceeded maximum number of secrets: 101 out of 100" },
    ]);
    expect((await send("GET", secrets)).json.result).toEqual([]);
    expect((await send("POST", secrets, many(100, "a"))).status).toBe(200);
    const [first] = (await send("GET", secrets)).json.result;
    const copy = await send("POST", `${secrets}/${first.id}/duplicate`, { name: "copy", scopes: [] });
    expect(copy.json.errors[0].code).toBe(190102);
  });

  test("65,536 bytes of a value, not characters; the message does not hold it", async () => {
    const { create, send, secrets } = await withStore();
    const long = "é".repeat(32_769);
    const answer = await create("a", long);
    expect(answer.json.errors).toEqual([
      {
        code: 190303,
        message: "value has 65538 bytes, at most 65536 are allowed",
        source: { pointer: "/0/value" },
      },
    ]);
    expect((await create("a", "é".repeat(32_768))).status).toBe(200);
    const [{ id }] = (await send("GET", secrets)).json.result;
    expect((await send("PATCH", `${secrets}/${id}`, { value: long })).status).toBe(400);
  });

  test("doubled names, unknown scopes, an object instead of an array", async () => {
    const { send, secrets, create } = await withStore();
    await create("a");
    expect((await create("a")).json.errors).toEqual([
      { code: 190302, message: "secret 'a' exists already", source: { pointer: "/0/name" } },
    ]);
    const twice = { name: "b", value: "v", scopes: [] };
    expect((await send("POST", secrets, [twice, twice])).json.errors[0].source).toEqual({
      pointer: "/1/name",
    });
    expect((await create("c", "v", { scopes: ["aiGateway"] })).status).toBe(400);
    expect((await send("POST", secrets, twice)).json.errors).toEqual([
      {
        code: 10016,
        message: "body: Invalid input: expected array, received object",
        source: { pointer: "" },
      },
    ]);
  });

  test("bulk delete takes all of its ids or none", async () => {
    const { send, secrets, create } = await withStore();
    const [{ id }] = (await create("a")).json.result;
    expect((await send("DELETE", secrets, [{ id }, { id: "gone" }])).status).toBe(404);
    expect((await send("GET", secrets)).json.result.length).toBe(1);
    expect((await send("DELETE", secrets, [{ id }])).json.result).toBeNull();
    expect((await send("GET", secrets)).json.result).toEqual([]);
  });
});

test("lists are searched, filtered and sorted", async () => {
  const { send, secrets, create } = await withStore();
  await create("b", "v", { comment: "zebra" });
  await create("a", "v", { scopes: ["access", "workers"] });
  const found = async (query: string) =>
    (await send("GET", `${secrets}?${query}`)).json.result.map((each: { name: string }) => each.name);
  expect(await found("order=name")).toEqual(["a", "b"]);
  expect(await found("order=name&direction=desc")).toEqual(["b", "a"]);
  expect(await found("search=zeb")).toEqual(["b"]);
  expect(await found("scopes=access")).toEqual(["a"]);
  expect(await found("direction=desc")).toEqual(["a", "b"]);
});

test("scopes are answered in alphabetical order", async () => {
  const { create, send, secrets } = await withStore();
  const scopes = ["workers", "access", "ai_gateway"];
  const made = (await create("a", "v", { scopes })).json.result[0];
  expect(made.scopes).toEqual(["access", "ai_gateway", "workers"]);
  const changed = await send("PATCH", `${secrets}/${made.id}`, { scopes: ["workers", "dex"] });
  expect(changed.json.result.scopes).toEqual(["dex", "workers"]);
});

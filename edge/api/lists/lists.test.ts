import { describe, expect, test } from "vitest";
import { accountId, createTestApi, type TestApi, zoneId } from "../testing.ts";

const lists = `/accounts/${accountId}/rules/lists`;
const scope = { account_id: accountId };

async function withList(kind: string, test: TestApi = createTestApi()) {
  const { id } = (await test.send("POST", lists, { name: "office", kind })).json.result;
  return { ...test, id: id as string, items: `${lists}/${id}/items` };
}

describe("the SDK drives lists", () => {
  test("create, get, list, update, delete", async () => {
    const { client } = createTestApi();
    const created = await client.rules.lists.create({
      ...scope,
      name: "office",
      kind: "ip",
      description: "d",
    });
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "office",
      kind: "ip",
      description: "d",
      num_items: 0,
      num_referencing_filters: 0,
      created_on: "2026-11-22T12:00:00.000000Z",
      modified_on: "2026-11-22T12:00:00.000000Z",
    });
    expect(await client.rules.lists.get(created.id, scope)).toEqual(created);
    const all: unknown[] = [];
    for await (const each of client.rules.lists.list(scope)) all.push(each);
    expect(all).toEqual([created]);
    const updated = await client.rules.lists.update(created.id, { ...scope, description: "e" });
    expect(updated.description).toBe("e");
    expect(await client.rules.lists.delete(created.id, scope)).toEqual({ id: created.id });
    await expect(client.rules.lists.get(created.id, scope)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "list not found" }],
    });
  });

  test("items: append, replace, get, list, delete; expressions see them", async () => {
    const { client, id, world } = await withList("ip");
    const { operation_id } = await client.rules.lists.items.create(id, {
      ...scope,
      body: [{ ip: "192.0.2.0/24", comment: "office" }, { ip: "198.51.100.1" }],
    });
    expect(await client.rules.lists.bulkOperations.get(operation_id, scope)).toMatchObject({
      id: operation_id,
      status: "completed",
    });
    expect(world.account(accountId).lists).toEqual([
      { id, name: "office", kind: "ip", items: ["192.0.2.0/24", "198.51.100.1"] },
    ]);
    const found: { id: string }[] = [];
    for await (const each of client.rules.lists.items.list(id, scope)) found.push(each);
    expect(found).toEqual([
      {
        id: expect.any(String),
        ip: "192.0.2.0/24",
        comment: "office",
        created_on: "2026-11-22T12:00:00.000000Z",
        modified_on: "2026-11-22T12:00:00.000000Z",
      },
      expect.objectContaining({ ip: "198.51.100.1" }),
    ]);
    const [first] = found;
    const item = await client.rules.lists.items.get(first?.id ?? "", { ...scope, list_id: id });
    expect(item).toEqual(first);
    await client.rules.lists.items.delete(id, { ...scope, items: [{ id: first?.id ?? "" }] });
    expect(world.account(accountId).lists[0]?.items).toEqual(["198.51.100.1"]);
    await client.rules.lists.items.update(id, { ...scope, body: [{ ip: "203.0.113.0/24" }] });
    expect(world.account(accountId).lists[0]?.items).toEqual(["203.0.113.0/24"]);
  });
});

describe("items by kind", () => {
  test.each([
    ["asn", [{ asn: 13335 }], ["13335"]],
    ["hostname", [{ hostname: { url_hostname: "a.example.com" } }], ["a.example.com"]],
    [
      "redirect",
      [{ redirect: { source_url: "a.example.com/x", target_url: "https://b.example.com/" } }],
      ["a.example.com/x"],
    ],
    ["ip", [{ ip: "2001:db8::/32" }, { ip: "2001:db8::/32" }], ["2001:db8::/32"]],
  ])("%s", async (kind, body, values) => {
    const { send, items, world } = await withList(kind);
    expect((await send("POST", items, body)).status).toBe(200);
    expect(world.account(accountId).lists[0]?.items).toEqual(values);
  });

  test.each([{ ip: "192.0.2.0/33" }, { ip: "nowhere" }, { ip: "192.0.2.1/8/8" }, { asn: 1 }])(
    "%j is no address",
    async (item) => {
      const { send, items } = await withList("ip");
      expect((await send("POST", items, [item])).status).toBe(400);
    },
  );

  test("many items come in pages by cursor, and end", async () => {
    const { client, id, send, items } = await withList("asn");
    await send(
      "PUT",
      items,
      Array.from({ length: 1001 }, (_, asn) => ({ asn })),
    );
    let count = 0;
    for await (const _each of client.rules.lists.items.list(id, scope)) count += 1;
    expect(count).toBe(1001);
    expect((await send("GET", `${items}?search=100`)).json.result.length).toBe(2);
  });
});

test("a list in use cannot be deleted, and unknown lists are refused in rules", async () => {
  const { send, id } = await withList("ip");
  const entry = `/zones/${zoneId}/rulesets/phases/http_request_firewall_custom/entrypoint`;
  const rule = (name: string) => ({ rules: [{ action: "block", expression: `not ip.src in $${name}` }] });
  expect((await send("PUT", entry, rule("office"))).status).toBe(200);
  expect((await send("PUT", entry, rule("other"))).status).toBe(400);
  expect((await send("GET", `${lists}/${id}`)).json.result.num_referencing_filters).toBe(1);
  const answer = await send("DELETE", `${lists}/${id}`);
  expect(answer.status).toBe(409);
  expect(answer.json.errors).toEqual([{ code: 190304, message: "list 'office' is used by 1 rules" }]);
});

test("names are unique and of one form; deletes name items that exist", async () => {
  const { send, items } = await withList("ip");
  expect((await send("POST", lists, { name: "office", kind: "ip" })).status).toBe(409);
  expect((await send("POST", lists, { name: "Office-2", kind: "ip" })).json.errors[0].message).toBe(
    "name: must be 1 to 50 of a-z, 0-9 and _",
  );
  expect((await send("DELETE", items, { items: [{ id: "gone" }] })).json.errors).toEqual([
    { code: 10007, message: "list item not found", source: { pointer: "/items/0/id" } },
  ]);
  expect((await send("GET", `${items}/gone`)).status).toBe(404);
});

test("a hostname item keeps exclude_exact_hostname, which decides on the name itself", async () => {
  const { send, items, world } = await withList("hostname");
  const named = (url_hostname: string, exclude_exact_hostname?: boolean) => ({
    hostname: { url_hostname, ...(exclude_exact_hostname === undefined ? {} : { exclude_exact_hostname }) },
  });
  const sent = [named("*.a.example"), named("*.b.example", true), named("*.c.example", false)];
  await send("PUT", items, sent);
  const answered = (await send("GET", items)).json.result;
  expect(answered.map(({ hostname }: { hostname: unknown }) => ({ hostname }))).toEqual(sent);
  expect(world.account(accountId).lists[0]?.items).toEqual([
    "*.a.example",
    "*.b.example",
    "*.c.example",
    "c.example",
  ]);
  expect((await send("GET", lists)).json.result[0].num_items).toBe(3);
});

test.each([[undefined], [{}]])("a delete of items with the body %j deletes all of them", async (body) => {
  const { send, items } = await withList("ip");
  await send("POST", items, [{ ip: "192.0.2.1" }]);
  expect((await send("DELETE", items, body)).status).toBe(200);
  expect((await send("GET", items)).json.result).toEqual([]);
});

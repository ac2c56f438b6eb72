import { toFile } from "cloudflare";
import { describe, expect, test } from "vitest";
import { accountId, createTestApi, type TestApi } from "../testing.ts";

const namespaces = `/accounts/${accountId}/storage/kv/namespaces`;
const scope = { account_id: accountId };

async function withNamespace(test: TestApi = createTestApi()) {
  const { id } = (await test.send("POST", namespaces, { title: "jwks" })).json.result;
  return { ...test, id: id as string, values: `${namespaces}/${id}/values` };
}

describe("the SDK drives KV", () => {
  test("namespaces: create, get, list, rename, delete", async () => {
    const { client } = createTestApi();
    const created = await client.kv.namespaces.create({ ...scope, title: "jwks" });
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      title: "jwks",
      supports_url_encoding: true,
    });
    const { id } = created;
    expect(await client.kv.namespaces.get(id, scope)).toEqual(created);
    await client.kv.namespaces.create({ ...scope, title: "other" });
    const titles: unknown[] = [];
    for await (const each of client.kv.namespaces.list({ ...scope, per_page: 1 })) titles.push(each.title);
    expect(titles).toEqual(["jwks", "other"]);
    await client.kv.namespaces.update(id, { ...scope, title: "renamed" });
    expect((await client.kv.namespaces.get(id, scope)).title).toBe("renamed");
    await client.kv.namespaces.delete(id, scope);
    await expect(client.kv.namespaces.get(id, scope)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "namespace not found" }],
    });
  });

  test("values with metadata, keys with every character, deletes", async () => {
    const { client, id, api } = await withNamespace();
    const path = { ...scope, namespace_id: id };
    const key = "keys/a b?ü%2F";
    await client.kv.namespaces.values.update(key, {
      ...path,
      value: await toFile(Buffer.from('{"keys":[]}'), "value"),
      metadata: JSON.stringify({ etag: 1 }),
    });
    const answer = await client.kv.namespaces.values.get(key, path);
    expect(await answer.text()).toBe('{"keys":[]}');
    expect(await client.kv.namespaces.metadata.get(key, path)).toEqual({ etag: 1 });
    const value = api.kvValue(accountId, "jwks", key);
    expect(Buffer.from(value ?? []).toString()).toBe('{"keys":[]}');
    const keys: unknown[] = [];
    for await (const each of client.kv.namespaces.keys.list(id, scope)) keys.push(each);
    expect(keys).toEqual([{ name: key, metadata: { etag: 1 } }]);
    await client.kv.namespaces.values.delete(key, path);
    await expect(client.kv.namespaces.values.get(key, path)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "key not found" }],
    });
    expect(api.kvValue(accountId, "jwks", key)).toBeUndefined();
    expect(api.kvValue(accountId, "none", key)).toBeUndefined();
  });
});

test("the body itself can be the value; without metadata there is null", async () => {
  const { send, id, values } = await withNamespace();
  expect((await send("PUT", `${values}/a`, "plain")).json.result).toEqual({});
  expect((await send("GET", `${values}/a`)).text).toBe("plain");
  expect((await send("GET", `${namespaces}/${id}/metadata/a`)).json.result).toBeNull();
});

test("a value expires", async () => {
  const { send, values, advance, id } = await withNamespace();
  await send("PUT", `${values}/a?expiration_ttl=60`, "v");
  const answer = await send("GET", `${values}/a`);
  expect(answer.headers.get("expiration")).toBe(String(Date.UTC(2026, 10, 22, 12, 1) / 1000));
  advance(59_999);
  expect((await send("GET", `${values}/a`)).status).toBe(200);
  advance(1);
  expect((await send("GET", `${values}/a`)).status).toBe(404);
  expect((await send("GET", `${namespaces}/${id}/keys`)).json.result).toEqual([]);
  expect((await send("PUT", `${values}/a?expiration_ttl=59`, "v")).json.errors[0].code).toBe(10015);
  const soon = Date.UTC(2026, 10, 22, 12, 2) / 1000;
  expect((await send("PUT", `${values}/a?expiration=${soon + 60}`, "v")).status).toBe(200);
});

test("keys are listed by prefix, in order, page by page", async () => {
  const { send, values, id } = await withNamespace();
  for (let index = 0; index < 12; index += 1) await send("PUT", `${values}/k${index}`, "v");
  await send("PUT", `${values}/other`, "v");
  const keys = `${namespaces}/${id}/keys`;
  const first = await send("GET", `${keys}?prefix=k&limit=10`);
  expect(first.json.result.length).toBe(10);
  expect(first.json.result_info).toEqual({ count: 10, cursor: "c10" });
  const second = await send("GET", `${keys}?prefix=k&limit=10&cursor=c10`);
  expect(second.json.result).toEqual([{ name: "k8" }, { name: "k9" }]);
  expect(second.json.result_info).toEqual({ count: 2 });
});

test("limits: 512 bytes of a key, 1,024 of metadata, a form without value, a doubled title", async () => {
  const { send, values, api } = await withNamespace();
  expect((await send("PUT", `${values}/${"k".repeat(513)}`, "v")).json.errors[0].message).toBe(
    "key has 513 bytes, at most 512 are allowed",
  );
  const put = async (form: FormData) => {
    const request = new Request(`http://edge.test/client/v4${values}/a`, {
      method: "PUT",
      headers: { authorization: "Bearer t" },
      body: form,
    });
    return (await (await api.fetch(request)).json()).errors[0]?.message;
  };
  const form = new FormData();
  form.append("metadata", JSON.stringify("x".repeat(1023)));
  expect(await put(form)).toBe("metadata has 1025 bytes, at most 1024 are allowed");
  form.set("metadata", "{}");
  expect(await put(form)).toBe("the form has no part value");
  form.append("value", "v");
  form.set("metadata", "{");
  expect(await put(form)).toBe("Malformed JSON in request body");
  expect((await send("POST", namespaces, { title: "jwks" })).json.errors[0].message).toBe(
    "namespace 'jwks' exists already",
  );
});

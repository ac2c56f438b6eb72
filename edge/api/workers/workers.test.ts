import { toFile } from "cloudflare";
import { describe, expect, test } from "vitest";
import { accountId, anyToken, createTestApi, type TestApi } from "../testing.ts";

const scripts = `/accounts/${accountId}/workers/scripts`;
const scope = { account_id: accountId };
const source = "export default { fetch() { return new Response('ok') }, scheduled() {} }";

/** Uploads a module Worker as the provider does. */
async function upload(
  test: TestApi,
  name: string,
  metadata: Record<string, unknown>,
  modules: Readonly<Record<string, string>> = { "index.js": source },
) {
  const form = new FormData();
  for (const [file, text] of Object.entries(modules)) {
    form.append(file, new Blob([text], { type: "application/javascript+module" }), file);
  }
  form.append("metadata", JSON.stringify(metadata));
  return sendForm(test, "PUT", `${scripts}/${name}`, form);
}

async function sendForm(test: TestApi, method: string, path: string, form: FormData) {
  const response = await test.api.fetch(
    new Request(`http://edge.test/client/v4${path}`, {
      method,
      headers: { authorization: `Bearer ${anyToken}` },
      body: form,
    }),
  );
  return { status: response.status, json: await response.json() };
}

const main = { main_module: "index.js", compatibility_date: "2026-01-01" };

describe("scripts", () => {
  test("the SDK uploads, lists, reads the content of and deletes a script", async () => {
    const { client } = createTestApi();
    const created = await client.workers.scripts.update(
      "jwks",
      {
        ...scope,
        metadata: { main_module: "index.js" },
        files: [await toFile(Buffer.from(source), "index.js", { type: "application/javascript+module" })],
      },
      // The SDK puts application/javascript over the form's own type unless it is told not to.
      { headers: { "Content-Type": null } },
    );
    expect(created).toEqual({
      id: "jwks",
      created_on: "2026-11-22T12:00:00.000000Z",
      modified_on: "2026-11-22T12:00:00.000000Z",
      etag: expect.stringMatching(/^[0-9a-f]{64}$/),
      handlers: ["fetch", "scheduled"],
      has_assets: false,
      has_modules: true,
      startup_time_ms: 1,
      usage_model: "standard",
    });
    const all: unknown[] = [];
    for await (const each of client.workers.scripts.list(scope)) all.push(each.id);
    expect(all).toEqual(["jwks"]);
    const content = await client.workers.scripts.content.get("jwks", scope);
    const form = await content.formData();
    expect([...form.keys()]).toEqual(["index.js"]);
    expect(await (form.get("index.js") as File).text()).toBe(source);
    expect(await client.workers.scripts.delete("jwks", scope)).toEqual({ id: null });
    await expect(client.workers.scripts.settings.get("jwks", scope)).rejects.toMatchObject({ status: 404 });
    await expect(client.workers.scripts.delete("jwks", scope)).rejects.toMatchObject({
      errors: [{ code: 10007, message: "script not found" }],
    });
  });

  test("settings have placement and bindings without key material; a Worker reads it", async () => {
    const test = createTestApi();
    await upload(test, "jwks", {
      ...main,
      bindings: [
        { type: "secret_text", name: "S", text: "hidden" },
        { type: "secret_key", name: "K", format: "jwk", key_jwk: { d: "hidden" }, algorithm: {}, usages: [] },
        { type: "plain_text", name: "P", text: "shown" },
      ],
    });
    const answer = await test.send("GET", `${scripts}/jwks/settings`);
    expect(answer.json.result).toEqual({
      placement: {},
      ...main,
      bindings: [
        { type: "secret_text", name: "S" },
        { type: "secret_key", name: "K", format: "jwk", algorithm: {}, usages: [] },
        { type: "plain_text", name: "P", text: "shown" },
      ],
    });
    expect(answer.text).not.toContain("hidden");
    expect(test.api.workerSecret(accountId, "jwks", "S")).toBe("hidden");
    expect(test.api.workerSecret(accountId, "jwks", "P")).toBeUndefined();
    expect(test.api.workerSecret(accountId, "other", "S")).toBeUndefined();
  });

  test("keep_bindings keeps secrets that an upload does not name", async () => {
    const test = createTestApi();
    const secret = (name: string, text: string) => ({ type: "secret_text", name, text });
    await upload(test, "w", { ...main, bindings: [secret("A", "1"), secret("B", "2")] });
    await upload(test, "w", { ...main, keep_bindings: ["secret_text"], bindings: [secret("A", "3")] });
    expect(test.api.workerSecret(accountId, "w", "A")).toBe("3");
    expect(test.api.workerSecret(accountId, "w", "B")).toBe("2");
    const { bindings } = (await test.send("GET", `${scripts}/w/settings`)).json.result;
    expect(bindings.map((each: { name: string }) => each.name)).toEqual(["A", "B"]);
    await upload(test, "w", main);
    expect(test.api.workerSecret(accountId, "w", "B")).toBeUndefined();
  });

  test("patching settings keeps the secret of a binding named without it", async () => {
    const test = createTestApi();
    await upload(test, "w", { ...main, bindings: [{ type: "secret_text", name: "A", text: "1" }] });
    const form = new FormData();
    const changed = { logpush: true, bindings: [{ type: "secret_text", name: "A" }] };
    form.append("settings", JSON.stringify(changed));
    const answer = await sendForm(test, "PATCH", `${scripts}/w/settings`, form);
    expect(answer.json.result).toEqual({
      placement: {},
      ...main,
      logpush: true,
      bindings: [{ type: "secret_text", name: "A" }],
    });
    expect(test.api.workerSecret(accountId, "w", "A")).toBe("1");
    expect((await test.send("PATCH", `${scripts}/w/settings`, {})).json.errors[0].code).toBe(10021);
  });

  test("a service worker script: body_part, plain content; the service carries the script", async () => {
    const test = createTestApi();
    const old = "addEventListener('fetch', () => {})";
    const made = await upload(test, "old", { body_part: "script" }, { script: old });
    expect(made.json.result).toMatchObject({ has_modules: false, handlers: ["fetch"] });
    const content = await test.send("GET", `${scripts}/old/content/v2`);
    expect(content.headers.get("content-type")).toBe("application/javascript");
    expect(content.text).toBe(old);
    const service = await test.send("GET", `/accounts/${accountId}/workers/services/old`);
    expect(service.json.result.default_environment.script).toMatchObject({
      id: "old",
      etag: made.json.result.etag,
    });
    await upload(test, "empty", {}, {});
    expect((await test.send("GET", `${scripts}/empty/content/v2`)).status).toBe(204);
  });

  test("several modules: the main one comes first", async () => {
    const test = createTestApi();
    await upload(test, "w", main, { "lib.js": "export const a = 1", "index.js": source });
    const content = await test.send("GET", `${scripts}/w/content/v2`);
    expect(content.text.match(/ name="[^"]+"/g)).toEqual([' name="index.js"', ' name="lib.js"']);
  });

  test("refusals of an upload", async () => {
    const test = createTestApi();
    expect((await test.send("PUT", `${scripts}/w`, {})).json.errors).toEqual([
      { code: 10021, message: "the body must be multipart/form-data" },
    ]);
    const missing = await upload(test, "w", { main_module: "other.js" });
    expect(missing.json.errors[0].message).toBe(
      "metadata.main_module or metadata.body_part must name a part of the form",
    );
    expect((await sendForm(test, "PUT", `${scripts}/w`, new FormData())).json.errors[0].message).toBe(
      "the form has no part metadata",
    );
    const long = { type: "secret_text", name: "S", text: "x".repeat(5121) };
    expect((await upload(test, "w", { ...main, bindings: [long] })).json.errors[0].message).toBe(
      "binding S has 5121 bytes, at most 5120 are allowed",
    );
    const many = Array.from({ length: 129 }, (_, index) => ({
      type: "plain_text",
      name: `P${index}`,
      text: "",
    }));
    expect((await upload(test, "w", { ...main, bindings: many })).json.errors[0].message).toBe(
      "exceeded maximum number of bindings: 129 out of 128",
    );
    const garbled = await test.send("PUT", `${scripts}/w`, "no form", {
      "content-type": "multipart/form-data; boundary=x",
    });
    expect(garbled.json.errors[0].message).toBe("the multipart body cannot be parsed");
  });
});

describe("secrets of a Worker", () => {
  test("the SDK writes, lists, reads, bulk changes and deletes", async () => {
    const test = createTestApi();
    const { client, api } = test;
    await upload(test, "w", main);
    const secret = (name: string, text: string) => ({ name, text, type: "secret_text" as const });
    expect(await client.workers.scripts.secrets.update("w", { ...scope, ...secret("A", "1") })).toEqual({
      name: "A",
      type: "secret_text",
    });
    await client.workers.scripts.secrets.update("w", { ...scope, ...secret("B", "2") });
    await client.workers.scripts.secrets.bulkUpdate("w", {
      ...scope,
      secrets: { A: null, C: secret("C", "3") },
    });
    const names: unknown[] = [];
    for await (const each of client.workers.scripts.secrets.list("w", scope)) names.push(each);
    expect(names).toEqual([
      { name: "B", type: "secret_text" },
      { name: "C", type: "secret_text" },
    ]);
    expect(api.workerSecret(accountId, "w", "C")).toBe("3");
    expect(await client.workers.scripts.secrets.get("B", { ...scope, script_name: "w" })).toEqual({
      name: "B",
      type: "secret_text",
    });
    expect(await client.workers.scripts.secrets.delete("B", { ...scope, script_name: "w" })).toBeNull();
    await expect(
      client.workers.scripts.secrets.get("B", { ...scope, script_name: "w" }),
    ).rejects.toMatchObject({ status: 404, errors: [{ code: 10007, message: "secret not found" }] });
  });

  test("each write deploys at once; 100 in a bulk call; 5 KB each", async () => {
    const test = createTestApi();
    await upload(test, "w", main);
    const bulk = (count: number) =>
      test.send("PATCH", `${scripts}/w/secrets-bulk`, {
        secrets: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [
            `S${index}`,
            { name: `S${index}`, type: "secret_text", text: "x" },
          ]),
        ),
      });
    expect((await bulk(101)).json.errors).toEqual([
      {
        code: 190102,
        message: "exceeded maximum number of secrets: 101 out of 100",
        source: { pointer: "/secrets" },
      },
    ]);
    expect((await bulk(100)).status).toBe(200);
    const long = { name: "L", type: "secret_text", text: "x".repeat(5121) };
    expect((await test.send("PUT", `${scripts}/w/secrets`, long)).status).toBe(400);
    expect((await test.send("PUT", `${scripts}/none/secrets`, { ...long, text: "x" })).status).toBe(404);
  });
});

test("a bulk write answers the secrets by name", async () => {
  const test = createTestApi();
  await upload(test, "w", main);
  const secrets = { A: { name: "A", type: "secret_text" as const, text: "x" }, B: null };
  expect(
    await test.client.workers.scripts.secrets.bulkUpdate("w", { account_id: accountId, secrets }),
  ).toEqual({
    A: { name: "A", type: "secret_text" },
  });
});

import { describe, expect, test } from "vitest";
import { accountId, anyToken, createTestApi, given } from "../testing.ts";

const scope = { account_id: accountId };

describe("notification policies", () => {
  const policy = {
    name: "token validation",
    alert_type: "clickhouse_alert_fw_ent_anomaly",
    mechanisms: { email: [{ id: "a@example.com" }] },
    filters: { services: ["apishieldtokenvalidation"] },
  };

  test("the SDK creates, reads, lists, updates and deletes one", async () => {
    const { client, advance } = createTestApi();
    const created = await client.alerting.policies.create(given({ ...scope, ...policy, enabled: true }));
    const full = {
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      ...policy,
      enabled: true,
      created: "2026-11-22T12:00:00.000000Z",
      modified: "2026-11-22T12:00:00.000000Z",
    };
    expect(created).toEqual(full);
    const id = created.id ?? "";
    expect(await client.alerting.policies.get(id, scope)).toEqual(full);
    const all: unknown[] = [];
    for await (const each of client.alerting.policies.list(scope)) all.push(each);
    expect(all).toEqual([full]);
    advance(1_000);
    const { filters: _filters, ...rest } = full;
    const updated = await client.alerting.policies.update(
      id,
      given({ ...scope, enabled: false, filters: null }),
    );
    expect(updated).toEqual({ ...rest, enabled: false, modified: "2026-11-22T12:00:01.000000Z" });
    expect(await client.alerting.policies.delete(id, scope)).toMatchObject({ success: true });
    await expect(client.alerting.policies.get(id, scope)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "policy not found" }],
    });
  });

  test("enabled defaults to true", async () => {
    const path = `/accounts/${accountId}/alerting/v3/policies`;
    expect((await createTestApi().send("POST", path, policy)).json.result.enabled).toBe(true);
    const { send } = createTestApi();
    expect((await send("POST", path, { name: "x" })).status).toBe(400);
  });
});

test("the SDK verifies a token of a user and one of an account", async () => {
  const tokens = { [anyToken]: { permissions: "all" }, other: { permissions: "all" } } as const;
  const { client, send } = createTestApi({}, { tokens });
  const { id, status } = await client.user.tokens.verify();
  expect(status).toBe("active");
  expect(await client.accounts.tokens.verify(scope)).toEqual({ id, status: "active" });
  const other = await send("GET", "/user/tokens/verify", undefined, { authorization: "Bearer other" });
  expect(other.json.result.id).not.toBe(id);
});

test("Cloudflare's addresses are answered without a token", async () => {
  const { client, api } = createTestApi();
  const ips = await client.ips.list();
  expect(ips).toMatchObject({ etag: "38f79d050aa027e3be3865e495dcc9bc" });
  const answer = await api.fetch(new Request("http://edge.test/client/v4/ips"));
  expect(answer.status).toBe(200);
  expect((await answer.json()).result.ipv4_cidrs).toContain("104.16.0.0/13");
});

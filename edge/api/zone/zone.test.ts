import type { Zone } from "cloudflare/resources/zones/zones";
import { describe, expect, test } from "vitest";
import { accountId, createTestApi, zoneId } from "../testing.ts";

const scope = { zone_id: zoneId };

describe("the SDK drives the settings of a zone", () => {
  test("zones: list by name, get with all members that the SDK requires, error", async () => {
    const { client } = createTestApi();
    const since = "2020-01-01T00:00:00.000000Z";
    const zone: Zone = {
      id: zoneId,
      name: "example.com",
      status: "active",
      type: "full",
      paused: false,
      account: { id: accountId, name: "account" },
      owner: { id: accountId, name: "account", type: "organization" },
      meta: { cdn_only: false, dns_only: false, foundation_dns: false, phishing_detected: false, step: 4 },
      name_servers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
      original_dnshost: null,
      original_name_servers: null,
      original_registrar: null,
      development_mode: 0,
      created_on: since,
      modified_on: since,
      activated_on: since,
      plan: { legacy_id: "enterprise", name: "Enterprise Plan" },
    };
    const found = async (name: string) => {
      const zones: unknown[] = [];
      for await (const each of client.zones.list({ name })) zones.push(each);
      return zones;
    };
    expect(await found("example.com")).toEqual([zone]);
    expect(await found("example.org")).toEqual([]);
    expect(await client.zones.get(scope)).toEqual(zone);
    await expect(client.zones.get({ zone_id: accountId })).rejects.toMatchObject({ status: 404 });
  });

  test("authenticated origin pulls", async () => {
    const { client } = createTestApi();
    expect(await client.originTLSClientAuth.settings.get(scope)).toEqual({ enabled: false });
    expect(await client.originTLSClientAuth.settings.update({ ...scope, enabled: true })).toEqual({
      enabled: true,
    });
    expect(await client.originTLSClientAuth.settings.get(scope)).toEqual({ enabled: true });
  });

  test("URL normalization is enforced by the world", async () => {
    const { client, world, send } = createTestApi();
    expect(await client.urlNormalization.get(scope)).toEqual({ type: "cloudflare", scope: "incoming" });
    const changed = { type: "rfc3986", scope: "both" } as const;
    expect(await client.urlNormalization.update({ ...scope, ...changed })).toEqual(changed);
    expect(world.zone(zoneId).urlNormalization).toEqual(changed);
    await client.urlNormalization.delete(scope);
    expect(world.zone(zoneId).urlNormalization).toEqual({ type: "cloudflare", scope: "incoming" });
    const bad = await send("PUT", `/zones/${zoneId}/url_normalization`, { type: "none" });
    expect(bad.json.errors.map((each: { source: unknown }) => each.source)).toEqual([
      { pointer: "/type" },
      { pointer: "/scope" },
    ]);
  });

  test("custom pages of a zone and of an account", async () => {
    const { client, world, send } = createTestApi();
    const page = { state: "customized", url: "https://example.com/blocked.html" } as const;
    expect(await client.customPages.update("waf_block", { ...scope, ...page })).toEqual({
      id: "waf_block",
      ...page,
    });
    expect(await client.customPages.get("waf_block", scope)).toEqual({ id: "waf_block", ...page });
    expect(world.zone(zoneId).customPages).toEqual({ waf_block: page });
    const all: unknown[] = [];
    for await (const each of client.customPages.list({ account_id: accountId })) all.push(each);
    expect(all.length).toBe(10);
    expect(all[0]).toEqual({ id: "1000_errors", state: "default", url: "" });
    const reset = await send("PUT", `/zones/${zoneId}/custom_pages/waf_block`, {
      state: "default",
      url: null,
    });
    expect(reset.json.result).toEqual({ id: "waf_block", state: "default", url: "" });
    await client.customPages.update("ratelimit_block", { account_id: accountId, ...page });
    expect(world.account(accountId).customPages).toEqual({ ratelimit_block: page });
    expect((await send("GET", `/zones/${zoneId}/custom_pages/nothing`)).status).toBe(404);
    const free = createTestApi({ plan: "free" });
    const refused = await free.send("PUT", `/zones/${zoneId}/custom_pages/waf_block`, page);
    expect(refused.json.errors).toEqual([
      { code: 190101, message: "a custom error page is not available on the free plan" },
    ]);
  });
});

import assert from "node:assert/strict";
import { createEdge } from "./index.ts";

const zone = {
  id: "1".repeat(32),
  name: "example.com",
  accountId: "a".repeat(32),
  plan: "pro",
  addOns: [],
} as const;
const edge = createEdge({ zones: [zone] });
const path = `/zones/${zone.id}/rulesets/phases/http_request_firewall_custom/entrypoint`;
const inside = 'starts_with(http.request.uri.path, "/admin/") and not ip.src in {192.0.2.0/24}';
const put = { method: "PUT", headers: { authorization: "Bearer any" } };
const body = JSON.stringify({ rules: [{ action: "block", expression: inside }] });
assert.equal((await edge.fetch(`https://api.cloudflare.com/client/v4${path}`, { ...put, body })).status, 200);

const request = new Request("https://example.com/admin/users");
assert.equal((await edge.handle(request, { ip: "192.0.2.1" })).status, 200);
assert.equal((await edge.handle(request, { ip: "198.51.100.1" })).status, 403);
assert.equal(edge.events.query({ action: "block" }).length, 1);

import type { ZoneSpec } from "../../world/types.ts";
import { manyOf, paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type Call, plainRoute, type Route, zoneRoute } from "../route.ts";
import { sortedBy } from "../sorting.ts";

/** `/zones[/{id}]`, read only: the world's zones are given. */
export const zoneRoutes: readonly Route[] = [
  plainRoute("GET", "/zones", "zone", list),
  zoneRoute("GET", "", "zone", (call) => ok(answered(call.zone))),
];

/** The zones that the token may see. */
function list(call: Call): Reply {
  const { query, principal } = call;
  const names = manyOf(query, "name");
  const account = query.get("account.id");
  const seen = principal?.grant.zones;
  const zones = call.world.zones
    .filter((zone) => seen === undefined || seen.includes(zone.id))
    .filter((zone) => names.length === 0 || names.includes(zone.name))
    .filter((zone) => account === null || zone.accountId === account)
    .map(answered);
  return paged(query, sortedBy(query, zones, ["name", "status"]), { standard: 20, least: 5, most: 50 });
}

/** The members that the type of the SDK cloudflare 7.3.0 requires; what the world does not know has a plain value. */
function answered(zone: ZoneSpec) {
  return {
    id: zone.id,
    name: zone.name,
    status: "active",
    type: "full",
    paused: false,
    account: { id: zone.accountId, name: "account" },
    owner: { id: zone.accountId, name: "account", type: "organization" },
    meta: { cdn_only: false, dns_only: false, foundation_dns: false, phishing_detected: false, step: 4 },
    name_servers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
    original_dnshost: null,
    original_name_servers: null,
    original_registrar: null,
    development_mode: 0,
    created_on: zoneSince,
    modified_on: zoneSince,
    activated_on: zoneSince,
    plan: { legacy_id: zone.plan, name: `${zone.plan.charAt(0).toUpperCase()}${zone.plan.slice(1)} Plan` },
  };
}

/** The world's zones were there before anything happened in it. */
const zoneSince = "2020-01-01T00:00:00.000000Z";

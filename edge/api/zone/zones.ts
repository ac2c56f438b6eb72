import type { ZoneSpec } from "../../world/types.ts";
import { refusal } from "../errors.ts";
import { manyOf, paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type Call, plainRoute, type Route, zoneRoute } from "../route.ts";
import { sortedBy } from "../sorting.ts";

/** `/zones[/{id}]`, read only: the world's zones are given. And the rate limit API of old, which is gone. */
export const zoneRoutes: readonly Route[] = [
  plainRoute("GET", "/zones", "zone", list),
  zoneRoute("GET", "", "zone", (call) => ok(answered(call.zone))),
  zoneRoute("GET", "/rate_limits", "zoneRulesets", gone),
  zoneRoute("POST", "/rate_limits", "zoneRulesets", gone),
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

function answered(zone: ZoneSpec) {
  return {
    id: zone.id,
    name: zone.name,
    status: "active",
    type: "full",
    paused: false,
    account: { id: zone.accountId },
    plan: { legacy_id: zone.plan, name: `${zone.plan.charAt(0).toUpperCase()}${zone.plan.slice(1)} Plan` },
  };
}

/** Source: developers.cloudflare.com: the previous version of rate limiting rules answers 410. */
function gone(): never {
  throw refusal("rateLimitsGone");
}

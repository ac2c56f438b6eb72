import type { EdgeOptions, ZoneSpec } from "@keyturn/edge";
import type { StackSettings } from "../../model/environment/settings.ts";

/** Token of the local API; it opens nothing but the local Cloudflare. */
export const LOCAL_API_TOKEN = "local-q7XvT2mZ9rB5kD8wN3pH6sJ1yF4gC0aEuLx";

/** The API of a local Cloudflare: one token that may do everything, as often as it likes. */
export const LOCAL_API = {
  tokens: { [LOCAL_API_TOKEN]: { permissions: "all" } },
  requestsPerFiveMinutes: false,
} as const satisfies EdgeOptions["api"];

/** The zones of a stack's settings, as the edge takes them. */
export function zoneSpecs({ accountId, environment }: StackSettings): ZoneSpec[] {
  return environment.zones.map(({ addOns = [], limits = {}, ...zone }) => ({
    ...zone,
    accountId,
    addOns: [...addOns],
    limits,
  }));
}

import { refusal } from "../errors.ts";
import type { ZoneCall } from "../route.ts";

/**
 * Refuses (403, 10403) a zone that has no token validation: it comes with API Shield; Enterprise may try it
 * (developers.cloudflare.com: API Shield, JWT validation, availability).
 */
export function requireTokenValidation(call: ZoneCall): void {
  const { zone, choices } = call;
  if (zone.addOns.includes("api_shield")) return;
  if (zone.plan === "enterprise" && choices.enterpriseTrial) return;
  throw refusal("notEntitled", { feature: "token validation" });
}

import type { Mode, Zone } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import type { Effect } from "./types.ts";

/** What a mode is at Cloudflare; undefined for `off`, which is not deployed. */
export function effectOf(mode: Mode, zone: Zone): Effect | undefined {
  switch (mode) {
    case "off":
      return undefined;
    case "log":
      // A plan without `log` refuses the action even in a disabled rule.
      return hasFeature(zone, "log") ? { action: "log", enabled: true } : { action: "block", enabled: false };
    case "challenge":
      return { action: "managed_challenge", enabled: true };
    case "block":
      return { action: "block", enabled: true };
  }
}

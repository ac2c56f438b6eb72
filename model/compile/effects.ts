import { type Environment, MODES, type Mode, type Zone } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import type { Effect, RingState } from "./types.ts";

/**
 * The mode that a rule really has. It is never harder than the environment's, and no harder than `log` while its
 * ring has no ACTIVE key and has never blocked: a first key is proved before anybody depends on it.
 */
export function effectiveMode(mode: Mode, environment: Environment, state: RingState | "no ring"): Mode {
  const limited = weaker(mode, environment.mode ?? "block");
  const ready = state === "no ring" || state.active || state.everBlocked;
  return ready ? limited : weaker(limited, "log");
}

function weaker(a: Mode, b: Mode): Mode {
  return MODES.indexOf(a) <= MODES.indexOf(b) ? a : b;
}

/** What a mode is at Cloudflare; undefined for `off`, which is not deployed. */
export function effectOf(mode: Mode, zone: Zone): Effect | undefined {
  if (mode === "off") return undefined;
  if (mode === "block") return { action: "block", enabled: true };
  if (mode === "challenge") return { action: "managed_challenge", enabled: true };
  // A plan without `log` refuses the action even in a disabled rule.
  return hasFeature(zone, "log") ? { action: "log", enabled: true } : { action: "block", enabled: false };
}

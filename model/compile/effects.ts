import { type Environment, MODES, type Mode, type Zone } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import type { Effect, RingState } from "./types.ts";

/**
 * The mode that a rule really has. It is never harder than the environment's, and no harder than `log` while one of
 * the rings it asks has no ACTIVE key and has never blocked: a first key is proved before anybody depends on it.
 *
 * @param asked what is known of each ring that the rule asks; empty for a rule that asks none
 */
export function effectiveMode(mode: Mode, environment: Environment, asked: readonly RingState[]): Mode {
  const limited = weaker(mode, environment.mode ?? "block");
  const ready = asked.every((state) => state.active || state.everBlocked);
  return ready ? limited : weaker(limited, "log");
}

function weaker(a: Mode, b: Mode): Mode {
  return MODES.indexOf(a) <= MODES.indexOf(b) ? a : b;
}

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

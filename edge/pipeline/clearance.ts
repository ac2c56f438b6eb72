import { createRandom, hexDigits, type RandomState, seededState } from "../world/random.ts";

/** How hard a challenge is; a clearance for a harder one also passes the easier ones. */
export const CHALLENGE_LEVELS = ["js_challenge", "managed_challenge", "challenge"] as const;
export type ChallengeLevel = (typeof CHALLENGE_LEVELS)[number];

/** The cookie that proves a passed challenge (developers.cloudflare.com/cloudflare-challenges, asOf 2026-11). */
export const CLEARANCE_COOKIE = "cf_clearance";

/** The clearances this edge has issued. */
export interface Clearances {
  /** As if a client had passed a challenge: the value of a cookie that is good for this zone and address. */
  issue(zoneId: string, ip: string, level: ChallengeLevel, nowMs: number): string;
  passes(value: string, zoneId: string, ip: string, level: ChallengeLevel, nowMs: number): boolean;
}

interface Clearance {
  readonly zoneId: string;
  readonly ip: string;
  readonly level: number;
  readonly until: number;
}

/** The clearances as plain data. */
export interface ClearanceState {
  readonly random: RandomState;
  /** By the cookie's value, in order of issue. */
  readonly issued: Map<string, Clearance>;
}

/** None issued yet. */
export function noClearances(seed: number | string): ClearanceState {
  return { random: seededState(`${seed}/clearances`), issued: new Map() };
}

/** Clearances that go on from `state` and move it on. */
export function createClearances({ random: from, issued }: ClearanceState, lifetimeMs: number): Clearances {
  const random = createRandom(from);
  return {
    issue(zoneId, ip, level, nowMs) {
      // All live equally long, so the oldest come first.
      for (const [value, clearance] of issued) {
        if (clearance.until > nowMs) break;
        issued.delete(value);
      }
      const value = hexDigits(random, 40);
      issued.set(value, { zoneId, ip, level: CHALLENGE_LEVELS.indexOf(level), until: nowMs + lifetimeMs });
      return value;
    },
    passes(value, zoneId, ip, level, nowMs) {
      const clearance = issued.get(value);
      if (clearance === undefined || nowMs >= clearance.until) return false;
      return (
        clearance.zoneId === zoneId &&
        clearance.ip === ip &&
        clearance.level >= CHALLENGE_LEVELS.indexOf(level)
      );
    },
  };
}

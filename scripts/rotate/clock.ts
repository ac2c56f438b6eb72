import { rotationDefaults } from "../../model/facts/rotationDefaults.ts";
import type { RotationWorld } from "./world.ts";

/** How far a clock may be ahead of another at most and at least, in milliseconds; negative is behind. */
export interface ClockOffset {
  readonly most: number;
  readonly least: number;
}

/**
 * How far our clock is off, from one question and its answer.
 *
 * @param begun our clock before the question, in milliseconds
 * @param ended our clock once the answer was there
 * @param stamped the answer's `Date` header (RFC 9110 §6.6.1): its whole second had begun at some time between the two
 */
export function clockOffset(begun: number, ended: number, stamped: number): ClockOffset {
  return { most: ended - stamped, least: begun - (stamped + 1000) };
}

/**
 * Every wait assumes that this clock and Cloudflare's agree within a bound. Within it is only what is so for certain:
 * the header's whole seconds and the time that the answer took count against us.
 *
 * @returns why the clock cannot be trusted; undefined where it can
 */
export async function clockProblem(
  world: Pick<RotationWorld, "now" | "serverTime">,
): Promise<string | undefined> {
  const bound = rotationDefaults.skewController.seconds;
  const begun = world.now();
  const stamped = await world.serverTime();
  const ended = world.now();
  if (stamped === undefined)
    return "Cloudflare's answer has no Date header to hold this machine's clock against: is a proxy in between?";
  const { most, least } = clockOffset(begun, ended, stamped);
  if (most <= 1000 * bound && least >= -1000 * bound) return undefined;
  const off = most >= -least ? `${seconds(most)} s ahead of` : `${seconds(least)} s behind`;
  return `this machine's clock may be ${off} Cloudflare's (whose answer took ${seconds(ended - begun)} s), the waits allow ${bound} s: set the clock (NTP), or look why answers are slow, and run it again`;
}

function seconds(milliseconds: number): number {
  return Math.ceil(Math.abs(milliseconds) / 1000);
}

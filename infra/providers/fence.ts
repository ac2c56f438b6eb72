import type { CheckFailure } from "@pulumi/pulumi/dynamic/index.js";
import { isSameMove, type MoveIdentity } from "../../model/ring/states.ts";

/** The part of a realizing resource's inputs that says which move of which ring it carries out. */
export interface Fenced {
  readonly serial: number;
  readonly move: MoveIdentity & { readonly at?: string | undefined; readonly over?: boolean | undefined };
}

/**
 * Refuses to go back: a serial lower than the one the state has, or the same serial with another move. Without
 * it, a plain `up` after a half-done revocation would publish the revoked key again.
 *
 * @param property the input that a refusal is shown at
 * @returns failures for a dynamic provider's `check`; empty when the inputs may pass
 */
export function fence(
  ring: string,
  before: Fenced | undefined,
  after: Fenced | undefined,
  property: string,
): CheckFailure[] {
  if (before === undefined || after === undefined) return [];
  const same = isSameMove(before.move, after.move);
  if (after.serial > before.serial || (after.serial === before.serial && same)) return [];
  return [
    {
      property,
      reason: `FENCED: ring ${ring} was already brought to serial ${before.serial} by a move that did not finish, and this run asks for serial ${after.serial}. Nothing was written. Run \`keyturn rotate ${ring}\`: it repeats the same move and finishes it`,
    },
  ];
}

/** True where this update carries a move that writes over whatever is there, and has not done so already. */
export function writesOver(before: Fenced | undefined, after: Fenced): boolean {
  const carries = before?.serial !== after.serial || before.move.at !== after.move.at;
  return carries && (after.move.kind === "restore" || after.move.over === true);
}

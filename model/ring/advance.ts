import { z } from "zod";
import { firstMisfit } from "../problem/problem.ts";
import { moveSchema } from "./ledger.ts";

/** The environment variable that carries an advance into `pulumi up`. */
export const ADVANCE_VARIABLE = "KEYTURN_ADVANCE";

/** A move that a resource has carried out or begun, and the ledger does not have. */
const open = z.strictObject({ ring: z.string(), serial: z.number().int().positive(), move: moveSchema });

const advance = z.strictObject({
  format: z.literal(1),
  /** `organization/project/stack`. */
  stack: z.string(),
  ring: z.string(),
  /** The serial the ring's ledger gets; higher than the one it has. */
  serial: z.number().int().positive(),
  /** `ledgerDigest` of the ring's ledger that the move was decided on. */
  ledger: z.string(),
  move: moveSchema,
  /** Of an emergency: whatever this program would compile, nothing but what holds the key is touched. */
  keysOnly: z.literal(true).optional(),
  /** What other rings have begun: resources that they share stay where these moves brought them. */
  open: z.array(open).optional(),
  /** Only writes the keys of a move that was begun; the ledger stays, and the move is still to be finished. */
  repair: z.literal(true).optional(),
});

export type OpenMove = z.infer<typeof open>;

/** One decided move of one ring, made by `rotate` and its sister commands and by nothing else. */
export type Advance = z.infer<typeof advance>;

export type AdvanceReading =
  | { readonly ok: true; readonly advance: Advance | undefined }
  | { readonly ok: false; readonly code: "ADVANCE_UNREADABLE"; readonly message: string };

/**
 * Reads the value of `KEYTURN_ADVANCE`.
 *
 * @param text the variable's value; absent or empty means a plain `up`
 */
export function readAdvance(text: string | undefined): AdvanceReading {
  if (text === undefined || text === "") return { ok: true, advance: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable("it is not JSON");
  }
  const parsed = advance.safeParse(value);
  if (!parsed.success) return unreadable(firstMisfit(parsed.error));
  return { ok: true, advance: parsed.data };
}

function unreadable(why: string): AdvanceReading {
  return {
    ok: false,
    code: "ADVANCE_UNREADABLE",
    message: `${ADVANCE_VARIABLE} is not an advance (${why}): do not set it by hand, run \`keyturn rotate\``,
  };
}

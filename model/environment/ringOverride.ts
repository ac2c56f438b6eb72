import { z } from "zod";
import { MOST_PARTIES, PARTY } from "../definition/schemaParts.ts";
import { CANARY_AUDIENCE } from "../facts/canary.ts";

const says = "expected up to 200 printable ASCII characters without blanks, quotes and \\";
const party = z.string({ error: "expected a text" }).regex(PARTY, { error: says });

/** One or several, each once. */
function parties(one: z.ZodString) {
  return z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z
      .tuple([one], one, { error: "expected a text or a list of texts" })
      .refine((list) => new Set(list).size === list.length, "expected each once")
      .refine((list) => list.length <= MOST_PARTIES, `expected up to ${MOST_PARTIES}`),
  );
}

/** What of a ring is another in a stack: whose tokens it takes, whom they are for, and where a mirrored one has its keys. */
export const ringOverride = z.strictObject(
  {
    issuer: parties(party).exactOptional(),
    audience: parties(
      party.refine((value) => value !== CANARY_AUDIENCE, `expected another than ${CANARY_AUDIENCE}`),
    ).exactOptional(),
    jwks: z.url({ protocol: /^https$/, error: "expected the https address of a JWKS" }).exactOptional(),
  },
  { error: "expected a map of issuer, audience and jwks" },
);

/** The members of an override. */
export const OVERRIDE_MEMBERS = Object.keys(ringOverride.shape);

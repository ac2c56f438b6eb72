import { z } from "zod";
import { durationAdvice } from "../facts/durations.ts";
import { MODES } from "./types.ts";

/*
 * The values that definitions are made of. `says` is for editors, `example` for editors and for the message when
 * the member is missing.
 */

/**
 * An issuer or audience: printable ASCII without blanks, quotes and backslashes, which is the same in YAML, in a token
 * and in an expression.
 */
export const PARTY = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/;

/** Most issuers or audiences of a ring: each stands in every expression that asks for a token of it. */
export const MOST_PARTIES = 8;

/** A text that is not empty. */
export function text(says: string, example?: string) {
  return z
    .string({ error: "expected a text" })
    .min(1, { error: "expected a text that is not empty" })
    .meta({ description: says, ...(example === undefined ? {} : { examples: [example] }) });
}

/** One text or several. */
export function texts(says: string, example?: string) {
  return z
    .union([text(says, example), z.array(text(says)).min(1)], { error: "expected a text or a list of texts" })
    .describe(says);
}

/** A duration, still as text. */
export function duration(says: string, example: string) {
  return z
    .string({ error: (issue) => `expected a duration: ${durationAdvice(String(issue.input))}` })
    .min(1, { error: `expected a duration such as ${example}` })
    .meta({ description: `${says}: a duration such as 30s, 15m, 24h, 90d or 1h 30m.`, examples: [example] });
}

/** A whole number from 1 to `most`. */
export function count(says: string, most = Number.MAX_SAFE_INTEGER) {
  return z
    .int({ error: "expected a whole number" })
    .positive({ error: "expected a whole number above 0" })
    .max(most, { error: `expected a whole number up to ${most}` })
    .meta({ description: says, examples: ["10"] });
}

export function flag(says: string) {
  return z.boolean({ error: "expected true or false" }).describe(says);
}

/** One of a few words. */
export function word<const W extends readonly [string, ...string[]]>(words: W, says: string) {
  const listed = words.length > 1 ? `${words.slice(0, -1).join(", ")} or ${words.at(-1)}` : words[0];
  return z.enum(words, { error: `expected ${listed}` }).meta({ description: says, examples: [words[0]] });
}

/** How hard a rule acts. */
export function mode(says: string) {
  return word(MODES, says);
}

/** An instant, still as text. */
function instant(says: string) {
  return text(`${says}: an instant such as 2027-01-01T00:00:00Z.`, "2027-01-01T00:00:00Z");
}

/** How hard a rule acts, now or in stages. */
export function stagedMode(says: string) {
  return z
    .union(
      [
        mode(says),
        z
          .strictObject({
            first: word(["log", "off", "challenge"], "How hard it acts first."),
            log: instant("From when on it only logs, after off").optional(),
            challenge: instant("From when on it challenges").optional(),
            block: instant("From when on it refuses").optional(),
          })
          .describe("Harder on dates, by itself."),
      ],
      {
        error:
          "expected off, log, challenge, block, or stages such as { first: log, block: 2027-01-01T00:00:00Z }",
      },
    )
    .meta({ description: says, examples: ["block"] });
}

import type { Expression } from "@keyturn/edge/language";
import { REGEX_COST } from "../facts/regexCost.ts";
import { type ExpressionFinding, partsOf } from "./nodes.ts";

/** Regular expressions that cost more than what they say: a repetition of a repetition, and long counted ones. */
export function regexCost({ body }: Expression): readonly ExpressionFinding[] {
  return partsOf(body).flatMap((node) => {
    if (node.kind !== "comparison" || node.operator !== "matches" || node.right.kind !== "string") return [];
    const why = costOf(node.right.value);
    if (why === undefined) return [];
    return [
      {
        code: "EXPRESSION_REGEX_COST" as const,
        offset: node.right.start,
        message: `the regular expression ${why}`,
        hint: "repeat once, as in [a-z]+ or [a-z]{1,20}, or compare with contains, starts_with or wildcard",
      },
    ];
  });
}

/** What is repeated in a group or beside: whether without end, and how many copies the engine makes of it at most. */
interface Repeated {
  readonly endless: boolean;
  readonly copies: number;
}

const ONCE: Repeated = { endless: false, copies: 1 };
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/;

/** Why a pattern is costly; undefined where it is not. Takes any text. */
export function costOf(pattern: string): string | undefined {
  const outer: Repeated[] = [];
  let inside = ONCE;
  let last = ONCE;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const quantifier = QUANTIFIER.exec(rest);
    if (quantifier !== null) {
      const [whole, least, comma, most] = quantifier;
      const endless = /^[*+]/.test(whole) || (comma !== undefined && most === "");
      if (endless && last.endless) return "repeats a repetition: each has no end of its own";
      const copies = last.copies * Math.max(1, Number(least ?? 1), Number(most || 1));
      if (copies > REGEX_COST.copies.value)
        return `is copied ${copies} times by its counted repetitions, more than ${REGEX_COST.copies.value}`;
      inside = { endless: inside.endless || endless, copies: Math.max(inside.copies, copies) };
      at += whole.length;
      last = ONCE;
      continue;
    }
    const [piece = ""] = /^(?:\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[\s\S])/.exec(rest) ?? [];
    last = ONCE;
    if (piece === "(") {
      outer.push(inside);
      inside = ONCE;
    } else if (piece === ")") {
      last = inside;
      const around = outer.pop() ?? ONCE;
      inside = {
        endless: around.endless || last.endless,
        copies: Math.max(around.copies, last.copies),
      };
    }
    at += piece.length;
  }
  return undefined;
}

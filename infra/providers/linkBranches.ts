/** The branches of a rule that hold a ring's link secrets, as text: exchanged without compiling the rule anew. */
import type { PhaseRule } from "./ruleText.ts";

/** Where the call that begins at `start` ends; parentheses inside string literals do not count. */
function endOfCall(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const letter = text[index];
    if (quoted && letter === "\\") index += 1;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === "(") depth += 1;
    else if (!quoted && letter === ")") {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return text.length;
}

/**
 * An expression in which a ring's links are checked with the secrets of `keys`, and with no other ones.
 *
 * @param keys names of keys, newest first; at least one
 */
export function withKeys(expression: string, ring: string, keys: readonly string[]): string {
  const call = `is_timed_hmac_valid_v0("\${secret:${ring}/`;
  const or = " or ";
  let done = "";
  let rest = expression;
  for (;;) {
    const start = rest.indexOf(call);
    if (start < 0) return done + rest;
    let end = endOfCall(rest, start);
    const first = rest.slice(start, end);
    while (rest.startsWith(or + call, end)) end = endOfCall(rest, end + or.length);
    const tail = first.slice(first.indexOf("}", call.length));
    const calls = keys.map((key) => call + key + tail).join(or);
    let before = rest.slice(0, start);
    const isGroup = before.endsWith("(") && rest[end] === ")";
    if (isGroup && !before.endsWith("not (") && keys.length === 1) {
      before = before.slice(0, -1);
      end += 1;
    }
    done += before + (isGroup || keys.length === 1 ? calls : `(${calls})`);
    rest = rest.slice(end);
  }
}

/** Rules in which each of the rings' links are checked with the secrets of its `keys`; all else stays. */
export function exchangeKeys(
  rules: readonly PhaseRule[],
  keys: Readonly<Record<string, readonly string[]>>,
): PhaseRule[] {
  return rules.map((rule) => ({
    ...rule,
    expression: Object.entries(keys).reduce(
      (expression, [ring, names]) => withKeys(expression, ring, names),
      rule.expression,
    ),
  }));
}

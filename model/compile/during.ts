import { formatInstant } from "../facts/instants.ts";
import type { Decision, During } from "../policy/types.ts";
import { all } from "./expressions.ts";

/** The condition that a request comes in that time; empty for all time. */
export function comesIn({ from, until }: During): string {
  return all(
    from === undefined ? undefined : `http.request.timestamp.sec ge ${from}`,
    until === undefined ? undefined : `http.request.timestamp.sec lt ${until}`,
  );
}

/** The time as a part of a `ref`; empty for all time. */
export function duringName({ from, until }: During): string {
  return [
    ...(from === undefined ? [] : [`/from-${formatInstant(from)}`]),
    ...(until === undefined ? [] : [`/until-${formatInstant(until)}`]),
  ].join("");
}

/** Equal for what a rule has to say on one of its matches in two stretches of time, where it says the same. */
export function decisionKey({ rule, match, mode, stated }: Decision): string {
  return JSON.stringify([rule.id, match.methods, match.path.text, mode, stated]);
}

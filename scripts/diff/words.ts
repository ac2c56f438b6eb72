import { formatInstant } from "../../model/facts/instants.ts";
import type { Change } from "../../model/policy/diff/changes.ts";
import type { Answer, Example, VerdictChange } from "../../model/policy/diff/verdicts.ts";
import { plain } from "../cli/print.ts";
import type { StacksDiff } from "./diffProject.ts";

/* What every form of output for people says in the same words. Control characters never reach a terminal. */

/** What each outcome is called where it is a heading. */
const HEADINGS: Readonly<Record<VerdictChange["outcome"], string>> = {
  opens: "opens",
  closes: "closes",
  "another answer": "another answer",
  "another rule": "decided by another rule",
};

/** `changed, moved: rule orders-read`. */
export function titleOf({ what, kind, id }: Change): string {
  return plain(`${what.join(", ")}: ${kind} ${id}`);
}

/** One line for each fact: `mode: block → log`; of what is new or gone as a whole, what it says or said. */
export function factsOf({ what, facts }: Change): readonly string[] {
  const whole = what.includes("added") || what.includes("removed");
  return facts.map(({ name, before, after }) => {
    const values = whole ? [before ?? after] : [before ?? "(nothing)", after ?? "(nothing)"];
    return plain(`${name}: ${values.join(" → ")}`);
  });
}

/** `401 orders-read → passes`. */
export function answersOf({ before, after }: VerdictChange): string {
  return plain(before.answer === after.answer ? after.answer : `${before.answer} → ${after.answer}`);
}

/** `opens`, and where it is not so at any time when: `opens from 2026-12-01T00:00:00Z until 2027-01-01T00:00:00Z`. */
export function headingOf({ outcome, during: { from, until } = {} }: VerdictChange): string {
  return [
    HEADINGS[outcome],
    ...(from === undefined ? [] : [`from ${formatInstant(from)}`]),
    ...(until === undefined ? [] : [`until ${formatInstant(until)}`]),
  ].join(" ");
}

/** `orders-read → orders-public`, or the one that decides on both sides. */
export function decidersOf({ before, after }: VerdictChange): string {
  const [was, is] = [decider(before), decider(after)];
  return was === is ? is : `${was} → ${is}`;
}

function decider({ decidedBy }: Answer): string {
  return decidedBy.join(" and ") || "no rule";
}

/** `GET https://api.example.com/orders/1 with a token of main {"scope":"orders:read"}`. */
export function requestOf({ method, host, path, tokens = {}, links = [], test }: Example): string {
  if (test !== undefined) {
    const { file, line, column } = test.at;
    return plain(
      `${method} https://${host}${path} of the policy test "${test.name}" (${file}:${line}:${column})`,
    );
  }
  const has = [
    ...Object.entries(tokens).map(([ring, claims]) => `a token of ${ring} ${JSON.stringify(claims)}`),
    ...links.map((ring) => `a link of ${ring}`),
  ];
  return plain(
    `${method} https://${host}${path} ${has.length > 0 ? `with ${has.join(" and ")}` : "without token or link"}`,
  );
}

/** `dev: 2 changes, 3 of 57 requests get another verdict`. */
export function summaryOf({ stacks, changes, requests, verdicts }: StacksDiff): string {
  const other = verdicts.reduce((sum, each) => sum + each.requests, 0);
  const amount = `${changes.length} ${changes.length === 1 ? "change" : "changes"}`;
  return `${stacks.join(", ")}: ${amount}, ${other} of ${requests} requests get another verdict`;
}

/** `CHANGES_TOO_MANY: 30 endpoints open (…), and 25 may at once (digest …)`, where more do than may. */
export function tooManyOf({ tooMany }: StacksDiff): readonly string[] {
  return tooMany === undefined ? [] : [plain(`CHANGES_TOO_MANY: ${tooMany.message}`)];
}

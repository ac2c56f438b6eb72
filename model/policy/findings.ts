import { compareMatches, UNREAD_PATH } from "../definition/paths.ts";
import { show } from "../definition/secrets.ts";
import type { Match, Requirement, Rule } from "../definition/types.ts";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { sharedWith } from "./accepts.ts";
import { conditionsOf, textsOf } from "./conditions.ts";
import { isAsHard } from "./policy.ts";
import { asksLess } from "./strictness.ts";
import { meetingOf, takersOf } from "./takers.ts";
import type { Decision, HostPolicy } from "./types.ts";

/** What is wrong, or probably not meant, with which rule of a host decides. */
export function policyProblems(policy: HostPolicy): Problem[] {
  const read = policy.decisions.filter(({ match }) => match.path !== UNREAD_PATH);
  return [
    ...equallySpecific(read),
    ...askingLess(read),
    ...openingAll(read, policy),
    ...sharedAcceptances(policy),
  ];
}

/** A rule or an exception that lets everybody through to the whole host. */
function openingAll(decisions: readonly Decision[], { host, always }: HostPolicy): Problem[] {
  const isAll = ({ methods, path }: Match) =>
    methods === undefined && path.rest && path.segments.length === 0 && path !== UNREAD_PATH;
  const isHeld = always.some(
    ({ match, mode, rule }) =>
      isAll(match) && isAsHard(mode, "challenge") && conditionsOf(rule.require).length > 0,
  );
  const opening = decisions.filter(
    ({ match, rule }) => isAll(match) && !isHeld && conditionsOf(rule.require).length === 0,
  );
  return [
    ...opening.map(({ rule, match }) =>
      problem(
        "HOST_OPENED",
        match.at,
        `${show(rule.id)} lets everybody through to all of the host that no other rule names`,
        "require something, or name the paths that are meant to be open",
      ),
    ),
    ...host.exceptions.flatMap(({ id, matches }) =>
      matches
        .filter(isAll)
        .map(({ at }) =>
          problem(
            "HOST_OPENED",
            at,
            `the exception ${show(id)} lets everybody through to the whole host, whatever rules say`,
            "except the paths that need no token, one by one",
          ),
        ),
    ),
  ];
}

/** What a rule accepts in requests that it shares with another. */
function sharedAcceptances(policy: HostPolicy): Problem[] {
  return policy.decisions.flatMap((decision) =>
    decision.rule.accepts.flatMap((kind) => {
      const other = sharedWith(decision, kind, policy);
      if (other === undefined || decision.match.path === UNREAD_PATH) return [];
      const at = "self" in other.at ? other.at.self : other.at;
      return [
        problem(
          "ACCEPTS_INVALID",
          decision.rule.at.accepts,
          `${show(decision.rule.id)} cannot accept ${kind}: ${show(other.id)} (${placed(at)}) is for some of the same requests, which could get around it`,
          `let ${show(other.id)} be for other paths, or accept it below a folder of its own`,
        ),
      ];
    }),
  );
}

function equallySpecific(decisions: readonly Decision[]): Problem[] {
  const meeting = meetingOf(decisions);
  const place = new Map(decisions.map((decision, index) => [decision, index]));
  return decisions.flatMap((decision, index) => {
    const twin = meeting(decision.match).find(
      (other) =>
        other.rule !== decision.rule &&
        (place.get(other) ?? 0) < index &&
        compareMatches(other.match, decision.match) === 0,
    );
    if (twin === undefined) return [];
    return [
      problem(
        "RULE_MATCH_DUPLICATE",
        decision.match.at,
        `${show(decision.rule.id)} and ${show(twin.rule.id)} (${placed(twin.match.at)}) match the same requests equally closely`,
        "make one rule of the two, or move what shall hold besides to a rule under always",
      ),
    ];
  });
}

/** A rule is held against the next broader one that it takes requests from. */
function askingLess(decisions: readonly Decision[]): Problem[] {
  const takers = takersOf(decisions);
  const told = new Set<Rule>();
  return decisions.flatMap((broad) =>
    takers(broad).flatMap((specific) => {
      if (told.has(specific.rule) || !asksLess(specific.rule.require, broad.rule.require)) return [];
      told.add(specific.rule);
      const { at } = specific.rule;
      return [
        problem(
          "RULE_ASKS_LESS",
          at.require,
          `${show(specific.rule.id)} takes requests from ${show(broad.rule.id)} (${placed(broad.rule.at.require)}) and asks for less: ${asked(specific.rule.require)}, where ${show(broad.rule.id)} asks for ${asked(broad.rule.require)}`,
          `ask for the same here, or move ${show(broad.rule.id)} under always, if it shall hold for these requests too`,
        ),
      ];
    }),
  );
}

function asked(require: Requirement | undefined): string {
  return show(textsOf(conditionsOf(require)).join(", ") || "nothing");
}

function placed({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

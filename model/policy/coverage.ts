import { claimName } from "../definition/claimPath.ts";
import { modeText } from "../definition/modes.ts";
import { covers } from "../definition/paths.ts";
import type { Match, Mode, RateLimit, Rule } from "../definition/types.ts";
import { formatDuration } from "../facts/durations.ts";
import type { Position } from "../problem/problem.ts";
import { conditionsOf, textsOf } from "./conditions.ts";
import { isAsHard } from "./policy.ts";
import { ways } from "./strictness.ts";
import { meetingOf } from "./takers.ts";
import type { Decision, HostPolicy } from "./types.ts";

/** What protects the endpoints of a host. */
export interface HostCoverage {
  readonly host: string;
  /** The most specific first, so that the first that matches says what is asked. */
  readonly endpoints: readonly Endpoint[];
  readonly exceptions: readonly Place[];
  /** How hard what no endpoint matches is refused; null where it passes. */
  readonly otherwise: Mode | null;
  /** Every way past the policy on which nothing is asked. */
  readonly open: readonly Opening[];
}

/** Requests as a definition names them. */
interface Place {
  /** The definition's id. */
  readonly id: string;
  /** Null: every one. */
  readonly methods: readonly string[] | null;
  readonly path: string;
  readonly at: Position;
}

export interface Endpoint extends Place {
  /** What the rule asks for, as `textsOf` says it; nothing for `require: none`. */
  readonly asks: readonly string[];
  readonly mode: Mode;
  /** Where the mode changes on dates all of it, as definitions say it; else null. */
  readonly stages: string | null;
  /** Rules that hold besides: those under `always`, raw expressions, and broader ones that act harder. */
  readonly besides: readonly Besides[];
  readonly limits: readonly (Besides & { readonly counts: string })[];
}

interface Besides {
  readonly rule: string;
  readonly mode: Mode;
  /** Whether it holds for a part of the endpoint's requests only. */
  readonly inPart: boolean;
}

export interface Opening extends Place {
  readonly because: string;
}

const EVERYTHING: Match = { path: { text: "/*", segments: [], rest: true } };

/**
 * Endpoint by endpoint what a host's policy asks for, and what it leaves open. What is refused as ambiguous is not
 * spoken of: it is refused everywhere.
 */
export function coverageOf(policy: HostPolicy): HostCoverage {
  const { host, decisions, always, conditions, limits, otherwise } = policy;
  const broader = meetingOf(decisions);
  const held = meetingOf([...always, ...conditions]);
  const counting = meetingOf(limits);
  const place = new Map(decisions.map((decision, index) => [decision, index]));
  const inOrder = (a: Decision, b: Decision) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  const open: Opening[] = [];
  const isClosed = (guards: readonly Decision[], match: Match) =>
    guards.some(
      ({ rule, mode, match: its }) =>
        isAsHard(mode, "challenge") && asksSomething(rule) && covers(its, match),
    );

  const endpoints = decisions.map((decision): Endpoint => {
    const { rule, match, mode } = decision;
    const less = broader(match).filter((other) => other.rule !== rule && inOrder(decision, other) < 0);
    const besides = [...stillHolding(decision, less.sort(inOrder)), ...held(match)];
    const endpoint = placed(rule.id, match, rule.matches.length > 1 ? match.at : rule.at.self);
    const asks = textsOf(conditionsOf(rule.require));
    const stages = rule.mode.later.length === 0 ? null : modeText(rule.mode);
    if (!isClosed([decision, ...besides], match)) {
      open.push({
        ...endpoint,
        because: `${openBecause(decision)}${asks.length > 0 && stages ? ` (${stages})` : ""}`,
      });
    }
    return {
      ...endpoint,
      asks,
      mode,
      stages,
      besides: byRule(besides).map((some) => beside(some, match)),
      limits: byRule(counting(match)).flatMap((some) => {
        const { rateLimit } = some[0].rule;
        return rateLimit === undefined ? [] : [{ ...beside(some, match), counts: countText(rateLimit) }];
      }),
    };
  });

  const exceptions = host.exceptions.flatMap(({ id, matches, at }) =>
    matches.map((match) => placed(id, match, matches.length > 1 ? match.at : at)),
  );
  open.push(...exceptions.map((each) => ({ ...each, because: "except" })));
  if (host.preflight)
    open.push({
      ...placed("cors", { ...EVERYTHING, methods: ["OPTIONS"] }, host.at),
      because: "preflight: allow",
    });
  if ((otherwise === undefined || !isAsHard(otherwise, "challenge")) && !isClosed(always, EVERYTHING)) {
    const because = otherwise === undefined ? "otherwise: allow" : `otherwise: deny in mode: ${otherwise}`;
    open.push({ ...placed("otherwise", EVERYTHING, host.at), because });
  }
  return { host: host.host, endpoints, exceptions, otherwise: otherwise ?? null, open };
}

/** Whether nobody gets by without bringing or being something. */
function asksSomething({ require }: Rule): boolean {
  return ways(conditionsOf(require)).every((way) => way.some(({ kind }) => kind !== "absent"));
}

function openBecause({ rule, mode }: Decision): string {
  if (conditionsOf(rule.require).length === 0) return "require: none";
  return asksSomething(rule) ? `mode: ${mode}` : "token: optional";
}

/** Less specific decisions that hold for an endpoint all the same, since those before them act less hard. */
function stillHolding({ match, mode }: Decision, less: readonly Decision[]): Decision[] {
  let hardest = mode;
  return less.filter((other) => {
    if (isAsHard(hardest, other.mode)) return false;
    if (covers(other.match, match)) hardest = other.mode;
    return true;
  });
}

function placed(id: string, { methods, path }: Match, at: Position): Place {
  return { id, methods: methods ?? null, path: path.text, at };
}

/** Decisions by the rule they belong to, each of which holds whichever of its paths matches. */
function byRule(decisions: readonly Decision[]): (readonly [Decision, ...Decision[]])[] {
  return [...Map.groupBy(decisions, ({ rule }) => rule).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [[first, ...more] as const],
  );
}

function beside(some: readonly [Decision, ...Decision[]], endpoint: Match): Besides {
  const [{ rule, mode }] = some;
  return { rule: rule.id, mode, inPart: !some.some(({ match }) => covers(match, endpoint)) };
}

function countText({ requests, every, per }: RateLimit): string {
  return `${requests} in ${formatDuration(every)} per ${keyText(per)}`;
}

function keyText(per: RateLimit["per"]): string {
  switch (per.kind) {
    case "claim":
      return `claim ${claimName(per.path)} of ${per.ring}`;
    case "header":
      return `header ${per.name}`;
    case "ip":
      return "address";
  }
}

import type { Match } from "../definition/types.ts";
import { hasFeature, limitOf } from "../facts/limits.ts";
import { realLength } from "../facts/placeholders.ts";
import { overTime, type Timed } from "../policy/overTime.ts";
import type { Decision, HostPolicy, Stretch } from "../policy/types.ts";
import { comesIn, duringName } from "./during.ts";
import { all, any, not, quote } from "./expressions.ts";
import { makeRule } from "./makeRule.ts";
import { escaped, guards, methodIs, READ_PATH } from "./matches.ts";
import { pack } from "./pack.ts";
import { pathTrie, regexOf, withoutCovered } from "./pathTrie.ts";
import { replyFor } from "./replies.ts";
import type { DesiredRule } from "./types.ts";
import { hostScope, type ZoneInput } from "./zoneInput.ts";

/** The path as guards read it, with a `/` behind it: a folder and what is below it begin alike. */
const FOLDER = `concat(${READ_PATH}, "/")`;

/** What `FOLDER` has behind its first `/`: letters, and null for the rest of a segment, whatever it is, with its `/`. */
type Beginning = readonly (string | null)[];

/** A match that fits a beginning, and how far it has come: a segment, and how many letters of it are behind. */
interface Listed {
  readonly match: Match;
  readonly segment: number;
  readonly letters: number;
}

/** A part of all paths, and what is listed there. */
export interface Region {
  /** A condition; undefined for all paths. */
  readonly where: string | undefined;
  readonly matches: readonly Match[];
}

/** Answers whether a region makes an expression that Cloudflare takes. */
type Fits = (region: Region) => boolean;

/**
 * The rules that refuse what neither a rule nor an exception of a host lists. One where it fits; else the paths are
 * split by how they begin, as often as needed: one rule for each bucket of letters that come next, and one for all
 * other letters.
 */
export function otherwiseRules(input: ZoneInput, stretches: readonly Stretch[]): DesiredRule[] {
  const nameOf = ({ match, rule }: Decision) => `${rule.id} ${match.methods} ${match.path.text}`;
  return overTime(
    stretches,
    ({ policy }) => [policy],
    ({ otherwise, decisions }) => JSON.stringify([otherwise, decisions.map(nameOf)]),
  ).flatMap((policy) => otherwiseRulesIn(input, policy));
}

function otherwiseRulesIn(
  input: ZoneInput,
  { host, decisions, otherwise, during }: Timed<HostPolicy>,
): DesiredRule[] {
  if (otherwise === undefined) return [];
  const matches = withoutCovered(decisions.map(({ match }) => match));
  if (matches.length > 0 && guards(matches) === undefined) return [];
  const scope = all(hostScope(host), comesIn(during));
  const listing = hasFeature(input.zone, "regex") ? factored : guards;
  const expressionOf = ({ where, matches: some }: Region, list = listing) =>
    all(scope, where, some.length === 0 ? undefined : not(list(some) ?? ""));
  const limit = limitOf(input.zone, "expressionLength");
  const fits = (region: Region, list = listing) =>
    region.matches.length < limit / LEAST_LETTERS && realLength(expressionOf(region, list)) <= limit;
  const rule = (name: string, expression: string) =>
    makeRule(input, {
      name: `${host.host}/otherwise${duringName(during)}${name}`,
      mode: otherwise,
      reply: replyFor(host, undefined, "unlisted"),
      description: `${host.host}: what no rule and no exception lists`,
      expression,
      branches: [{ ruleId: "otherwise", expression }],
      at: host.at,
    });
  const whole = { where: undefined, matches };
  if (fits(whole, guards)) return rule("", expressionOf(whole, guards));
  return regionsOf(matches, fits).flatMap(([name, region]) => rule(`/${name}`, expressionOf(region)));
}

/** Each listed path takes more letters than this of an expression: no longer one need be written to see that. */
const LEAST_LETTERS = 3;

/** Regions that cover all paths, each with its name and what of the matches is met there. */
export function regionsOf(matches: readonly Match[], fits: Fits): (readonly [string, Region])[] {
  return split(
    [],
    matches.map((match) => ({ match, segment: 0, letters: 0 })),
    fits,
  );
}

/** Regions that cover all paths with this beginning, each with its name. */
function split(beginning: Beginning, listed: readonly Listed[], fits: Fits): (readonly [string, Region])[] {
  const here: Region = { where: begins(beginning), matches: listed.map((each) => each.match) };
  if (fits(here)) return [[nameOf(beginning), here]];
  // A letter that all have in common is no choice. Where too much goes on with any letter, what comes behind decides.
  let [node, there] = [beginning, listed];
  while (there.some((each) => each.segment < each.match.path.segments.length)) {
    const letters = lettersOf(there);
    const rest = elsewhere(here, node, there);
    const [only] = letters;
    if (letters.length > 0 && fits(rest) && (letters.length > 1 || rest.matches.length > 0)) {
      const region = (some: readonly string[]): Region => ({
        where: begins(node, some),
        matches: there.filter((each) => goesOn(each, some)).map((each) => each.match),
      });
      return [
        ...pack(
          letters,
          (letter) => letter,
          (some) => fits(region(some)),
        ).flatMap(({ items, prefix }) =>
          items.length === 1 && items[0] !== undefined
            ? split([...node, items[0]], advance(there, items[0]), fits)
            : [[`${nameOf(node)}~${prefix}`, region(items)] as const],
        ),
        [`${nameOf(node)}~else`, rest],
      ];
    }
    const next = letters.length === 1 && rest.matches.length === 0 ? (only ?? null) : null;
    node = [...node, next];
    there = advance(there, next);
  }
  return [[nameOf(beginning), here]];
}

/** The letter that a match goes on with; undefined where any may come: from a variable on, and below `/*`. */
function nextLetter({ match, segment, letters }: Listed): string | undefined {
  const part = match.path.segments[segment];
  if (part === undefined || part === null) return undefined;
  if (typeof part === "string") return part.toLowerCase()[letters] ?? "/";
  return part.pieces[0]?.toLowerCase()[letters];
}

function lettersOf(listed: readonly Listed[]): string[] {
  return [...new Set(listed.flatMap((each) => nextLetter(each) ?? []))].sort();
}

function goesOn(listed: Listed, letters: readonly string[]): boolean {
  const next = nextLetter(listed);
  return next === undefined || letters.includes(next);
}

/** What goes on with a letter, or, for null, past the segment. */
function advance(listed: readonly Listed[], letter: string | null): Listed[] {
  return listed.flatMap((each) => {
    const next = nextLetter(each);
    if (each.segment === each.match.path.segments.length) return [each];
    if (letter === null || (letter === "/" && (next === undefined || next === "/"))) {
      return [{ ...each, segment: each.segment + 1, letters: 0 }];
    }
    if (next === undefined) return [each];
    return next === letter ? [{ ...each, letters: each.letters + 1 }] : [];
  });
}

/** What is left of a region when its paths that go on at a node are taken out. */
function elsewhere(region: Region, node: Beginning, listed: readonly Listed[]): Region {
  const letters = lettersOf(listed);
  return {
    where: all(region.where, letters.length === 0 ? undefined : not(begins(node, letters) ?? "")),
    matches: listed.filter((each) => nextLetter(each) === undefined).map((each) => each.match),
  };
}

/** The condition that a path begins so, and goes on with one of the letters; undefined when every path does. */
function begins(beginning: Beginning, letters: readonly string[] = []): string | undefined {
  if (beginning.includes(null)) {
    const regex = beginning.map((piece) => (piece === null ? "[^/]*/" : escaped(piece))).join("");
    const next = letters.length === 0 ? "" : `(${letters.map(escaped).join("|")})`;
    return `${FOLDER} matches r"^/${regex}${next}"`;
  }
  const text = `/${beginning.join("")}`;
  const starts = letters.length > 0 ? letters.map((letter) => text + letter) : text === "/" ? [] : [text];
  return starts.length === 0
    ? undefined
    : any(starts.map((start) => `starts_with(${FOLDER}, ${quote(start)})`));
}

function nameOf(beginning: Beginning): string {
  return beginning.map((piece) => piece ?? "*/").join("");
}

/** The matches with what their paths share written once. */
function factored(matches: readonly Match[]): string {
  const byMethods = Map.groupBy(matches, ({ methods }) => methods?.join(" ") ?? "");
  return any(
    [...byMethods.values()].map((some) =>
      all(methodIs(some[0]?.methods), `${FOLDER} matches r"${regexOf(pathTrie(some))}"`),
    ),
  );
}

import type {
  ClaimRequirement,
  Definitions,
  Exception,
  HostDefinition,
  Match,
  Mode,
  PathPattern,
  Rule,
  Segment,
} from "../../model/definition/types.ts";
import { MODES } from "../../model/definition/types.ts";

/*
 * What the definitions ask of a request, read a second time and by itself: `model/compile` makes rules of them, and
 * what the edge makes of those rules is held against this.
 */

/** A request as far as definitions speak of it. */
export interface Asked {
  readonly host: string;
  readonly method: string;
  /** Plain: nothing in it can be read in two ways. */
  readonly path: string;
  /** A valid token, by ring, and what it says. */
  readonly token?: { readonly ring: string; readonly claims: Readonly<Record<string, unknown>> } | undefined;
  /** Ring of a valid link. */
  readonly link?: string | undefined;
  /** A CORS preflight, with its headers. */
  readonly preflight?: boolean;
}

/** One right answer: the status, and the definition that decides; `origin` where nothing does. */
export interface Outcome {
  readonly status: number;
  readonly by: string;
}

const PASSES: Outcome = { status: 200, by: "origin" };

/**
 * Every right answer to a request: the origin's where nothing refuses it, else that of any definition that does.
 *
 * @param hardest the environment's mode: nothing acts harder
 */
export function outcomes(definitions: Definitions, hardest: Mode, asked: Asked): readonly Outcome[] {
  const host = definitions.hosts.find((each) => each.host === asked.host);
  if (host === undefined || isOpen(host, asked)) return [PASSES];
  const rules = matching(host, asked);
  const refusals = rules.flatMap((rule) => refusalOf(definitions, hardest, rule, asked));
  if (host.otherwise === "deny" && rules.length === 0)
    refusals.push(...acting(weaker(host.mode, hardest), { status: 404, by: "otherwise" }));
  const raw = rules.filter((rule) => rule.expression !== undefined);
  // What a raw expression says of the request is Cloudflare's language, not the definitions'.
  const perhaps = raw.flatMap((rule) => acting(weaker(rule.mode, hardest), { status: 403, by: rule.id }));
  return refusals.length > 0 ? [...refusals, ...perhaps] : [PASSES, ...perhaps];
}

/** The right answers to a request that can be read in two ways: as hard as the hardest guard of the host. */
export function ambiguousOutcomes(hardest: Mode, host: HostDefinition): readonly Outcome[] {
  const modes = host.rules.map((rule) => weaker(rule.mode, hardest));
  if (host.otherwise === "deny") modes.push(weaker(host.mode, hardest));
  const mode = MODES.findLast((each) => modes.includes(each)) ?? "off";
  return acting(mode, { status: 400, by: "ambiguous" });
}

/** The rules of a host that speak of a request and are not off. */
export function matching(host: HostDefinition, { method, path }: Asked): readonly Rule[] {
  return host.rules.filter(
    (rule) => rule.mode !== "off" && hasMethod(rule.match, method) && covers(rule.match.path, path),
  );
}

function isOpen(host: HostDefinition, { method, path, preflight }: Asked): boolean {
  if (host.preflight && method === "OPTIONS" && preflight === true) return true;
  return host.exceptions.some((each) => hasMethod(each.match, method) && isExactly(each, path));
}

/** What one rule has against a request: it lacks a valid token, a valid link, or what the token must say. */
function refusalOf(definitions: Definitions, hardest: Mode, rule: Rule, { token, link }: Asked): Outcome[] {
  const { require, id } = rule;
  if (require === undefined) return [];
  const mode = weaker(rule.mode, hardest);
  if (require.kind === "link") return link === require.ring ? [] : acting(mode, { status: 403, by: id });
  if (token?.ring !== require.ring) return acting(mode, { status: 401, by: id });
  const ring = definitions.rings.find((each) => each.id === require.ring);
  const shape = ring?.kind === "jwt" ? ring.scope : undefined;
  const claim = token.claims[shape?.claim ?? "scope"];
  const scopes = shape?.as === "array" ? claim : String(claim ?? "").split(" ");
  const has = (scope: string) => Array.isArray(scopes) && scopes.includes(scope);
  const satisfied =
    require.scopes.every(has) && require.claims.every((each) => isSatisfied(each, token.claims));
  return satisfied ? [] : acting(mode, { status: 403, by: id });
}

function isSatisfied({ path, values }: ClaimRequirement, claims: Readonly<Record<string, unknown>>): boolean {
  const value = path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
    claims,
  );
  const found = Array.isArray(value) ? value : [value];
  return found.some((each) => values.includes(each));
}

/** How a refusal comes out in a mode; a challenge is answered with 403. */
function acting(mode: Mode, refusal: Outcome): Outcome[] {
  if (mode === "block") return [refusal];
  return mode === "challenge" ? [{ ...refusal, status: 403 }] : [];
}

function hasMethod({ methods }: Match, method: string): boolean {
  return methods === undefined || methods.includes(method);
}

/** Broadly, as a guard has to: case does not count, nor a slash at the end, and an encoded letter is the letter. */
function covers({ segments, rest }: PathPattern, sent: string): boolean {
  const parts = decodeURIComponent(sent).toLowerCase().split("/").slice(1);
  if (parts.length > segments.length && parts.at(-1) === "") parts.pop();
  if (segments.length === 0) return rest || parts.length === 0 || (parts.length === 1 && parts[0] === "");
  if (rest ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every((segment, index) => takes(segment, parts[index] ?? "", "i"));
}

/** Narrowly, as an exception has to. */
function isExactly({ match: { path } }: Exception, sent: string): boolean {
  const parts = sent.split("/").slice(1);
  const { segments, rest } = path;
  if (rest ? parts.length < segments.length : parts.length !== Math.max(segments.length, 1)) return false;
  if (segments.length === 0) return rest || parts[0] === "";
  return segments.every((segment, index) => takes(segment, parts[index] ?? "", ""));
}

function takes(segment: Segment, part: string, flags: string): boolean {
  if (segment === null) return part !== "";
  const pieces = typeof segment === "string" ? [segment] : segment.pieces;
  const literal = pieces.map((piece) => piece.replaceAll(/[^\w]/g, "\\$&"));
  return new RegExp(`^${literal.join("[^]+")}$`, flags).test(part);
}

function weaker(mode: Mode, hardest: Mode): Mode {
  return MODES.indexOf(mode) <= MODES.indexOf(hardest) ? mode : hardest;
}

import { CANARY_AUDIENCE } from "../facts/canary.ts";
import { checkedClaim, readClaim, registered } from "./claims.ts";
import { notLiteral } from "./literals.ts";
import { listOf, type Reading, ringNamed } from "./reading.ts";
import { countWays } from "./requirementTree.ts";
import type { RulePlace } from "./rules.ts";
import type { RequireShape, RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import {
  type Asked,
  type ClaimRequirement,
  isTokenRing,
  type Requirement,
  type TokenRequirement,
  type TokenUse,
  type Zone,
} from "./types.ts";
import { readWhere, WHERE_MEMBERS } from "./whereRequirements.ts";

/** One scope (RFC 6749 section 3.3), without the characters that would need escaping in an expression. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/;

/** How deep any and all may stand in each other. */
const MOST_DEPTH = 4;
/** How many ways there may be to meet a rule: each is a condition in one expression, and a case for whoever tests it. */
const MOST_WAYS = 64;

type Path = readonly PropertyKey[];

/** Whether a scope of others can stand in a rule. */
export function isScope(text: string): boolean {
  return SCOPE.test(text) && notLiteral(text) === undefined;
}

/** What the readers of the places of one tree share. */
interface TreeReading extends Reading {
  /** Those of the rule's hosts. */
  readonly zones: readonly (Zone | undefined)[];
}

/** Reads what a rule requires: a token with scopes and claims, a link, what a request must be, or a tree of these. */
export function readRequirement(
  outer: Reading,
  rule: RuleShape,
  base: RulePlace,
  uses: readonly TokenUse[],
  zones: readonly (Zone | undefined)[],
): Requirement | undefined {
  const reading: TreeReading = { ...outer, zones };
  const { require } = rule;
  if (require === undefined) return undefined;
  if (require === "none") return { kind: "none" };
  const path = [...base, "require"];
  const at = reading.file.source.at(path);
  const asked = readAsked(reading, require, path, uses[0]?.ring, 0);
  const ways = countWays(asked);
  if (ways <= MOST_WAYS) return asked;
  reading.report(
    "REQUIREMENT_TOO_BIG",
    at,
    `there are ${ways} ways to meet what the rule requires, and ${MOST_WAYS} are the most`,
    "let a claim have one of several values, or split the rule by path or method",
  );
  return undefined;
}

/** Reads one place of the tree; undefined for one that has a problem. `ring` is that of what stands around it. */
function readAsked(
  reading: TreeReading,
  shape: RequireShape,
  path: Path,
  outer: string | undefined,
  depth: number,
): Asked | undefined {
  const { source } = reading.file;
  const at = (member: string) => source.at([...path, member]);
  const said = (member: string) => says(source, [...path, member]);
  const parts: (Asked | undefined)[] = [];
  const ofToken = (["ring", "token", "scope", "audience", "issuer", "claims"] as const).filter(said);
  if (said("link")) parts.push(readLink(reading, shape, path, ofToken));
  else if (ofToken.length > 0 || ![...WHERE_MEMBERS, "any", "all"].some(said))
    parts.push(...readToken(reading, shape, path, outer));
  parts.push(...readWhere(reading, shape, path, reading.zones));
  const inner = shape.ring ?? outer;
  for (const kind of ["any", "all"] as const) {
    const list = shape[kind];
    if (list === undefined) {
      if (said(kind)) parts.push(undefined);
      continue;
    }
    if (depth >= MOST_DEPTH) {
      reading.report(
        "REQUIREMENT_TOO_BIG",
        at(kind),
        `any and all stand in each other more than ${MOST_DEPTH} times`,
        "write the alternatives out in one list",
      );
      parts.push(undefined);
      continue;
    }
    const of = list.map((each, index) =>
      each === undefined ? undefined : readAsked(reading, each, [...path, kind, index], inner, depth + 1),
    );
    const whole = of.filter((each) => each !== undefined);
    for (const [index, each] of of.entries()) {
      if (kind === "any" && each !== undefined && isMetWithNothing(each)) {
        reading.report(
          "TOKEN_OPTIONAL_IN_CHOICE",
          source.at([...path, kind, index]),
          "whoever leaves this token out meets one of the alternatives, so the others are asked of nobody",
          "leave out token: optional; whoever has no such token is asked for one of the others",
        );
      }
    }
    parts.push(whole.length < of.length ? undefined : joined(kind, whole));
  }
  const whole = parts.filter((part) => part !== undefined);
  return whole.length < parts.length ? undefined : joined("all", whole);
}

/** Whether a request that brings nothing meets it. */
function isMetWithNothing(asked: Asked): boolean {
  switch (asked.kind) {
    case "absent":
      return true;
    case "token":
    case "link":
    case "where":
      return false;
    case "any":
      return asked.of.some(isMetWithNothing);
    case "all":
      return asked.of.every(isMetWithNothing);
  }
}

/** What one place asks for, which needs no tree where it is one thing. */
function joined(kind: "any" | "all", of: readonly Asked[]): Asked | undefined {
  return of.length > 1 ? { kind, of } : of[0];
}

function readLink(
  reading: Reading,
  { link }: RequireShape,
  path: Path,
  others: readonly string[],
): Asked | undefined {
  const { source } = reading.file;
  if (link === undefined) return undefined;
  for (const other of others) {
    reading.report(
      "RING_KIND_WRONG",
      source.at([...path, other]),
      `a rule requires a link or a token, and ${other} stands beside link`,
      "write any: with the two of them in its list where one is enough, or all: where both are needed",
    );
  }
  return ringNamed(reading, link, "hmac", source.at([...path, "link"]))
    ? { kind: "link", ring: link }
    : undefined;
}

/** A token, and where one of several scopes will do, the choice. */
function readToken(
  reading: Reading,
  shape: RequireShape,
  path: Path,
  outer: string | undefined,
): readonly (Asked | undefined)[] {
  const { source } = reading.file;
  const { scope } = shape;
  const isChoice = typeof scope === "object" && !Array.isArray(scope);
  const choice = isChoice ? listOf(scope.any) : [];
  const scopes = isChoice ? [] : listOf(scope);
  for (const each of [...choice, ...scopes]) checkScope(reading, each, [...path, "scope"]);
  const claims = Object.entries(shape.claims ?? {}).flatMap(([name, wanted]) =>
    wanted === undefined ? [] : readClaim(reading, name, wanted, [...path, "claims", name]),
  );
  if (shape.ring === undefined && says(source, [...path, "ring"])) return [undefined];
  const ring = shape.ring ?? outer;
  if (ring === undefined) {
    // Where the file names a ring and that was a problem, this would only be its echo.
    if (says(source, ["tokens"])) return [undefined];
    reading.report(
      "TOKEN_RING_UNSTATED",
      source.at(path),
      "no ring is stated for the token that this rule requires",
      "add ring: <id> here, or tokens: { ring: <id>, in: [header authorization] } at the top of the file",
    );
    return [undefined];
  }
  if (shape.ring !== undefined && !ringNamed(reading, ring, "jwt", source.at([...path, "ring"])))
    return [undefined];
  const parties = readParties(reading, shape, path, ring);
  const token: TokenRequirement = { kind: "token", ring, scopes, claims: [...parties, ...claims] };
  const one = choice.map((each): Asked => ({ kind: "token", ring, scopes: [each], claims: [] }));
  const whole = [token, ...(one.length === 0 ? [] : [joined("any", one)])].filter(
    (each) => each !== undefined,
  );
  if (shape.token === undefined && says(source, [...path, "token"])) return [undefined];
  if (shape.token !== "optional") return whole;
  const present = joined("all", whole);
  return [present === undefined ? undefined : { kind: "any", of: [{ kind: "absent", ring }, present] }];
}

/** For whom and by whom the token must be, besides what its ring says of every token. */
function readParties(
  reading: Reading,
  shape: RequireShape,
  path: Path,
  id: string,
): readonly ClaimRequirement[] {
  const { source } = reading.file;
  const ring = reading.rings.get(id);
  const [audiences, issuers] = [listOf(shape.audience), listOf(shape.issuer)];
  if (audiences.includes(CANARY_AUDIENCE)) {
    reading.report(
      "AUDIENCE_RESERVED",
      source.at([...path, "audience"]),
      `${CANARY_AUDIENCE} is the audience of tokens that prove a key`,
      "ask for another audience",
    );
  }
  for (const foreign of issuers) {
    if (ring === undefined || !isTokenRing(ring) || ring.issuers.includes(foreign)) continue;
    reading.report(
      "CLAIM_INVALID",
      source.at([...path, "issuer"]),
      `no token of ${id} is by ${show(foreign)}`,
      `its issuers are ${ring.issuers.join(", ")}; add it under tokens of the ring, or name another ring`,
    );
  }
  return [
    ...(issuers.length === 0 ? [] : [registered("iss", issuers)]),
    ...(audiences.length === 0 ? [] : [registered("aud", audiences)]),
  ].flatMap((claim) =>
    checkedClaim(reading, claim, [...path, claim.path[0] === "iss" ? "issuer" : "audience"]),
  );
}

function checkScope(reading: Reading, scope: string, path: Path): void {
  const meant = notLiteral(scope);
  const at = reading.file.source.at(path);
  if (meant !== undefined) reading.report("SCOPE_INVALID", at, meant.message, meant.hint);
  else if (!SCOPE.test(scope)) {
    reading.report(
      "SCOPE_INVALID",
      at,
      `${show(scope)} is not one scope`,
      "write each scope as a word of its own in a list, without blanks, quotes or \\",
    );
  }
}

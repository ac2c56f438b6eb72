import { parse } from "@keyturn/edge/language";
import { type Node, partsOf } from "../expressions/nodes.ts";
import { ringsIn } from "../facts/placeholders.ts";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { claimName, claimPath } from "./claimPath.ts";
import { nearest } from "./nearest.ts";
import { leavesOf } from "./requirementTree.ts";
import type { RingReading } from "./ringReading.ts";
import { show } from "./secrets.ts";
import {
  type ClaimRequirement,
  type ClaimType,
  type DeclaredClaim,
  type Definitions,
  isTokenRing,
  type Rule,
  type TokenRing,
} from "./types.ts";

/** Claims with a meaning of their own (RFC 7519 section 4.1): every token may have them. */
const REGISTERED = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/** The claims that a ring declares, those with a wrong type without one; undefined where it declares none. */
export function readDeclaredClaims(reading: RingReading): readonly DeclaredClaim[] | undefined {
  const types = reading.ring.tokens?.claims;
  if (types === undefined) return undefined;
  const seen = new Set<string>();
  return reading.membersAt("tokens", "claims").flatMap((name): DeclaredClaim[] => {
    const path = claimPath(name);
    const fault =
      "message" in path
        ? path
        : seen.has(claimName(path)) && {
            message: `the claim ${show(claimName(path))} is declared twice`,
            hint: "keep one of the two",
          };
    if (fault)
      reading.report("CLAIM_INVALID", reading.at("tokens", "claims", name), fault.message, fault.hint);
    if (fault || "message" in path) return [];
    seen.add(claimName(path));
    return [{ path, type: Object.hasOwn(types, name) ? types[name] : undefined }];
  });
}

/** Claims that rules use and their rings do not declare, or declare to be of another type. */
export function claimProblems({ rings, hosts }: Definitions): Problem[] {
  const declaring = new Map(
    rings
      .filter(isTokenRing)
      .flatMap((ring) => (ring.claims === undefined ? [] : [[ring.id, ring] as const])),
  );
  if (declaring.size === 0) return [];
  return hosts.flatMap((host) =>
    host.rules.flatMap(usesOf).flatMap(({ ring: id, path, types, at }) => {
      const ring = declaring.get(id);
      return ring === undefined ? [] : problemOf(ring, path, types, at);
    }),
  );
}

/** A claim that is used, and the types with which that makes sense. */
interface ClaimUse {
  readonly ring: string;
  readonly path: readonly string[];
  readonly types: readonly ClaimType[];
  readonly at: Position;
}

function problemOf(
  { id, claims = [], scope }: TokenRing,
  path: readonly string[],
  types: readonly ClaimType[],
  at: Position,
): Problem[] {
  const [first = "", ...more] = path;
  const name = claimName(path);
  const is = (each: DeclaredClaim) =>
    each.path.length === path.length && each.path.every((part, index) => part === path[index]);
  const declared = claims.find(is);
  if (declared === undefined) {
    const isKnown = more.length === 0 && (REGISTERED.includes(first) || first === scope.claim);
    if (isKnown) return [];
    const known = claims.map((each) => claimName(each.path));
    const near = nearest(name, known);
    return [
      problem(
        "CLAIM_UNDECLARED",
        at,
        `the ring ${id} declares no claim ${show(name)}`,
        near === undefined
          ? `declare it under tokens.claims of the ring${known.length === 0 ? "" : `, or use one of ${known.map(show).join(", ")}`}`
          : `did you mean ${show(near)}?`,
      ),
    ];
  }
  if (declared.type === undefined || types.includes(declared.type)) return [];
  const message = `the claim ${show(name)} of ${id} is declared as ${declared.type}, and is used as ${types.join(" or ")}`;
  return [
    problem(
      "CLAIM_TYPE_WRONG",
      at,
      message,
      "correct the type under tokens.claims of the ring, or the requirement",
    ),
  ];
}

function usesOf({ require, rateLimit, expression, at }: Rule): ClaimUse[] {
  const required = leavesOf(require).flatMap((leaf): ClaimUse[] =>
    leaf.kind === "token"
      ? leaf.claims.map((claim) => ({
          ring: leaf.ring,
          path: claim.path,
          types: typesOf(claim),
          at: at.require,
        }))
      : [],
  );
  const { per } = rateLimit ?? {};
  const counted: ClaimUse[] =
    per?.kind === "claim"
      ? [{ ring: per.ring, path: per.path, types: ["text", "integer"], at: at.rateLimit }]
      : [];
  return [...required, ...counted, ...(expression === undefined ? [] : lookups(expression, at.expression))];
}

/** The types that a requirement can be met with. */
function typesOf({ must, stands }: ClaimRequirement): readonly ClaimType[] {
  const single = singleTypes(must);
  const several = single.map((type): ClaimType => (type === "integer" ? "integers" : "texts"));
  switch (stands.kind) {
    case "alone":
      return single;
    case "element":
      return stands.orAlone ? [...single, ...several] : several;
    case "registered":
      return [...single, ...several];
  }
}

function singleTypes(must: ClaimRequirement["must"]): readonly ("text" | "integer")[] {
  switch (must.kind) {
    case "is":
    case "isNot":
      return must.values.some((value) => typeof value === "number") ? ["integer"] : ["text"];
    case "present":
      return must.as === "either" ? ["text", "integer"] : [must.as];
    case "within":
      return ["integer"];
    case "affix":
      return ["text"];
  }
}

/** The claims that a raw expression, which was checked before, looks up in a ring's tokens. */
function lookups(expression: string, at: Position): ClaimUse[] {
  return partsOf(parse(expression).body).flatMap((node): ClaimUse[] => {
    if (node.kind !== "call") return [];
    const type =
      node.name === "lookup_json_string"
        ? "text"
        : node.name === "lookup_json_integer"
          ? "integer"
          : undefined;
    const [claims, ...names] = node.arguments;
    const ring = claims === undefined ? undefined : ringIn(claims);
    if (type === undefined || ring === undefined) return [];
    const plain = names.findIndex(({ kind }) => kind !== "string");
    const path = names
      .slice(0, plain < 0 ? names.length : plain)
      .map((each) => (each.kind === "string" ? each.value : ""));
    const types: readonly ClaimType[] = plain < 0 ? [type] : [type === "text" ? "texts" : "integers"];
    return [{ ring, path, types, at }];
  });
}

/** The ring whose claims a node is: `http.request.jwt.claims["${config:<ring>}"][0]`. */
function ringIn(node: Node): string | undefined {
  if (node.kind !== "index") return undefined;
  if (typeof node.index === "number") return ringIn(node.target);
  return node.target.kind === "field" && node.target.name === "http.request.jwt.claims"
    ? ringsIn(node.index)[0]
    : undefined;
}

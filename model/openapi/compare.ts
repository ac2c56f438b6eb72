import { nameIn } from "../definition/hostNames.ts";
import { covers, overlap, parsePath } from "../definition/paths.ts";
import { show } from "../definition/secrets.ts";
import { segmentKey } from "../definition/segments.ts";
import type { Match, PathPattern, Requirement, Ring } from "../definition/types.ts";
import { isTokenRing } from "../definition/types.ts";
import { policyFor } from "../policy/policy.ts";
import type { HostPolicy } from "../policy/types.ts";
import { type ProblemCode, problem } from "../problem/codes.ts";
import { type Position, type Problem, sortProblems } from "../problem/problem.ts";
import { nameFrom } from "./names.ts";
import type { ApiDocument, Operation } from "./types.ts";
import { areSame, haveSameRings, isOpen, type Way, wayOf, waysOf, wayText } from "./ways.ts";

/** What a document is held against. */
export interface Compared {
  readonly rings: readonly Ring[];
  readonly policies: readonly HostPolicy[];
  /** How the stack names hosts, by their names in the document and the definitions. */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
}

/** An operation as rules see it. */
interface Asked {
  readonly operation: Operation;
  readonly match: Match;
}

/**
 * How an OpenAPI document and the rules of its hosts differ: operations that no rule decides, rules without an
 * operation, and what either asks for and the other does not. Claims, raw expressions and modes are not looked at, since
 * documents do not speak of them.
 */
export function compareDocument(api: ApiDocument, { rings, policies, hosts }: Compared): readonly Problem[] {
  const [only, ...more] = policies;
  // A document without a server is about the one host that there is.
  const alone = more.length === 0 ? only : undefined;
  const policyOf = ({ host }: Operation) =>
    host === undefined ? alone : policyFor(policies, nameIn(hosts, host));
  const found: Problem[] = [];
  // Servers of one wildcard host are held against its rules together.
  for (const [policy, operations] of Map.groupBy(api.operations, policyOf)) {
    if (policy !== undefined) {
      found.push(...compareHost(api, operations, policy, (scheme) => ringOf(api, scheme, rings)));
      continue;
    }
    const unknown = new Set(
      operations.map(({ host }) => (host === undefined ? undefined : nameIn(hosts, host))),
    );
    found.push(...[...unknown].map((host) => unknownHost(api, host, policies)));
  }
  return sortProblems(found);
}

function unknownHost(api: ApiDocument, host: string | undefined, policies: readonly HostPolicy[]): Problem {
  const known = policies.map((policy) => policy.host.host).join(", ") || "none";
  const what =
    host === undefined
      ? "the document names no host"
      : `no rule is about ${show(host)}, a server of the document`;
  return problem(
    "OPENAPI_SERVER_DIFFERS",
    api.at,
    `${what}; hosts with rules are ${known}`,
    "write the server as https://host/path, or rules for its host",
  );
}

/** The ring whose tokens a scheme means: that of its issuer, or of its name; undefined where nobody says it. */
function ringOf({ schemes }: ApiDocument, scheme: string, rings: readonly Ring[]): string | undefined {
  const found = schemes.get(scheme);
  const issuer = found?.kind === "token" ? found.issuer : undefined;
  const tokens = rings.filter(isTokenRing);
  const named = tokens.find(({ id }) => id === scheme || id === nameFrom(scheme, 25, "ring"));
  if (issuer === undefined) return named?.id;
  const plain = (text: string) => text.replace(/\/$/, "");
  return tokens.find(({ issuers }) => issuers.some((each) => plain(each) === plain(issuer)))?.id;
}

function compareHost(
  api: ApiDocument,
  operations: readonly Operation[],
  policy: HostPolicy,
  ring: (scheme: string) => string | undefined,
): Problem[] {
  const found: Problem[] = [];
  const asked = operations.flatMap((operation): Asked[] => {
    const match = matchOf(operation, operation.path);
    if (match !== undefined) return [{ operation, match }];
    const hint = "look at its rule yourself";
    found.push(
      problem(
        "OPENAPI_UNSAID",
        operation.at,
        `${named(operation)} is not compared: no rule can have its path`,
        hint,
      ),
    );
    return [];
  });
  const unruled = asked.filter(({ match }) => deciderOf(policy, match) === undefined);
  const elsewhere = unruled.length === asked.length ? serverDiffers(api, unruled, policy) : undefined;
  if (elsewhere !== undefined) return [...found, elsewhere];
  found.push(...unruled.map(({ operation }) => unruledProblem(operation, policy)));
  found.push(...withoutOperation(api, asked, policy), ...differences(api, asked, policy, ring));
  return found;
}

function matchOf({ method }: Operation, text: string): Match | undefined {
  const path = parsePath(text.replace(/(?<=.)\/+$/, "") || "/");
  // Origins answer HEAD as GET without the body, so GET covers it.
  return "message" in path ? undefined : { methods: method === "GET" ? ["GET", "HEAD"] : [method], path };
}

interface Decider {
  readonly id: string;
  readonly at: Position;
  readonly requires: readonly Requirement[];
}

/** What decides all requests of a match: an exception, or the most specific rule and those that hold besides. */
function deciderOf({ host, decisions, always }: HostPolicy, match: Match): Decider | undefined {
  const exception = host.exceptions.find(({ matches }) => matches.some((each) => covers(each, match)));
  if (exception !== undefined) return { id: exception.id, at: exception.at, requires: [] };
  const [first, ...besides] = [decisions, always].flatMap((some, index) => {
    const covering = some.filter((each) => covers(each.match, match));
    return index === 0 ? covering.slice(0, 1) : covering;
  });
  if (first === undefined) return undefined;
  const requires = [first, ...besides].flatMap(({ rule }) => rule.require ?? []);
  return { id: first.rule.id, at: first.rule.at.require, requires };
}

/** Where no operation is decided by any rule: whether only the path in front of them differs. */
function serverDiffers(api: ApiDocument, unruled: readonly Asked[], policy: HostPolicy): Problem | undefined {
  for (const { operation } of unruled) {
    const { base, path } = operation;
    const bare = matchOf(operation, path.slice(base.length));
    const front = bare === undefined ? undefined : frontOf(policy, bare);
    if (front === undefined || front === base) continue;
    const shown = (text: string) => (text === "" ? "nothing" : show(text));
    return problem(
      "OPENAPI_SERVER_DIFFERS",
      api.at,
      `the document has ${shown(base)} in front of its paths, and the rules of ${policy.host.host} (${placed(policy.host.at)}) have ${shown(front)}`,
      "make the path of the server and the paths of the rules agree",
    );
  }
  return undefined;
}

/** What rules have in front of a path; undefined where none has the path behind anything. */
function frontOf(policy: HostPolicy, bare: Match): string | undefined {
  if (deciderOf(policy, bare) !== undefined) return "";
  const keys = bare.path.segments.map(segmentKey);
  const longer = policy.decisions.find(({ match: { path } }) => {
    const behind = path.segments.slice(-keys.length).map(segmentKey);
    return path.segments.length > keys.length && behind.every((key, index) => key === keys[index]);
  });
  return keys.length === 0 ? undefined : longer?.match.path.text.split("/").slice(0, -keys.length).join("/");
}

function unruledProblem(operation: Operation, { host, otherwise }: HostPolicy): Problem {
  const then = otherwise === undefined ? "it passes" : "it is refused with what is not listed";
  return problem(
    "OPENAPI_OPERATION_UNRULED",
    operation.at,
    `no rule of ${host.host} (${placed(host.at)}) decides ${named(operation)}: ${then}`,
    "write a rule for it, or take it out of the document",
  );
}

/** Rules below the paths of the document's servers that match no request of an operation. */
function withoutOperation(api: ApiDocument, asked: readonly Asked[], { decisions }: HostPolicy): Problem[] {
  const below = asked.flatMap(({ operation: { base } }): PathPattern[] => {
    const path = parsePath(`${base}/*`);
    return "message" in path ? [] : [path];
  });
  return decisions
    .filter(({ match }) => below.some((path) => overlap({ path }, match)))
    .filter(({ match }) => !asked.some((each) => overlap(each.match, match)))
    .map(({ rule, match }) =>
      problem(
        "OPENAPI_RULE_WITHOUT_OPERATION",
        match.at,
        `${match.path.text} of ${show(rule.id)} matches no operation of the document (${placed(api.at)})`,
        "remove the rule, correct its match, or add the operation to the document",
      ),
    );
}

/** What rules and operations ask for differently; the same of several operations of a rule is one problem. */
function differences(
  { schemes }: ApiDocument,
  asked: readonly Asked[],
  policy: HostPolicy,
  ring: (scheme: string) => string | undefined,
): Problem[] {
  const groups = new Map<
    string,
    { decider: Decider; code: ProblemCode; how: string; operations: Operation[] }
  >();
  for (const { operation, match } of asked) {
    const decider = deciderOf(policy, match);
    if (decider === undefined) continue;
    const wanted = operation.alternatives.map((each) => wayOf(each, schemes, ring));
    const difference = differenceOf(wanted, waysOf(decider.requires));
    if (difference === undefined) continue;
    const key = JSON.stringify([decider.id, difference]);
    const group = groups.get(key) ?? { decider, ...difference, operations: [] };
    group.operations.push(operation);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ decider, code, how, operations: [first, ...more] }) => {
    if (first === undefined) return [];
    const others = more.length === 0 ? "" : ` and ${more.length} more`;
    const message = `${show(decider.id)} and the document differ on ${named(first)}${others} (${placed(first.at)}): ${how}`;
    return [problem(code, decider.at, message, "mend the one that is wrong")];
  });
}

function differenceOf(
  document: readonly Way[],
  rule: readonly Way[],
): { readonly code: ProblemCode; readonly how: string } | undefined {
  const [documentOpen, ruleOpen] = [document.some(isOpen), rule.some(isOpen)];
  if (documentOpen && ruleOpen) return undefined;
  const isIn = (way: Way, ways: readonly Way[]) => ways.some((each) => areSame(way, each));
  if (document.every((way) => isIn(way, rule)) && rule.every((way) => isIn(way, document))) return undefined;
  const [first, ...more] = document;
  const [own, ...others] = rule;
  const single = first !== undefined && own !== undefined && more.length + others.length === 0;
  if (single && !documentOpen && !ruleOpen && haveSameRings(first, own)) {
    const without = (some: readonly string[], all: readonly string[]) =>
      some
        .filter((scope) => !all.includes(scope))
        .map((scope) => `scope ${show(scope)}`)
        .join(", ");
    const [missing, surplus] = [without(first.scopes, own.scopes), without(own.scopes, first.scopes)];
    const how = [
      ...(missing === "" ? [] : [`the document asks for ${missing}, the rule does not`]),
      ...(surplus === "" ? [] : [`the rule asks for ${surplus}, the document does not`]),
    ].join("; ");
    return { code: "OPENAPI_SCOPE_DIFFERS", how };
  }
  const any = (ways: readonly Way[]) => ways.map(wayText).join(", or for ");
  return {
    code: "OPENAPI_SECURITY_DIFFERS",
    how: `the document asks for ${any(document)}; the rule for ${any(rule)}`,
  };
}

function named({ method, path }: Operation): string {
  return show(`${method} ${path}`);
}

function placed({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

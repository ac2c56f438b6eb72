import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { parsePath } from "./paths.ts";
import { readRateLimit } from "./rateLimits.ts";
import { checkRawExpression } from "./rawExpressions.ts";
import { listOf, type Named, type Reading, ringNamed } from "./reading.ts";
import { readRequirement } from "./requirements.ts";
import type { MatchShape, RuleShape, TokenUseShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { type ShapedFile, says } from "./shape.ts";
import type {
  Environment,
  Exception,
  HostDefinition,
  Match,
  Mode,
  PathPattern,
  Ring,
  Rule,
  TokenSource,
  TokenUse,
  Zone,
} from "./types.ts";

/** The methods of saved operations at Cloudflare; a rule may name these. */
export const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
] as const;

const RULE_ID = /^[a-z][a-z0-9-]{0,62}$/;
const HOST = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** RFC 9110 section 5.1: a field name is a token; in lower case, as Cloudflare's map keys are. */
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const COOKIE = /^[A-Za-z0-9!#$&'*+.^_`|~-]{1,100}$/;

interface Draft {
  readonly zone: Zone;
  readonly tokens: TokenUse[];
  readonly rules: Rule[];
  readonly exceptions: Exception[];
  readonly set: Map<string, { readonly value: string; readonly at: Position }>;
  readonly at: Position;
}

/** Reads hosts, rules and exceptions of all files; several files may speak of one host. */
export function readHosts(
  files: readonly ShapedFile[],
  rings: ReadonlyMap<string, Ring>,
  named: Named,
  environment: Environment,
): { readonly hosts: readonly HostDefinition[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const drafts = new Map<string, Draft>();
  for (const file of files) {
    const reading: Reading = {
      file,
      rings,
      named,
      report: (code, at, message, hint) => problems.push(problem(code, at, message, hint)),
    };
    readFile(reading, drafts, environment);
  }
  const hosts = [...drafts].map(([host, draft]): HostDefinition => {
    const mode = (draft.set.get("mode")?.value ?? "block") as Mode;
    return {
      host,
      zone: draft.zone,
      tokens: draft.tokens,
      rules: draft.rules,
      exceptions: draft.exceptions,
      preflight: draft.set.get("cors.preflight")?.value === "allow",
      otherwise: draft.set.get("otherwise")?.value === "deny" ? "deny" : "allow",
      mode,
      at: draft.at,
    };
  });
  return { hosts: hosts.sort((a, b) => (a.host < b.host ? -1 : 1)), problems };
}

function readFile(reading: Reading, drafts: Map<string, Draft>, environment: Environment): void {
  const { source, shape } = reading.file;
  const speaks = ["tokens", "rules", "except", "cors", "otherwise", "mode"].find((member) =>
    says(source, member),
  );
  if (shape.host === undefined) {
    if (speaks !== undefined && !says(source, "host")) {
      reading.report(
        "HOST_MISSING",
        source.atKey([speaks]),
        `the file has ${speaks} and no host`,
        "add host: api.example.com at the top",
      );
    }
    return;
  }
  const draftOf = (host: string, at: Position): Draft | undefined => {
    const name = environment.hosts?.[host] ?? host;
    const existing = drafts.get(name);
    if (existing !== undefined) return existing;
    if (!HOST.test(name)) {
      reading.report(
        "HOST_INVALID",
        at,
        `${show(host)} is not a host name`,
        "write it in small letters, without scheme, port, path or *, such as api.example.com",
      );
      return undefined;
    }
    const zone = zoneOf(name, environment.zones);
    if (zone === undefined) {
      const names = environment.zones.map((each) => each.name).join(", ");
      reading.report(
        "HOST_WITHOUT_ZONE",
        at,
        `${name} belongs to no zone of the stack ${environment.stack}`,
        names === ""
          ? "the stack configuration names no zone; add one"
          : `its zones are ${names}; add the zone, or map the host under hosts in the stack configuration`,
      );
      return undefined;
    }
    const draft: Draft = { zone, tokens: [], rules: [], exceptions: [], set: new Map(), at };
    drafts.set(name, draft);
    return draft;
  };
  const own = draftOf(shape.host, source.at(["host"]));
  if (own === undefined) return;
  const uses = readTokenUses(reading);
  own.tokens.push(...uses);
  setOnce(reading, own, "cors.preflight", shape.cors?.preflight, ["cors", "preflight"]);
  setOnce(reading, own, "otherwise", shape.otherwise, ["otherwise"]);
  setOnce(reading, own, "mode", shape.mode, ["mode"]);
  for (const [index, rule] of shape.rules.entries()) {
    if (rule === undefined) continue;
    const host = rule.match?.host;
    const draft = host === undefined ? own : draftOf(host, source.at(["rules", index, "match", "host"]));
    const read = readRule(reading, rule, index, uses);
    if (draft === undefined || read === undefined) continue;
    if (rule.expression !== undefined) {
      const usable = checkRawExpression(reading, rule.expression, ["rules", index, "expression"], draft.zone);
      if (!usable) continue;
    }
    draft.rules.push(read);
    const ring = read.require?.kind === "token" ? read.require.ring : undefined;
    // A ring that the file names no source for is read where the file's first ring is.
    if (ring !== undefined && !draft.tokens.some((use) => use.ring === ring)) {
      const sources = uses.find((use) => use.ring === ring)?.sources ?? uses[0]?.sources ?? [AUTHORIZATION];
      draft.tokens.push({ ring, sources, at: read.at.require });
    }
  }
  for (const [index, exception] of shape.except.entries()) {
    if (exception === undefined) continue;
    const host = exception.match.host;
    const draft = host === undefined ? own : draftOf(host, source.at(["except", index, "match", "host"]));
    checkId(reading, exception.id, source.at(["except", index, "id"]));
    const match = readMatch(reading, exception.match, ["except", index, "match"]);
    if (draft !== undefined && match !== undefined) {
      draft.exceptions.push({ id: exception.id, match, at: source.at(["except", index, "id"]) });
    }
  }
}

const AUTHORIZATION: TokenSource = { kind: "header", name: "authorization" };

/** The zone with the longest name that the host is or ends in. */
export function zoneOf(host: string, zones: readonly Zone[]): Zone | undefined {
  return zones
    .filter((zone) => host === zone.name || host.endsWith(`.${zone.name}`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

function setOnce(
  reading: Reading,
  draft: Draft,
  name: string,
  value: string | undefined,
  path: readonly string[],
): void {
  if (value === undefined) return;
  const at = reading.file.source.at(path);
  const earlier = draft.set.get(name);
  if (earlier !== undefined && earlier.value !== value) {
    reading.report(
      "HOST_DUPLICATE_SETTING",
      at,
      `${name} is ${value} here and ${earlier.value} at ${earlier.at.file}:${earlier.at.line}, for the same host`,
      "say it in one of the files",
    );
  }
  draft.set.set(name, earlier ?? { value, at });
}

function readTokenUses(reading: Reading): TokenUse[] {
  const { source, shape } = reading.file;
  const { tokens } = shape;
  if (tokens === undefined) return [];
  const list: readonly (readonly [TokenUseShape, readonly PropertyKey[]])[] = Array.isArray(tokens)
    ? tokens.map((use, index) => [use, ["tokens", index]] as const)
    : [[tokens, ["tokens"]]];
  return list.flatMap(([use, path]) => {
    const ring = ringNamed(reading, use.ring, "jwt", source.at([...path, "ring"]));
    const sources = use.in.flatMap((text, index) => {
      const read = readSource(text);
      if (read !== undefined) return [read];
      reading.report(
        "TOKEN_SOURCE_INVALID",
        source.at([...path, "in", index]),
        `${show(text)} is not a place for a token`,
        "write header <name in small letters> or cookie <name>, such as header authorization",
      );
      return [];
    });
    return ring ? [{ ring: use.ring, sources, at: source.at(path) }] : [];
  });
}

function readSource(text: string): TokenSource | undefined {
  const [kind, name, more] = text.split(" ");
  if (name === undefined || more !== undefined) return undefined;
  if (kind === "header" && HEADER.test(name)) return { kind, name };
  if (kind === "cookie" && COOKIE.test(name)) return { kind, name };
  return undefined;
}

function readRule(
  reading: Reading,
  rule: RuleShape,
  index: number,
  uses: readonly TokenUse[],
): Rule | undefined {
  const { source, shape } = reading.file;
  const base = ["rules", index] as const;
  const at = {
    self: source.at([...base, "id"]),
    match: source.at([...base, "match"]),
    require: source.at([...base, "require"]),
    rateLimit: source.at([...base, "rateLimit"]),
    expression: source.at([...base, "expression"]),
  };
  checkId(reading, rule.id, at.self);
  if (rule.was !== undefined) checkId(reading, rule.was, source.at([...base, "was"]));
  const match = rule.match === undefined ? EVERYTHING : readMatch(reading, rule.match, [...base, "match"]);
  const require = readRequirement(reading, rule, index, uses);
  const mode = rule.mode ?? shape.mode ?? "block";
  const rateLimit = readRateLimit(reading, rule, index, require, uses, mode);
  if (rule.require === undefined && rule.rateLimit === undefined && rule.expression === undefined) {
    reading.report(
      "RULE_EMPTY",
      at.self,
      `the rule ${show(rule.id)} requires nothing and limits nothing`,
      "add require, rateLimit or expression; a path that needs no token belongs under except",
    );
  }
  if (match === undefined) return undefined;
  return {
    id: rule.id,
    ...(rule.was === undefined ? {} : { was: rule.was }),
    match,
    ...(require === undefined ? {} : { require }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(rule.expression === undefined ? {} : { expression: rule.expression }),
    mode,
    before: listOf(rule.before),
    after: listOf(rule.after),
    at,
  };
}

const EVERYTHING: Match = { path: { text: "/*", segments: [], rest: true } };

function readMatch(reading: Reading, match: MatchShape, path: readonly PropertyKey[]): Match | undefined {
  const { source } = reading.file;
  const methods =
    match.method === undefined ? undefined : readMethods(reading, listOf(match.method), [...path, "method"]);
  const parsed = parsePath(match.path);
  if ("message" in parsed) {
    reading.report(
      "PATH_INVALID",
      source.at([...path, "path"]),
      `${show(match.path)}: ${parsed.message}`,
      parsed.hint,
    );
    return undefined;
  }
  const pattern: PathPattern = parsed;
  return { path: pattern, ...(methods === undefined ? {} : { methods }) };
}

function readMethods(reading: Reading, names: readonly string[], path: readonly PropertyKey[]): string[] {
  const methods = new Set<string>();
  for (const name of names) {
    if ((METHODS as readonly string[]).includes(name)) methods.add(name);
    else {
      const guess = METHODS.find((method) => method === name.toUpperCase()) ?? nearest(name, METHODS);
      reading.report(
        "METHOD_INVALID",
        reading.file.source.at(path),
        `${show(name)} is not a method`,
        guess === undefined ? `use one of ${METHODS.join(", ")}` : `did you mean ${guess}?`,
      );
    }
  }
  // Origins answer HEAD as GET without the body (RFC 9110 section 9.3.2), so whoever guards one guards both.
  if (methods.has("GET")) methods.add("HEAD");
  return METHODS.filter((method) => methods.has(method));
}

function checkId(reading: Reading, id: string, at: Position): void {
  if (RULE_ID.test(id)) return;
  reading.report(
    "RULE_ID_INVALID",
    at,
    `${show(id)} cannot be an id`,
    "use a small letter, then up to 62 of a-z, 0-9 and -",
  );
}

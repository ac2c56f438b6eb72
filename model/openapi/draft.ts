import { stringify } from "yaml";
import { isHost } from "../definition/hostNames.ts";
import { parsePath } from "../definition/paths.ts";
import { isScope } from "../definition/requirements.ts";
import { secretKind, show } from "../definition/secrets.ts";
import type { PathPattern } from "../definition/types.ts";
import { problem } from "../problem/codes.ts";
import { type Position, type Problem, sortProblems } from "../problem/problem.ts";
import { type Entry, withoutConflicts } from "./conflicts.ts";
import { type Meaning, meaningOf, unsaid, withoutSurplus } from "./meaning.ts";
import { nameFrom, ruleIds } from "./names.ts";
import type { ApiDocument, Operation } from "./types.ts";

/** What a document does not say and somebody must fill in. */
const PLACEHOLDER_HOST = "api.example.com";
const PLACEHOLDER_ISSUER = "https://auth.example.com/";

export interface DraftOptions {
  /** A ring that exists: all of the document's tokens are its. Left out, each scheme gets a ring. */
  readonly ring?: string;
  /** Ids of rules, exceptions and rings that exist already. */
  readonly taken: { readonly rules: ReadonlySet<string>; readonly rings: ReadonlySet<string> };
}

export interface Draft {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** What the drafts do not say, and why, each with its place in the document. */
  readonly notices: readonly Problem[];
  /** Rules that ask for a token. */
  readonly rules: number;
  /** Rules that open. */
  readonly open: number;
  /** Operations for which a rule stands there only as a comment. */
  readonly unsaid: number;
}

/**
 * Definitions for the operations of a document: a rule for each, with `require: none` for those that are open, and
 * everything else refused. What no rule can say stands there as a comment; until somebody decides it opens nothing,
 * and a broader rule that holds for it in the meantime says so.
 */
export function draftDefinitions(api: ApiDocument, { ring, taken }: DraftOptions): Draft {
  const rings = ringNames(api, ring, taken.rings);
  const notices = new Notices();
  const ids = ruleIds(api.operations, taken.rules);
  const entries = api.operations.map((operation): Entry => {
    const own = meaningOf(operation.alternatives, api.schemes, (scheme) => rings.get(scheme) ?? scheme);
    const meaning = withoutScopes(own);
    const path = parsePath(pathOf(operation));
    const id = ids.get(operation) ?? "";
    const host = hostOf(operation, notices);
    // Origins answer HEAD as GET without the body, so GET covers it.
    const methods = operation.method === "GET" ? ["GET", "HEAD"] : [operation.method];
    if ("message" in path) {
      const match = { methods, path: atLeast(operation) };
      return { operation, id, host, match, exact: false, meaning: unsaid(`its path: ${path.message}`) };
    }
    return { operation, id, host, match: { methods, path }, exact: true, meaning };
  });
  const kept = withoutConflicts(entries);
  for (const { operation, id, meaning } of kept) {
    for (const note of meaning.notes) {
      const kind = meaning.kind === "unsaid" ? "left out" : "said in part";
      notices.add(`${kind}: ${note}`, operation.at, id);
    }
  }
  if (api.silent) {
    notices.add("the document has no `security`, so that all of it is drafted as open", api.at);
  }
  const used = kept.flatMap(({ meaning }) => ringsIn(meaning));
  const ringIds = [...new Set(used)];
  const name = nameFrom(api.title, 40, "api");
  const keys =
    ring === undefined && ringIds.length > 0
      ? [{ name: `${name}-keys.yaml`, text: keysFile(api, rings, ringIds, notices) }]
      : [];
  const hosts = [...new Set(kept.map(({ host }) => host))];
  const rules = hosts.map((host, index) => ({
    // A hyphen in a host is doubled, so that no two hosts come out alike.
    name: index === 0 ? `${name}.yaml` : `${name}-${host.replaceAll("-", "--").replaceAll(".", "-")}.yaml`,
    text: rulesFile(
      api,
      host,
      kept.filter((each) => each.host === host),
    ),
  }));
  const count = (kind: Meaning["kind"]) => kept.filter(({ meaning }) => meaning.kind === kind).length;
  return {
    files: [...rules, ...keys],
    notices: notices.all(),
    rules: count("token"),
    open: count("open"),
    unsaid: count("unsaid"),
  };
}

/** A trailing slash is covered by the path without it. */
function pathOf({ path }: Operation): string {
  return path.replace(/(?<=.)\/+$/, "");
}

/** A pattern that covers a path which has none of its own: what cannot be read in it is variable. */
function atLeast(operation: Operation): PathPattern {
  const parts = pathOf(operation).split("/").slice(1);
  const many = parts.findIndex((part) => /[*+]|\.\.\./.test(part));
  const read = (many < 0 ? parts : parts.slice(0, many)).map((part) =>
    part !== "" && "message" in parsePath(`/${part}`) ? "{part}" : part,
  );
  const pattern = parsePath(`/${[...read, ...(many < 0 ? [] : ["*"])].join("/")}`);
  return "message" in pattern ? { text: "/*", segments: [], rest: true } : pattern;
}

/** A scope that no rule can hold is left out and told. */
function withoutScopes(meaning: Meaning): Meaning {
  if (meaning.kind !== "token") return meaning;
  const strange = meaning.any.flatMap(({ scopes }) => scopes.filter((scope) => !isScope(scope)));
  if (strange.length === 0) return meaning;
  const notes = [...new Set(strange)].map((scope) => `the scope ${show(scope)} is not one word`);
  const any = meaning.any.map(({ ring, scopes }) => ({ ring, scopes: scopes.filter(isScope) }));
  return { ...meaning, any: withoutSurplus(any), notes: [...meaning.notes, ...notes] };
}

function hostOf({ host, servers, at }: Operation, notices: Notices): string {
  if (host === undefined || !isHost(host)) {
    const found =
      host === undefined ? "names no host" : `names ${show(host)}, which is no host at Cloudflare`;
    notices.add(`the document ${found}: ${PLACEHOLDER_HOST} stands in its place`, at);
    return PLACEHOLDER_HOST;
  }
  if (servers > 1) notices.add(`there are ${servers} servers; the first counts, ${host}`, at);
  return host;
}

function ringNames(
  { schemes }: ApiDocument,
  ring: string | undefined,
  taken: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const used = new Set(taken);
  return new Map(
    [...schemes].flatMap(([scheme, { kind }]) => {
      if (kind !== "token") return [];
      if (ring !== undefined) return [[scheme, ring]];
      const base = nameFrom(scheme, 25, "ring");
      let id = base;
      for (let count = 2; used.has(id); count += 1) id = `${base}-${count}`;
      used.add(id);
      return [[scheme, id]];
    }),
  );
}

function keysFile(
  api: ApiDocument,
  rings: ReadonlyMap<string, string>,
  ids: readonly string[],
  notices: Notices,
): string {
  const lines = [
    `# Drafted from ${oneLine(api.title)} ${oneLine(api.version)}. The document does not say what stands behind a #: put in what is right.`,
    "keys:",
  ];
  for (const [scheme, id] of rings) {
    if (!ids.includes(id)) continue;
    const found = api.schemes.get(scheme);
    const issuer = found?.kind === "token" ? found.issuer : undefined;
    notices.add(
      `the ring ${id} has placeholders: ${issuer === undefined ? "issuer, " : ""}audience, lifetime and algorithm`,
      api.at,
    );
    lines.push(
      `  ${id}: # the security scheme ${oneLine(scheme)}`,
      "    algorithm: ES256 # the tokens' alg",
      "    tokens:",
      `      issuer: ${flow(issuer ?? PLACEHOLDER_ISSUER)}${issuer === undefined ? " # the tokens' iss" : ""}`,
      "      audience: api # the tokens' aud",
      "      lifetime: 15m # the longest exp - iat",
      "    rotation: { every: 90d }",
      "    signer: { output: true }",
    );
  }
  return `${lines.join("\n")}\n`;
}

function rulesFile(api: ApiDocument, host: string, entries: readonly Entry[]): string {
  const rings = [...new Set(entries.flatMap(({ meaning }) => ringsIn(meaning)))];
  const some = entries.some(({ meaning }) => meaning.kind !== "unsaid");
  const uses = rings.map((ring) => flow({ ring, in: ["header authorization"] }));
  return `${[
    `# Drafted from ${oneLine(api.title)} ${oneLine(api.version)}. Yours from now on.`,
    `host: ${host}`,
    ...(uses.length === 0
      ? []
      : uses.length === 1
        ? [`tokens: ${uses[0]}`]
        : ["tokens:", ...uses.map((use) => `  - ${use}`)]),
    "",
    some ? "rules:" : "# rules:",
    ...entries.flatMap((entry) => entryLines(entry, rings)),
    "",
    "# What stands nowhere above is refused.",
    "otherwise: deny",
  ].join("\n")}\n`;
}

function entryLines({ operation, id, meaning }: Entry, rings: readonly string[]): string[] {
  const match = {
    method: operation.method,
    path: pathOf(operation),
  };
  const notes = meaning.notes.map((note) => `  # Not said: ${oneLine(note)}`);
  const ruled = (require: unknown) => [
    ...notes,
    `  - id: ${flow(id)}`,
    `    match: ${flow(match)}`,
    `    require: ${flow(require)}`,
  ];
  switch (meaning.kind) {
    case "open":
      return ruled("none");
    case "token": {
      const [only, ...others] = meaning.any.map(({ ring, scopes: [scope, ...more] }) => ({
        ...(ring === rings[0] && !(scope === undefined && meaning.any.length > 1) ? {} : { ring }),
        ...(scope === undefined ? {} : { scope: more.length === 0 ? scope : [scope, ...more] }),
      }));
      return ruled(others.length === 0 ? only : { any: [only, ...others] });
    }
    case "unsaid":
      return [...notes, `  # - id: ${flow(id)}`, `  #   match: ${flow(match)}`];
  }
}

/** The rings whose tokens a rule asks for. */
function ringsIn(meaning: Meaning): readonly string[] {
  return meaning.kind === "token" ? meaning.any.map(({ ring }) => ring) : [];
}

/** A value on one line of YAML. */
function flow(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}

/** Text of a document in a comment: nothing in it ends the line. */
function oneLine(text: string): string {
  return secretKind(text) === undefined ? text.replaceAll(/[\s\p{Cc}]+/gu, " ") : "(hidden)";
}

/** Notices with the same text become one, at the first of their places. */
class Notices {
  readonly #found = new Map<string, { readonly at: Position; readonly ids: Set<string> }>();

  add(text: string, at: Position, id?: string): void {
    const known = this.#found.get(text) ?? { at, ids: new Set() };
    if (id !== undefined) known.ids.add(id);
    this.#found.set(text, known);
  }

  all(): readonly Problem[] {
    return sortProblems(
      [...this.#found].map(([text, { at, ids }]) => {
        const [first, ...more] = ids;
        const who =
          first === undefined ? "" : `${first}${more.length === 0 ? "" : ` and ${more.length} more`}: `;
        return problem(
          "OPENAPI_UNSAID",
          at,
          `${who}${text}`,
          "the drafted files say it in a comment; decide there",
        );
      }),
    );
  }
}

import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { checkRawExpression } from "./rawExpressions.ts";
import type { Named, Reading } from "./reading.ts";
import { ringsRead } from "./ringsAsked.ts";
import { readException, readRule } from "./rules.ts";
import { show } from "./secrets.ts";
import { type ShapedFile, says } from "./shape.ts";
import { readTokenUses } from "./tokenUses.ts";
import type {
  Environment,
  Exception,
  HostDefinition,
  Mode,
  Ring,
  Rule,
  TokenSource,
  TokenUse,
  Zone,
} from "./types.ts";

const HOST = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

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
  const draftOf = (host: string, at: Position) => openDraft(reading, drafts, environment, host, at);
  const own = draftOf(shape.host, source.at(["host"]));
  const uses = readTokenUses(reading);
  if (own !== undefined) {
    own.tokens.push(...uses);
    setOnce(reading, own, "cors.preflight", shape.cors?.preflight, ["cors", "preflight"]);
    setOnce(reading, own, "otherwise", shape.otherwise, ["otherwise"]);
    setOnce(reading, own, "mode", shape.mode, ["mode"]);
  }
  readRules(reading, uses, own, draftOf);
  readExceptions(reading, own, draftOf);
}

type DraftOf = (host: string, at: Position) => Draft | undefined;

function readRules(
  reading: Reading,
  uses: readonly TokenUse[],
  own: Draft | undefined,
  draftOf: DraftOf,
): void {
  const { source, shape } = reading.file;
  for (const [index, rule] of shape.rules.entries()) {
    if (rule === undefined) continue;
    const host = rule.match?.host;
    const draft = host === undefined ? own : draftOf(host, source.at(["rules", index, "match", "host"]));
    const read = readRule(reading, rule, index, uses);
    const usable =
      rule.expression === undefined ||
      checkRawExpression(reading, rule.expression, ["rules", index, "expression"], draft?.zone);
    if (draft === undefined || read === undefined || !usable) continue;
    draft.rules.push(read);
    for (const ring of ringsRead(read)) {
      // A ring that the file names no source for is read where the file's first ring is.
      if (draft.tokens.some((use) => use.ring === ring)) continue;
      const sources = uses.find((use) => use.ring === ring)?.sources ?? uses[0]?.sources ?? [AUTHORIZATION];
      draft.tokens.push({ ring, sources, at: read.at.self });
    }
  }
}

function readExceptions(reading: Reading, own: Draft | undefined, draftOf: DraftOf): void {
  const { source, shape } = reading.file;
  for (const [index, exception] of shape.except.entries()) {
    if (exception === undefined) continue;
    const host = exception.match.host;
    const draft = host === undefined ? own : draftOf(host, source.at(["except", index, "match", "host"]));
    const read = readException(reading, exception, index);
    if (draft !== undefined && read !== undefined) draft.exceptions.push(read);
  }
}

/** The draft of a host, begun when it is the first to be read; nothing for a host that cannot be deployed. */
function openDraft(
  reading: Reading,
  drafts: Map<string, Draft>,
  environment: Environment,
  host: string,
  at: Position,
): Draft | undefined {
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

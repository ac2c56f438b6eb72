import { REASONS, type Reason } from "../facts/answers.ts";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { answerMark, readAnswers } from "./answers.ts";
import { isBelow, isHostPattern, nameIn, sampleName } from "./hostNames.ts";
import { modeText, readMode, unchanging } from "./modes.ts";
import { checkRawExpression } from "./rawExpressions.ts";
import type { Named, Reading } from "./reading.ts";
import { ringsRead } from "./ringsAsked.ts";
import { readException, readRule } from "./rules.ts";
import { show } from "./secrets.ts";
import { placesAt, type ShapedFile, says, textAt } from "./shape.ts";
import { readTokenUses } from "./tokenUses.ts";
import type {
  Environment,
  Exception,
  HostDefinition,
  Ring,
  Rule,
  StagedMode,
  StatedAnswer,
  TokenSource,
  TokenUse,
  Zone,
} from "./types.ts";
import { NO_ZONE, wildcardProblems } from "./wildcards.ts";

export interface Draft {
  readonly zone: Zone;
  readonly tokens: TokenUse[];
  readonly rules: Rule[];
  readonly exceptions: Exception[];
  readonly set: Map<string, { readonly value: string; readonly at: Position }>;
  /** What its files say, in their order. */
  readonly modes: StagedMode[];
  /** False for one that nothing but a match names. */
  ofFile: boolean;
  readonly answers: Partial<Record<Reason, StatedAnswer>>;
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
  problems.push(...wildcardProblems(drafts, environment));
  const takenFrom = (host: string, { zone }: Draft) =>
    [...drafts]
      .flatMap(([other, draft]) => (draft.zone === zone && isBelow(other, host) ? [other] : []))
      .sort();
  const hosts = [...drafts].map(
    ([host, draft]): HostDefinition => ({
      host,
      taken: takenFrom(host, draft),
      sample: sampleName(host, takenFrom(host, draft)),
      zone: draft.zone,
      tokens: draft.tokens,
      rules: draft.rules,
      exceptions: draft.exceptions,
      preflight: draft.set.get("cors.preflight")?.value === "allow",
      otherwise: draft.set.get("otherwise")?.value === "deny" ? "deny" : "allow",
      mode: draft.modes[0] ?? unchanging("block"),
      answers: draft.answers,
      at: draft.at,
    }),
  );
  return { hosts: hosts.sort((a, b) => (a.host < b.host ? -1 : 1)), problems };
}

function readFile(reading: Reading, drafts: Map<string, Draft>, environment: Environment): void {
  const { source, shape } = reading.file;
  const speaks = ["tokens", "rules", "always", "except", "cors", "otherwise", "mode", "answers"].find(
    (member) => says(source, [member]),
  );
  if (speaks !== undefined && !says(source, ["host"])) {
    reading.report(
      "HOST_MISSING",
      source.atKey([speaks]),
      `the file has ${speaks} and no host`,
      "add host: api.example.com at the top",
    );
  }
  if (speaks === undefined && shape.host === undefined) return;
  const draftsOf: DraftsOf = (path) => openDrafts(reading, drafts, environment, path);
  const own = draftsOf(["host"]);
  const uses = readTokenUses(reading);
  const mode = shape.mode === undefined ? undefined : readMode(reading, shape.mode, ["mode"]);
  const answers = readAnswers(reading, shape.answers, ["answers"], REASONS, "the host");
  for (const draft of own) {
    draft.tokens.push(...uses);
    setOnce(reading, draft, "cors.preflight", shape.cors?.preflight, ["cors", "preflight"]);
    setOnce(reading, draft, "otherwise", shape.otherwise, ["otherwise"]);
    setOnce(reading, draft, "mode", mode && modeText(mode), ["mode"]);
    if (mode !== undefined) draft.modes.push(mode);
    for (const reason of REASONS)
      setOnce(reading, draft, `answers.${reason}`, answers[reason] && answerMark(answers[reason]), [
        "answers",
        reason,
      ]);
    Object.assign(draft.answers, { ...answers, ...draft.answers });
  }
  readRules(reading, uses, own, draftsOf, mode ?? unchanging("block"));
  for (const [index, exception] of (shape.except ?? []).entries()) {
    if (exception === undefined) continue;
    const host = ["except", index, "match", "host"];
    const read = readException(reading, exception, index);
    for (const draft of says(source, host) ? draftsOf(host) : own) draft.exceptions.push(read);
  }
}

type DraftsOf = (path: readonly PropertyKey[]) => readonly Draft[];

function readRules(
  reading: Reading,
  uses: readonly TokenUse[],
  own: readonly Draft[],
  draftsOf: DraftsOf,
  mode: StagedMode,
): void {
  const { source, shape } = reading.file;
  const places = [
    ...(shape.rules ?? []).map((rule, index) => ({ rule, base: ["rules", index] as const })),
    ...(shape.always ?? []).map((rule, index) => ({ rule, base: ["always", index] as const })),
  ];
  for (const { rule, base } of places) {
    if (rule === undefined) continue;
    const host = [...base, "match", "host"];
    const there = says(source, host) ? draftsOf(host) : own;
    const zones = [...new Set(there.map(zoneIn))];
    const { expression, ...read } = readRule(reading, rule, base, uses, mode, zones);
    const usable =
      expression !== undefined &&
      zones
        .map((zone) => checkRawExpression(reading, expression, [...base, "expression"], zone))
        .every(Boolean);
    const whole: Rule = usable ? { ...read, expression } : read;
    for (const draft of there) addRule(draft, whole, uses);
  }
}

function addRule(draft: Draft, rule: Rule, uses: readonly TokenUse[]): void {
  draft.rules.push(rule);
  for (const ring of ringsRead(rule)) {
    // A ring that the file names no source for is read where the file's first ring is.
    if (draft.tokens.some((use) => use.ring === ring)) continue;
    const sources = uses.find((use) => use.ring === ring)?.sources ?? uses[0]?.sources ?? [AUTHORIZATION];
    draft.tokens.push({ ring, sources, at: rule.at.self });
  }
}

function zoneIn({ zone }: Draft): Zone | undefined {
  return zone === NO_ZONE ? undefined : zone;
}

/** The drafts of the hosts that are named at a path, one or several; two names may be one host in a stack. */
function openDrafts(
  reading: Reading,
  drafts: Map<string, Draft>,
  environment: Environment,
  path: readonly PropertyKey[],
): readonly Draft[] {
  const places = placesAt(reading.file.source, path);
  return [...new Set(places.map((place) => openDraft(reading, drafts, environment, place)))];
}

/** The draft of the host at a path, begun when it is the first to be read; without a zone for one that cannot be deployed. */
function openDraft(
  reading: Reading,
  drafts: Map<string, Draft>,
  environment: Environment,
  path: readonly PropertyKey[],
): Draft {
  const { source } = reading.file;
  const host = textAt(source, path);
  const at = source.at(path);
  const name = host === undefined ? undefined : nameIn(environment.hosts, host);
  const zone = name === undefined ? undefined : zoneFor(reading, environment, name, at, host ?? name);
  // No host has a name with a blank.
  const key = zone === undefined ? `a host in ${source.path}: ${host ?? ""}` : (name ?? "");
  const draft = drafts.get(key) ?? {
    zone: zone ?? NO_ZONE,
    tokens: [],
    rules: [],
    exceptions: [],
    set: new Map(),
    modes: [],
    ofFile: false,
    answers: {},
    at,
  };
  draft.ofFile ||= path[0] === "host";
  drafts.set(key, draft);
  return draft;
}

/** The zone of a host; a host that cannot be deployed is reported. */
function zoneFor(
  reading: Reading,
  environment: Environment,
  name: string,
  at: Position,
  host: string,
): Zone | undefined {
  if (!isHostPattern(name)) {
    reading.report(
      "HOST_INVALID",
      at,
      `${show(host)} is not a host name`,
      "write it in small letters, without scheme, port or path, such as api.example.com, or *.example.com for all below",
    );
    return undefined;
  }
  const zone = zoneOf(name, environment.zones);
  if (zone !== undefined) return zone;
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

import * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import type { Api, ApiProblem, ApiSettings } from "./cloudflareApi.ts";
import { failure, openApi, readApiSettings } from "./cloudflareApi.ts";
import type { Fenced } from "./fence.ts";
import { fence } from "./fence.ts";

/** One rule of ours, with `${config:ring}` and `${secret:ring/key}` where the values go. */
export interface PhaseRule {
  readonly ref: string;
  readonly description: string;
  readonly expression: string;
  readonly action: string;
  readonly enabled: boolean;
  readonly action_parameters?: Readonly<Record<string, unknown>>;
  readonly ratelimit?: Readonly<Record<string, unknown>>;
}

interface Inputs {
  readonly zoneId: string;
  readonly phase: string;
  /** Every `ref` of ours begins with it; all other rules are foreign. */
  readonly refPrefix: string;
  readonly rules: readonly PhaseRule[];
  /** Token configuration id by ring. */
  readonly configurations: Readonly<Record<string, string>>;
  /** HMAC secret by `ring/key`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Moves of the rings that this phase realizes. */
  readonly rings: Readonly<Record<string, Fenced>>;
  /** What of the rules refuses or challenges, and the ring that it asks: a record for the next update. */
  readonly enforced: Readonly<Record<string, string>>;
  readonly deletable: boolean;
  readonly revision: number;
}

interface Outputs extends Inputs {
  readonly rulesetId: string;
  /** When each secret was first read back, by `ring/key`. */
  readonly readBackAt: Readonly<Record<string, string>>;
  readonly writtenAt: string;
  readonly drift?: string;
}

/** A rule as the API answers it. */
interface RemoteRule {
  readonly id?: string;
  readonly ref?: string;
  readonly expression?: string;
  readonly version?: string;
  readonly last_updated?: string;
}

interface EntryPoint {
  readonly id: string;
  readonly version: string;
  readonly rules: readonly RemoteRule[];
  readonly at: string;
}

const REVISION = 1;

const INPUT_NAMES = [
  "zoneId",
  "phase",
  "refPrefix",
  "rules",
  "configurations",
  "secrets",
  "rings",
  "enforced",
  "deletable",
  "revision",
] as const;

/** How often a foreign writer may get in between before we give up. */
const MERGE_ATTEMPTS = 5;

function entryPath(inputs: { readonly zoneId: string; readonly phase: string }): string {
  return `/zones/${inputs.zoneId}/rulesets/phases/${inputs.phase}/entrypoint`;
}

function secretsOf(...sources: (Partial<Inputs> | undefined)[]): string[] {
  return sources.flatMap((source) => Object.values(source?.secrets ?? {}));
}

/** Puts ids and secrets in; a name without a value is our own mistake and stops the write. */
function fill(text: string, inputs: Inputs): string {
  return text.replace(/\$\{(config|secret):([^}]+)\}/g, (_whole, kind: string, name: string) => {
    const value = kind === "config" ? inputs.configurations[name] : inputs.secrets[name];
    if (value === undefined)
      throw failure(
        "PLACEHOLDER_UNKNOWN",
        `a rule of phase ${inputs.phase} names ${kind} ${name}, which does not exist`,
      );
    return value;
  });
}

function fillDeep(value: unknown, inputs: Inputs): unknown {
  if (typeof value === "string") return fill(value, inputs);
  if (Array.isArray(value)) return value.map((entry) => fillDeep(entry, inputs));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, fillDeep(entry, inputs)]));
  }
  return value;
}

function filled(inputs: Inputs): RemoteRule[] {
  return inputs.rules.map((rule) => fillDeep(rule, inputs) as RemoteRule);
}

/** What we set and what the API must answer for it; members that the API fills in are left out. */
function essence(rule: RemoteRule & Partial<PhaseRule>): string {
  const { ref, description, expression, action, enabled, action_parameters, ratelimit } = rule;
  const parameters =
    action_parameters !== undefined && Object.keys(action_parameters).length > 0
      ? action_parameters
      : undefined;
  const limit = ratelimit === undefined ? undefined : { requests_to_origin: false, ...ratelimit };
  return canonicalJson({
    ref,
    description,
    expression,
    action,
    enabled,
    action_parameters: parameters,
    ratelimit: limit,
  });
}

/** How to tell our rules from foreign ones. */
interface Owner {
  readonly refPrefix: string;
  /** The prefix before the stack was renamed: those rules are ours too, and go. */
  readonly formerPrefix?: string;
}

function isOurs(rule: RemoteRule, { refPrefix, formerPrefix = refPrefix }: Owner): boolean {
  return rule.ref?.startsWith(refPrefix) === true || rule.ref?.startsWith(formerPrefix) === true;
}

function sameRules(a: readonly RemoteRule[], b: readonly RemoteRule[]): boolean {
  return a.length === b.length && a.every((rule, index) => essence(rule) === essence(b[index] as RemoteRule));
}

/** Foreign rules exactly as they are, without the members that only the API sets. */
function sendable(rule: RemoteRule): object {
  const { version: _version, last_updated: _updated, ...rest } = rule;
  return rest;
}

/** The secrets that stand in the time-limited HMAC checks of `rules`. */
function secretsIn(rules: readonly RemoteRule[]): string[] {
  const found = rules.flatMap((rule) =>
    [...(rule.expression ?? "").matchAll(/is_timed_hmac_valid_v0\(\s*"([^"]*)"/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  return [...new Set(found)].sort();
}

async function readEntryPoint(
  api: Api,
  inputs: { readonly zoneId: string; readonly phase: string },
): Promise<EntryPoint | undefined> {
  for (;;) {
    try {
      const answer = await api.call("get", entryPath(inputs));
      return {
        id: answer.result.id,
        version: String(answer.result.version),
        rules: answer.result.rules ?? [],
        at: answer.at,
      };
    } catch (error) {
      const problem = error as ApiProblem;
      if (problem.status === 404) return undefined;
      await api.pause(problem);
    }
  }
}

async function readVersion(
  api: Api,
  inputs: Inputs,
  ruleset: string,
  version: number,
): Promise<readonly RemoteRule[]> {
  for (;;) {
    try {
      return (
        (await api.call("get", `/zones/${inputs.zoneId}/rulesets/${ruleset}/versions/${version}`)).result
          .rules ?? []
      );
    } catch (error) {
      await api.pause(error as ApiProblem);
    }
  }
}

/** Ours first, so that no foreign `skip` stands in front of them; foreign ones keep their order and ids. */
function merge(ours: readonly RemoteRule[], present: readonly RemoteRule[], inputs: Owner): object[] {
  return [...ours, ...present.filter((rule) => !isOurs(rule, inputs)).map(sendable)];
}

/**
 * Makes `ours` the rules of ours in the entry point, with every foreign rule kept: read, put all in one PUT, read
 * back. When a foreign writer got in between, their rules are taken from the version before ours and merged again.
 */
async function bringRules(
  api: Api,
  inputs: Inputs & Owner,
  ours: readonly RemoteRule[],
  mayWrite: (present: readonly RemoteRule[]) => void,
): Promise<EntryPoint> {
  let foreign: readonly RemoteRule[] | undefined;
  let written = -1;
  /** The version that a PUT without an answer was made from. */
  let unanswered: number | undefined;
  const inPlace = (rules: readonly RemoteRule[]) =>
    sameRules(rules.slice(0, ours.length), ours) &&
    !rules.slice(ours.length).some((rule) => isOurs(rule, inputs));
  for (let attempt = 0; attempt < MERGE_ATTEMPTS; attempt += 1) {
    const entry = await readEntryPoint(api, inputs);
    if (entry && unanswered !== undefined && Number(entry.version) > unanswered + 1) {
      // Our PUT took effect, or somebody wrote, or both: what came first is only theirs if it lacks our rules.
      const first = await readVersion(api, inputs, entry.id, unanswered + 1);
      if (!inPlace(first)) foreign = first;
    }
    unanswered = undefined;
    const present = foreign ?? entry?.rules ?? [];
    if (entry && foreign === undefined && inPlace(entry.rules)) return entry;
    if (entry === undefined && ours.length === 0) return { id: "", version: "0", rules: [], at: "" };
    if (foreign === undefined && Number(entry?.version) === written) {
      throw failure(
        "READ_BACK_DIFFERS",
        `phase ${inputs.phase} of zone ${inputs.zoneId} does not answer the rules that were written: the API changed or dropped one of ${ours.map((rule) => rule.ref).join(", ")}`,
      );
    }
    mayWrite(entry?.rules ?? []);
    try {
      const answer = await api.call("put", entryPath(inputs), { rules: merge(ours, present, inputs) });
      written = Number(answer.result.version);
    } catch (error) {
      await api.pause(error as ApiProblem);
      // Nobody got in between as far as we know; how often a failed call is tried is the client's to say.
      attempt -= 1;
      if (entry && foreign === undefined) unanswered = Number(entry.version);
      continue;
    }
    foreign = undefined;
    const read = Number(entry?.version ?? 0);
    if (entry && written > read + 1) {
      foreign = await readVersion(api, inputs, entry.id, written - 1);
    }
  }
  throw failure(
    "RULES_CONTENDED",
    `somebody else keeps writing phase ${inputs.phase} of zone ${inputs.zoneId}, ${MERGE_ATTEMPTS} times while this run tried: run it again when they are done`,
  );
}

/** Refuses to write over secrets that neither the state nor this move knows. */
function knownSecrets(
  inputs: Inputs & Owner,
  before: readonly string[],
  restore: boolean,
): (present: readonly RemoteRule[]) => void {
  return (present) => {
    const actual = secretsIn(present.filter((rule) => isOurs(rule, inputs)));
    const after = secretsIn(filled(inputs));
    const known = (set: readonly string[]) => canonicalJson([...set].sort()) === canonicalJson(actual);
    if (restore || actual.length === 0 || known(before) || known(after)) return;
    const count = actual.filter((secret) => !after.includes(secret)).length;
    const rings = Object.keys(inputs.rings).join(" ");
    throw failure(
      "DRIFT",
      `the rules of ours in phase ${inputs.phase} of zone ${inputs.zoneId} check links with other secrets than the state or this run says (${count} of ${actual.length} unknown). Nothing was written. A rotation or revocation that was cut short: run it again, from the definitions that were deployed then. An older state: import the newest. Somebody else: find out who; \`keyturn rotate ${rings} --restore\` writes the ledger's`,
    );
  };
}

/** A new resource takes over what a killed run made of the same rules, and nobody else's with its prefix. */
function refuseOthers(inputs: Inputs, present: readonly RemoteRule[]): void {
  const own = new Set(inputs.rules.map((rule) => rule.ref));
  const others = present.filter((rule) => isOurs(rule, inputs) && !own.has(rule.ref ?? ""));
  if (others.length === 0) return;
  throw failure(
    "OWNED_BY_ANOTHER_STACK",
    `phase ${inputs.phase} of zone ${inputs.zoneId} holds ${others.length} rule(s) that are not this stack's and begin with its prefix ${inputs.refPrefix} (${others[0]?.ref}): another stack has the same name, or a run was killed before its rules were recorded. Nothing was written. Rename one of the stacks (\`pulumi stack rename\`); or, if nobody needs those rules, delete them at Cloudflare and run the same command again`,
  );
}

function stamps(inputs: Inputs, at: string, old: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(inputs.secrets).map((name) => [name, old[name] ?? at]));
}

function outputs(inputs: Inputs, entry: EntryPoint, old: Partial<Outputs>): Outputs {
  const same = canonicalJson(old.rules) === canonicalJson(inputs.rules) && old.writtenAt !== undefined;
  return {
    ...inputs,
    rulesetId: entry.id,
    readBackAt: stamps(inputs, entry.at, old.readBackAt ?? {}),
    writtenAt: same ? (old.writtenAt as string) : entry.at,
  };
}

const phaseRulesProvider = {
  settings: undefined as ApiSettings | undefined,

  async configure(request: pulumi.dynamic.ConfigureRequest) {
    this.settings = readApiSettings(request.config);
  },

  async check(olds: Partial<Inputs>, news: Inputs) {
    const rings = typeof news.rings === "object" ? Object.keys(news.rings) : [];
    const failures = rings.flatMap((ring) => fence(ring, olds.rings?.[ring], news.rings[ring], "rings"));
    if (failures.length === 0 && typeof news.secrets === "object") {
      for (const [name, secret] of Object.entries(olds.secrets ?? {})) {
        const now = news.secrets[name];
        if (now === undefined || now === secret) continue;
        const [ring, key] = name.split("/");
        // The engine prints the value of the named property, so it must be one that is not secret.
        failures.push({
          property: "rings",
          reason: `OTHER_MATERIAL: key ${key} of ring ${ring} would get another secret, and every live link would be refused. Its resource was replaced, tainted or taken out of the state. Nothing was written. Import the state that still has the key (\`pulumi stack history\`, \`pulumi stack export --version\`, \`pulumi stack import\`)`,
        });
      }
    }
    return { inputs: news, failures };
  },

  async diff(_id: string, olds: Outputs, news: Inputs) {
    const changed = INPUT_NAMES.filter((name) => canonicalJson(olds[name]) !== canonicalJson(news[name]));
    const moved = changed.filter((name) => name === "zoneId" || name === "phase");
    return { changes: changed.length > 0 || olds.drift !== undefined, replaces: moved };
  },

  async create(inputs: Inputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(inputs));
    const known = knownSecrets(inputs, [], false);
    const entry = await bringRules(api, inputs, filled(inputs), (present) => {
      refuseOthers(inputs, present);
      known(present);
    });
    return { id: `${inputs.zoneId}/${inputs.phase}`, outs: outputs(inputs, entry, {}) };
  },

  async read(id: string, props: Outputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(props));
    const entry = await readEntryPoint(api, props);
    const { drift: _old, ...kept } = props;
    const ours = (entry?.rules ?? []).filter((rule) => isOurs(rule, props));
    const wanted = filled(props);
    if (sameRules(ours, wanted)) return { id, props: kept };
    const refs = new Set([...ours, ...wanted].map((rule) => rule.ref));
    const find = (rules: readonly RemoteRule[], ref: string | undefined) =>
      rules.find((rule) => rule.ref === ref);
    const differ = [...refs].filter((ref) => {
      const a = find(ours, ref);
      const b = find(wanted, ref);
      return a === undefined || b === undefined || essence(a) !== essence(b);
    });
    return {
      id,
      props: { ...kept, drift: differ.length > 0 ? `rules ${differ.join(", ")}` : "order of rules" },
    };
  },

  async update(_id: string, olds: Outputs, news: Inputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(olds, news));
    const restore = Object.entries(news.rings).some(([ring, { serial, move }]) => {
      const moved = olds.rings[ring]?.serial !== serial;
      return moved && (move as { kind?: string }).kind === "restore";
    });
    const before = secretsIn(filled(olds));
    const owned = { ...news, formerPrefix: olds.refPrefix };
    const entry = await bringRules(api, owned, filled(news), knownSecrets(owned, before, restore));
    return { outs: outputs(news, entry, olds) };
  },

  async delete(_id: string, props: Outputs) {
    if (!props.deletable) {
      throw failure(
        "NOT_DELETABLE",
        `the rules of phase ${props.phase} protect zone ${props.zoneId}: it would be open without them. To really remove them, set \`pulumi config set keyturn:deletable true\`, run \`pulumi up\`, then destroy`,
      );
    }
    const api = await openApi(this.settings as ApiSettings, secretsOf(props));
    await bringRules(api, props, [], () => undefined);
  },
};

export interface PhaseRulesArgs {
  readonly zoneId: string;
  readonly phase: string;
  readonly refPrefix: string;
  readonly rules: readonly PhaseRule[];
  readonly configurations: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  readonly secrets: pulumi.Input<Readonly<Record<string, string>>>;
  readonly rings: Readonly<Record<string, Fenced>>;
  readonly enforced: Readonly<Record<string, string>>;
  readonly deletable: boolean;
}

/**
 * Our rules in one phase of one zone, among everybody else's. Secrets and configuration ids are put in when the
 * rules are written, so that a preview shows every rule in full and no secret.
 */
export class PhaseRules extends pulumi.dynamic.Resource {
  declare readonly rulesetId: pulumi.Output<string>;
  declare readonly rings: pulumi.Output<Record<string, Fenced>>;
  declare readonly enforced: pulumi.Output<Record<string, string> | undefined>;
  declare readonly deletable: pulumi.Output<boolean>;
  declare readonly readBackAt: pulumi.Output<Record<string, string>>;
  declare readonly writtenAt: pulumi.Output<string>;

  constructor(name: string, args: PhaseRulesArgs, options: pulumi.CustomResourceOptions) {
    super(
      phaseRulesProvider as unknown as pulumi.dynamic.ResourceProvider,
      name,
      { ...args, revision: REVISION, rulesetId: undefined, readBackAt: undefined, writtenAt: undefined },
      { ...options, additionalSecretOutputs: ["secrets"] },
      "keyturn",
      "PhaseRules",
    );
  }
}

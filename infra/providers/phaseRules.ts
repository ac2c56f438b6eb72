import * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import { MEND_MATERIAL, mendDrift } from "../../model/ring/mending.ts";
import type { ApiSettings } from "./cloudflareApi.ts";
import { failure, openApi, readApiSettings } from "./cloudflareApi.ts";
import { bringRules, type EntryPoint, peekEntryPoint, readEntryPoint } from "./entryPoint.ts";
import { type Fenced, fence, writesOver } from "./fence.ts";
import { exchangeKeys } from "./linkBranches.ts";
import {
  essence,
  filled,
  INPUT_NAMES,
  type Inputs,
  inFront,
  isOurs,
  type Outputs,
  type Owner,
  type RemoteRule,
  sameRules,
  secretsIn,
} from "./ruleText.ts";

const REVISION = 1;

function secretsOf(...sources: (Partial<Inputs> | undefined)[]): string[] {
  return sources.flatMap((source) => [
    ...Object.values(source?.secrets ?? {}),
    ...Object.values(source?.known ?? {}),
  ]);
}

/**
 * Refuses to write over secrets that are none of ours, and where one is missing that was there before this move and
 * stays after it. A run that died half-way can have left anything else.
 */
function knownSecrets(
  inputs: Inputs & Owner,
  before: readonly string[],
  over: boolean,
): (present: readonly RemoteRule[]) => void {
  return (present) => {
    const actual = secretsIn(present.filter((rule) => isOurs(rule, inputs)));
    const after = secretsIn(filled(inputs));
    const ours = new Set([...before, ...after, ...Object.values(inputs.known)]);
    const foreign = actual.filter((secret) => !ours.has(secret)).length;
    const missing = after.filter((secret) => before.includes(secret) && !actual.includes(secret)).length;
    if (over || actual.length === 0 || foreign + missing === 0) return;
    const rings = Object.keys(inputs.rings).join(" ");
    throw failure(
      "DRIFT",
      `the rules of ours in phase ${inputs.phase} of zone ${inputs.zoneId} do not check links with the secrets that the state or this run says (${foreign} unknown, ${missing} missing). Nothing was written. ${mendDrift(rings)}`,
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

/** Names of a ring's keys that links may be signed with, newest first, by the ring's id. */
type Keep = Readonly<Record<string, readonly string[]>>;

/**
 * What an advance makes of the rules. Where this program compiles the same rules as are deployed, its own: they
 * differ in what the move changes and in nothing else. Where it would compile others, the deployed ones, in which
 * only the secrets are exchanged.
 */
function kept(olds: Partial<Inputs>, news: Inputs, keep: Keep): Inputs {
  if (olds.compiled === news.compiled) return news;
  const { rules = [], configurations = {}, enforced = {}, compiled = "" } = olds;
  return { ...news, rules: exchangeKeys(rules, keep), configurations, enforced, compiled };
}

function stamps(inputs: Inputs, at: string, old: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(inputs.secrets).map((name) => [name, old[name] ?? at]));
}

/** The rings whose move writes over whatever is there; their secrets are there since now. */
function overwritten(olds: Partial<Inputs>, news: Inputs): string[] {
  return Object.entries(news.rings).flatMap(([ring, fenced]) =>
    writesOver(olds.rings?.[ring], fenced) ? [ring] : [],
  );
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

/**
 * True when all that is wrong is that somebody's rules act before ours: any `up` puts ours first. Other differences
 * are a refresh's to find, since a move that was cut short may have made them; so is an API that does not answer.
 */
async function isOvertaken(settings: ApiSettings, olds: Outputs): Promise<boolean> {
  const api = await openApi(settings, secretsOf(olds));
  const entry = await peekEntryPoint(api, olds);
  const rules = entry?.rules ?? [];
  const ours = rules.filter((rule) => isOurs(rule, olds));
  return inFront(rules, olds).length > 0 && sameRules(ours, filled(olds));
}

export const phaseRulesProvider = {
  settings: undefined as ApiSettings | undefined,

  async configure(request: pulumi.dynamic.ConfigureRequest) {
    this.settings = readApiSettings(request.config);
  },

  async check(olds: Partial<Inputs>, { keep, ...given }: Inputs & { readonly keep?: Keep }) {
    const news = keep === undefined ? given : kept(olds, given, keep);
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
          reason: `OTHER_MATERIAL: key ${key} of ring ${ring} would get another secret, and every live link would be refused. ${MEND_MATERIAL}`,
        });
      }
    }
    if (keep !== undefined && olds.rules === undefined) {
      failures.push({
        property: "rings",
        reason: `NOT_DEPLOYED: the state has no rules of phase ${news.phase} of zone ${news.zoneId}, and an advance makes none. Nothing was written. Run \`pulumi up\` first`,
      });
    }
    return { inputs: news, failures };
  },

  async diff(_id: string, olds: Outputs, news: Inputs) {
    const changed = INPUT_NAMES.filter((name) => canonicalJson(olds[name]) !== canonicalJson(news[name]));
    const moved = changed.filter((name) => name === "zoneId" || name === "phase");
    if (changed.length === 0 && olds.drift === undefined)
      return { changes: await isOvertaken(this.settings as ApiSettings, olds), replaces: [] };
    return { changes: changed.length > 0 || olds.drift !== undefined, replaces: moved };
  },

  async create(inputs: Inputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(inputs));
    const known = knownSecrets(inputs, [], overwritten({}, inputs).length > 0);
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
    if (sameRules(ours, wanted)) {
      const others = inFront(entry?.rules ?? [], props).map(({ ref }) => ref);
      const drift = `rules of others in front: ${others.join(", ")}`;
      return { id, props: others.length === 0 ? kept : { ...kept, drift } };
    }
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
    const over = overwritten(olds, news).length > 0;
    const before = secretsIn(filled(olds));
    const owned = { ...news, formerPrefix: olds.refPrefix };
    const entry = await bringRules(api, owned, filled(news), knownSecrets(owned, before, over));
    // What was missing, or may have been, is there since now: what was proved of it before is void.
    const { readBackAt: _void, ...rest } = olds;
    return { outs: outputs(news, entry, over || olds.drift !== undefined ? rest : olds) };
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

export interface PhaseRulesArgs extends Omit<Inputs, "revision" | "configurations" | "secrets" | "known"> {
  readonly configurations: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  readonly secrets: pulumi.Input<Readonly<Record<string, string>>>;
  readonly known: pulumi.Input<Readonly<Record<string, string>>>;
  /** Of an advance: the rules stay as the state has them, but for what the move changes. Taken out by `check`. */
  readonly keep?: Keep;
}

/**
 * Our rules in one phase of one zone, among everybody else's. Secrets and configuration ids are put in when the
 * rules are written, so that a preview shows every rule in full and no secret.
 */
export class PhaseRules extends pulumi.dynamic.Resource {
  declare readonly rulesetId: pulumi.Output<string>;
  declare readonly rings: pulumi.Output<Record<string, Fenced>>;
  declare readonly enforced: pulumi.Output<Record<string, string> | undefined>;
  declare readonly compiled: pulumi.Output<string | undefined>;
  declare readonly deletable: pulumi.Output<boolean>;
  declare readonly readBackAt: pulumi.Output<Record<string, string>>;
  declare readonly writtenAt: pulumi.Output<string>;

  constructor(name: string, args: PhaseRulesArgs, options: pulumi.CustomResourceOptions) {
    super(
      phaseRulesProvider as unknown as pulumi.dynamic.ResourceProvider,
      name,
      { ...args, revision: REVISION, rulesetId: undefined, readBackAt: undefined, writtenAt: undefined },
      { ...options, additionalSecretOutputs: ["secrets", "known"] },
      "keyturn",
      "PhaseRules",
    );
  }
}

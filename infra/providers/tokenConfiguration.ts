import * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import type { Api, ApiProblem, ApiSettings } from "./cloudflareApi.ts";
import { failure, maskSecrets, openApi, readApiSettings } from "./cloudflareApi.ts";
import { fence } from "./fence.ts";

/** A verification key as a reviewer sees it: public members only. */
export interface PublishedKey {
  readonly name: string;
  readonly kid: string;
  readonly alg: string;
  readonly kty: string;
  readonly state: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

/** Inputs as the provider's methods get them. */
interface Inputs {
  readonly zoneId: string;
  readonly ring: string;
  /** Mark in the description that says whose configuration this is. */
  readonly owner: string;
  readonly title: string;
  readonly description: string;
  readonly tokenSources: readonly string[];
  readonly keys: readonly PublishedKey[];
  /** `k` (RFC 7518 §6.4.1) of each symmetric key, by kid. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly keyLimit: number;
  readonly serial: number;
  readonly move: { readonly kind: string; readonly key: string };
  /** Kids that have ended in the ledger; no other key may go. */
  readonly ended: readonly string[];
  readonly deletable: boolean;
  readonly revision: number;
}

interface Outputs extends Inputs {
  readonly configurationId: string;
  /** When each kid was first read back, RFC 3339. */
  readonly readBackAt: Readonly<Record<string, string>>;
  /** When the key set was last written and read back. */
  readonly writtenAt: string;
  /** What a refresh found to differ; absent when nothing does. */
  readonly drift?: string;
}

interface RemoteKey {
  readonly kid?: string;
  readonly alg?: string;
  readonly kty?: string;
}

interface RemoteConfiguration {
  readonly id: string;
  readonly title?: string;
  readonly description?: string;
  readonly token_sources?: readonly string[];
  readonly credentials?: { readonly keys?: readonly RemoteKey[] };
}

/** Raise it when the provider's code must run again for resources whose inputs did not change. */
const REVISION = 1;

/** Writes that were answered and still do not show, before we say that Cloudflare dropped a key. */
const READ_BACK_ATTEMPTS = 3;

const INPUT_NAMES = [
  "zoneId",
  "ring",
  "owner",
  "title",
  "description",
  "tokenSources",
  "keys",
  "secrets",
  "keyLimit",
  "serial",
  "move",
  "ended",
  "deletable",
  "revision",
] as const;

/** The identity that must never change under a kid: algorithm, type and public material. `k` is never answered. */
function identity(key: RemoteKey & Partial<PublishedKey>): string {
  const { kid, alg, kty, crv, x, y, n, e } = key;
  return canonicalJson({ kid, alg, kty, crv, x, y, n, e });
}

/** A key set without its order. */
function keySet(keys: readonly RemoteKey[]): string {
  return canonicalJson(keys.map(identity).sort());
}

function names(keys: readonly RemoteKey[]): string {
  return keys.map((key) => `${key.kid} (${key.alg})`).join(", ") || "no key";
}

function secretsOf(...sources: (Partial<Inputs> | undefined)[]): string[] {
  return sources.flatMap((source) => Object.values(source?.secrets ?? {}));
}

function wire(keys: readonly PublishedKey[], secrets: Readonly<Record<string, string>>): object[] {
  return keys.map((key) => {
    const { kid, alg, kty, crv, x, y, n, e } = key;
    const k = secrets[kid];
    return { kid, alg, kty, crv, x, y, n, e, ...(k === undefined ? {} : { k }) };
  });
}

function base(inputs: { readonly zoneId: string }): string {
  return `/zones/${inputs.zoneId}/token_validation/config`;
}

async function readConfiguration(api: Api, inputs: { readonly zoneId: string }, id: string) {
  for (;;) {
    try {
      const answer = await api.call("get", `${base(inputs)}/${id}`);
      return { found: answer.result as RemoteConfiguration, at: answer.at };
    } catch (error) {
      const problem = error as ApiProblem;
      if (problem.status === 404) return undefined;
      await api.pause(problem);
    }
  }
}

async function listConfigurations(
  api: Api,
  inputs: { readonly zoneId: string },
): Promise<RemoteConfiguration[]> {
  const all: RemoteConfiguration[] = [];
  for (let page = 1; ; page += 1) {
    let batch: RemoteConfiguration[];
    try {
      batch = (await api.call("get", `${base(inputs)}?page=${page}&per_page=50`)).result;
    } catch (error) {
      await api.pause(error as ApiProblem);
      page -= 1;
      continue;
    }
    const fresh = batch.filter((entry) => !all.some((known) => known.id === entry.id));
    if (fresh.length === 0) return all;
    all.push(...fresh);
  }
}

/**
 * Brings the key set from `before` to `after`: read, write, read back. The actual set must be one of the two; a
 * lost answer is found out by the next read, and the stamp is that of the read.
 */
async function bringKeys(
  api: Api,
  inputs: Inputs,
  id: string,
  before: readonly PublishedKey[],
  restore: boolean,
  alreadyWritten = false,
): Promise<{ at: string; wrote: boolean }> {
  const wanted = keySet(inputs.keys);
  let wrote = alreadyWritten;
  let answered = 0;
  for (;;) {
    const actual = await readConfiguration(api, inputs, id);
    if (actual === undefined)
      throw failure(
        "CONFIGURATION_GONE",
        `token configuration ${id} of ring ${inputs.ring} does not exist any more: run \`pulumi refresh\`, then \`pulumi up\``,
      );
    const keys = actual.found.credentials?.keys ?? [];
    // Another secret under a known kid does not show: a restore writes what it cannot compare.
    const hidden = restore && !wrote && Object.keys(inputs.secrets).length > 0;
    if (keySet(keys) === wanted && !hidden) return { at: actual.at, wrote };
    if (answered >= READ_BACK_ATTEMPTS || (wrote && keySet(keys) !== keySet(before))) {
      throw failure(
        "READ_BACK_DIFFERS",
        `Cloudflare keeps ${names(keys)} of the keys sent for ring ${inputs.ring} (${names(inputs.keys)}): an unsupported key is dropped without an error. Compare its algorithm and size with what Cloudflare supports; \`keyturn abort ${inputs.ring}\` gives up a pending key`,
      );
    }
    if (!restore && keySet(keys) !== keySet(before)) throw drifted(inputs, keys, before);
    try {
      // A read may lag behind the write: the same set is written again some times, a second apart.
      if (answered > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      await writeKeys(api, inputs, id, hidden ? [] : keys);
      wrote = true;
      answered += 1;
    } catch (error) {
      await api.pause(error as ApiProblem);
    }
  }
}

function drifted(inputs: Inputs, actual: readonly RemoteKey[], before: readonly RemoteKey[]): Error {
  return failure(
    "DRIFT",
    `the token configuration of ring ${inputs.ring} holds ${names(actual)}; the state says ${names(before)}, this move wants ${names(inputs.keys)}. Nothing was written. A rotation or revocation that was cut short: run it again, from the definitions that were deployed then. An older state: import the newest. Somebody else: find out who; \`keyturn rotate ${inputs.ring} --restore\` writes the ledger's keys`,
  );
}

/** PATCH where keys only go, so that kept secrets are not sent again; PUT otherwise. */
async function writeKeys(api: Api, inputs: Inputs, id: string, actual: readonly RemoteKey[]): Promise<void> {
  const known = new Set(actual.map(identity));
  const onlyRemoves = inputs.keys.every((key) => known.has(identity(key)));
  const keys = onlyRemoves ? wire(inputs.keys, {}) : wire(inputs.keys, inputs.secrets);
  await api.call(onlyRemoves ? "patch" : "put", `${base(inputs)}/${id}/credentials`, { keys });
}

function stamps(inputs: Inputs, at: string, old: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(inputs.keys.map((key) => [key.kid, old[key.kid] ?? at]));
}

function body(inputs: Inputs): object {
  return { title: inputs.title, description: inputs.description, token_sources: inputs.tokenSources };
}

function checkKeys(olds: Partial<Inputs>, news: Inputs): { property: string; reason: string }[] {
  const failures: { property: string; reason: string }[] = [];
  // The engine prints the value of the named property, so it must be one that is not secret.
  const refuse = (reason: string) => failures.push({ property: "serial", reason });
  if (!Array.isArray(news.keys) || news.keys.some((key) => typeof key !== "object")) return failures;
  if (news.keys.length === 0)
    refuse(`EMPTY_KEY_SET: ring ${news.ring} would have no key and refuse every token. Nothing was written`);
  if (news.keys.length > news.keyLimit)
    refuse(
      `KEY_LIMIT: ring ${news.ring} would hold ${news.keys.length} keys, the limit is ${news.keyLimit}. Nothing was written`,
    );
  for (const old of Array.isArray(olds.keys) ? olds.keys : []) {
    const now = news.keys.find((key) => key.kid === old.kid && key.alg === old.alg);
    const otherSecret =
      olds.secrets?.[old.kid] !== undefined &&
      now !== undefined &&
      olds.secrets[old.kid] !== news.secrets?.[old.kid];
    if (now !== undefined && (identity(now) !== identity(old) || otherSecret)) {
      refuse(
        `OTHER_MATERIAL: key ${old.name} of ring ${news.ring} would get other material under its kid, and every live token would be refused. Its resource was replaced, tainted or taken out of the state. Nothing was written. Import the state that still has the key (\`pulumi stack history\`, \`pulumi stack export --version\`, \`pulumi stack import\`)`,
      );
    }
    if (now === undefined && !news.ended.includes(old.kid) && news.move?.kind !== "restore") {
      refuse(
        `KEY_IN_USE: key ${old.name} of ring ${news.ring} would go while its tokens may live. Nothing was written. \`keyturn rotate\` retires keys`,
      );
    }
  }
  return failures;
}

const tokenConfigurationProvider = {
  settings: undefined as ApiSettings | undefined,

  async configure(request: pulumi.dynamic.ConfigureRequest) {
    this.settings = readApiSettings(request.config);
  },

  async check(olds: Partial<Inputs>, news: Inputs) {
    const before = olds.serial === undefined ? undefined : { serial: olds.serial, move: olds.move };
    const failures = fence(news.ring, before, news, "serial");
    return { inputs: news, failures: failures.length > 0 ? failures : checkKeys(olds, news) };
  },

  async diff(_id: string, olds: Outputs, news: Inputs) {
    const changed = INPUT_NAMES.filter((name) => canonicalJson(olds[name]) !== canonicalJson(news[name]));
    return {
      changes: changed.length > 0 || olds.drift !== undefined,
      replaces: changed.includes("zoneId") ? ["zoneId"] : [],
    };
  },

  /** Lists first and takes over its own, since a run killed in the POST would leave a second one. */
  async create(inputs: Inputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(inputs));
    for (;;) {
      const all = await listConfigurations(api, inputs);
      const ring = inputs.owner.slice(inputs.owner.lastIndexOf(" "));
      const mine = all.filter((entry) => entry.description?.includes(`[${inputs.owner}]`));
      const foreign = all.find(
        (entry) =>
          !mine.includes(entry) &&
          entry.description?.includes("[keyturn ") &&
          entry.description.includes(`${ring}]`),
      );
      if (foreign) {
        throw failure(
          "OWNED_BY_ANOTHER_STACK",
          `zone ${inputs.zoneId} already has a token configuration ${foreign.id} for${ring} by another stack (${foreign.title}): two stacks must not share a ring in one zone`,
        );
      }
      if (mine.length > 1) {
        throw failure(
          "TWO_CONFIGURATIONS",
          `zone ${inputs.zoneId} has ${mine.length} token configurations of ring ${inputs.ring} (${mine.map((entry) => entry.id).join(", ")}): delete the one that no rule names`,
        );
      }
      const own = mine[0];
      if (own) {
        const { at } = await bringKeys(api, inputs, own.id, inputs.keys, inputs.move.kind === "restore");
        await api.call("patch", `${base(inputs)}/${own.id}`, body(inputs));
        return {
          id: own.id,
          outs: { ...inputs, configurationId: own.id, readBackAt: stamps(inputs, at, {}), writtenAt: at },
        };
      }
      try {
        const created = await api.call("post", base(inputs), {
          ...body(inputs),
          token_type: "JWT",
          credentials: { keys: wire(inputs.keys, inputs.secrets) },
        });
        const id: string = created.result.id;
        const { at } = await bringKeys(api, inputs, id, [], false, true);
        return {
          id,
          outs: { ...inputs, configurationId: id, readBackAt: stamps(inputs, at, {}), writtenAt: at },
        };
      } catch (error) {
        if (
          (error as ApiProblem).status === undefined &&
          (error as ApiProblem).retryAfterSeconds === undefined
        )
          throw error;
        await api.pause(error as ApiProblem);
      }
    }
  },

  async read(id: string, props: Outputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(props));
    const actual = await readConfiguration(api, props, id);
    if (actual === undefined) return {};
    const keys = actual.found.credentials?.keys ?? [];
    const { drift: _old, ...kept } = props;
    const found = [
      ...(keySet(keys) === keySet(props.keys) ? [] : [`keys are ${names(keys)}`]),
      ...(actual.found.title === props.title ? [] : ["title"]),
      ...(actual.found.description === props.description ? [] : ["description"]),
      ...(canonicalJson(actual.found.token_sources) === canonicalJson(props.tokenSources)
        ? []
        : ["token_sources"]),
    ];
    return { id, props: found.length === 0 ? kept : { ...kept, drift: found.join("; ") } };
  },

  async update(id: string, olds: Outputs, news: Inputs) {
    const api = await openApi(this.settings as ApiSettings, secretsOf(olds, news));
    const moved = news.serial !== olds.serial;
    const restore = moved && news.move.kind === "restore";
    // Without a move the key set must already be the wanted one: a plain `up` never moves a key.
    const before = moved ? olds.keys : news.keys;
    const { at, wrote } = await bringKeys(api, news, id, before, restore);
    const differs = canonicalJson(body(olds)) !== canonicalJson(body(news)) || olds.drift !== undefined;
    if (differs) await api.call("patch", `${base(news)}/${id}`, body(news));
    const changed = keySet(olds.keys) !== keySet(news.keys) || wrote;
    return {
      outs: {
        ...news,
        configurationId: id,
        readBackAt: stamps(news, at, restore ? {} : olds.readBackAt),
        writtenAt: changed ? at : olds.writtenAt,
      },
    };
  },

  async delete(id: string, props: Outputs) {
    if (!props.deletable) {
      throw failure(
        "NOT_DELETABLE",
        `the token configuration of ring ${props.ring} is in use: every token would be refused. To really remove it, set \`pulumi config set keyturn:deletable true\`, run \`pulumi up\`, then destroy`,
      );
    }
    const api = await openApi(this.settings as ApiSettings, secretsOf(props));
    for (;;) {
      try {
        await api.call("delete", `${base(props)}/${id}`);
        return;
      } catch (error) {
        if ((error as ApiProblem).status === 404) return;
        await api.pause(error as ApiProblem);
      }
    }
  },
};

export interface TokenConfigurationArgs {
  readonly zoneId: string;
  readonly ring: string;
  readonly owner: string;
  readonly title: string;
  readonly description: string;
  readonly tokenSources: readonly string[];
  readonly keys: pulumi.Input<readonly PublishedKey[]>;
  readonly secrets: pulumi.Input<Readonly<Record<string, string>>>;
  readonly keyLimit: number;
  readonly serial: number;
  readonly move: object;
  readonly ended: pulumi.Input<readonly string[]>;
  readonly deletable: boolean;
}

/**
 * One API Shield token configuration, whole: metadata by PATCH, keys by PUT or PATCH of its credentials, its id
 * constant for life. Reads the actual key set before each write, reads back after it, and only then reports.
 */
export class TokenConfiguration extends pulumi.dynamic.Resource {
  declare readonly configurationId: pulumi.Output<string>;
  declare readonly serial: pulumi.Output<number>;
  declare readonly readBackAt: pulumi.Output<Record<string, string>>;
  declare readonly writtenAt: pulumi.Output<string>;

  constructor(name: string, args: TokenConfigurationArgs, options: pulumi.CustomResourceOptions) {
    super(
      tokenConfigurationProvider as unknown as pulumi.dynamic.ResourceProvider,
      name,
      {
        ...args,
        revision: REVISION,
        configurationId: undefined,
        readBackAt: undefined,
        writtenAt: undefined,
      },
      { ...options, additionalSecretOutputs: ["secrets"] },
      "keyturn",
      "TokenConfiguration",
    );
  }
}

export { maskSecrets, tokenConfigurationProvider };

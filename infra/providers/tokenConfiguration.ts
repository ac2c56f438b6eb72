import * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import type { ApiProblem, ApiSettings } from "./cloudflareApi.ts";
import { failure, openApi, readApiSettings } from "./cloudflareApi.ts";
import { base, bringKeys, listConfigurations, readConfiguration, wire } from "./configurationApi.ts";
import { fence, writesOver } from "./fence.ts";
import {
  checkKeys,
  INPUT_NAMES,
  type Inputs,
  isOurDoing,
  keySet,
  names,
  type Outputs,
  type PublishedKey,
  type RemoteKey,
} from "./keySet.ts";

/** Raise it when the provider's code must run again for resources whose inputs did not change. */
const REVISION = 1;

function secretsOf(...sources: (Partial<Inputs> | undefined)[]): string[] {
  return sources.flatMap((source) => Object.values(source?.secrets ?? {}));
}

function stamps(inputs: Inputs, at: string, old: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(inputs.keys.map((key) => [key.kid, old[key.kid] ?? at]));
}

/** What an advance leaves as it is deployed, whatever this program would make of it. */
function metadata(olds: Partial<Inputs>): Partial<Inputs> {
  const { owner, title, description, tokenSources } = olds;
  if (owner === undefined || title === undefined || description === undefined || tokenSources === undefined)
    return {};
  return { owner, title, description, tokenSources };
}

function body(inputs: Inputs): object {
  return { title: inputs.title, description: inputs.description, token_sources: inputs.tokenSources };
}

export const tokenConfigurationProvider = {
  settings: undefined as ApiSettings | undefined,

  async configure(request: pulumi.dynamic.ConfigureRequest) {
    this.settings = readApiSettings(request.config);
  },

  async check(olds: Partial<Inputs>, { keep, ...given }: Inputs & { readonly keep?: true }) {
    const news = keep === true ? { ...given, ...metadata(olds) } : given;
    const { serial, move } = olds;
    const before = serial === undefined || move === undefined ? undefined : { serial, move };
    const failures = fence(news.ring, before, news, "serial");
    return {
      inputs: news,
      failures: failures.length > 0 ? failures : checkKeys(olds, news, writesOver(before, news)),
    };
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
        const same = (actual: readonly RemoteKey[]) => keySet(actual) === keySet(inputs.keys);
        const { at } = await bringKeys(api, inputs, own.id, same, writesOver(undefined, inputs));
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
        const { at } = await bringKeys(api, inputs, id, () => true, false, []);
        return {
          id,
          outs: { ...inputs, configurationId: id, readBackAt: stamps(inputs, at, {}), writtenAt: at },
        };
      } catch (error) {
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
    const over = writesOver(olds, news);
    // Without a move the key set must already be the wanted one: a plain `up` never moves a key.
    const isExpected = (actual: readonly RemoteKey[]) =>
      news.serial !== olds.serial && isOurDoing(actual, olds.keys, news);
    const { at, wrote } = await bringKeys(api, news, id, isExpected, over);
    const differs = canonicalJson(body(olds)) !== canonicalJson(body(news)) || olds.drift !== undefined;
    const patched = differs ? await api.call("patch", `${base(news)}/${id}`, body(news)) : undefined;
    const changed = keySet(olds.keys) !== keySet(news.keys) || wrote;
    return {
      outs: {
        ...news,
        configurationId: id,
        // A key that was missing, or may have been, is there since now: what was proved of it before is void.
        readBackAt: stamps(news, at, over || olds.drift !== undefined ? {} : olds.readBackAt),
        writtenAt: patched?.at ?? (changed ? at : olds.writtenAt),
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

export interface TokenConfigurationArgs
  extends Omit<Inputs, "revision" | "keys" | "secrets" | "known" | "ended"> {
  readonly keys: pulumi.Input<readonly PublishedKey[]>;
  readonly secrets: pulumi.Input<Readonly<Record<string, string>>>;
  readonly known: pulumi.Input<readonly PublishedKey[]>;
  readonly ended: pulumi.Input<readonly string[]>;
  /** Of an advance: all but the keys stays as the state has it. Taken out by `check`. */
  readonly keep?: true;
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

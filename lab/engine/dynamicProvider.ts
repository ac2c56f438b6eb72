import { createRequire } from "node:module";
import type { Properties, Provider, Surroundings } from "./provider.ts";

interface DynamicMethods {
  configure?(request: { config: { get(key: string): string | undefined } }): Promise<void>;
  check?(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs?: Properties; failures?: { property: string; reason: string }[] }>;
  diff?(id: string, olds: Properties, news: Properties): Promise<{ changes?: boolean; replaces?: string[] }>;
  create(inputs: Properties): Promise<{ id: string; outs?: Properties }>;
  update?(id: string, olds: Properties, news: Properties): Promise<{ outs?: Properties }>;
  read?(id: string, props: Properties): Promise<{ id?: string; props?: Properties; inputs?: Properties }>;
  delete?(id: string, props: Properties): Promise<void>;
}

const PROVIDER_KEY = "__provider";

const require = createRequire(import.meta.url);

/**
 * Runs a dynamic resource's own serialized code, as Pulumi's dynamic provider process does: the text becomes a
 * CommonJS module, its `handler()` gives the provider, `configure` runs once. `fetch`, `setTimeout` and
 * `process.env` are ours, so that neither network nor clock is touched.
 */
export class DynamicProviders {
  readonly #cache = new Map<string, Promise<DynamicMethods>>();
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The provider for a resource with these properties; its code stands in `__provider`. */
  for(properties: Properties): Provider {
    const text = String(properties[PROVIDER_KEY]);
    const methods = () => this.#load(text);
    const withCode = (result: Properties | undefined) => ({ ...result, [PROVIDER_KEY]: text });
    return {
      check: async (olds, news) => {
        const answer = await (await methods()).check?.(olds, news);
        return { inputs: withCode(answer?.inputs ?? news), failures: answer?.failures ?? [] };
      },
      diff: async (id, olds, news) => {
        const answer = await (await methods()).diff?.(id, olds, news);
        return { changes: answer?.changes ?? true, replaces: answer?.replaces ?? [] };
      },
      create: async (news) => {
        const answer = await (await methods()).create(news);
        return { id: answer.id, outputs: withCode(answer.outs) };
      },
      update: async (id, olds, news) => {
        const answer = await (await methods()).update?.(id, olds, news);
        return { outputs: withCode(answer?.outs) };
      },
      read: async (id, props) => {
        const provider = await methods();
        if (!provider.read) return { id, properties: props };
        const answer = await provider.read(id, props);
        if (!answer.id) return undefined;
        const inputs = answer.inputs === undefined ? {} : { inputs: withCode(answer.inputs) };
        return { id: answer.id, properties: withCode(answer.props), ...inputs };
      },
      delete: async (id, props) => {
        await (await methods()).delete?.(id, props);
      },
    };
  }

  #load(text: string): Promise<DynamicMethods> {
    let loaded = this.#cache.get(text);
    if (loaded === undefined) {
      loaded = this.#evaluate(text);
      this.#cache.set(text, loaded);
    }
    return loaded;
  }

  async #evaluate(text: string): Promise<DynamicMethods> {
    const { fetch, sleep, config, environment } = this.#around;
    const module: { exports: { handler?: () => DynamicMethods } } = { exports: {} };
    const timer = (run: () => void, milliseconds: number) => void sleep(milliseconds).then(run);
    const process = { env: environment };
    const names = ["exports", "require", "module", "fetch", "setTimeout", "process"];
    // `Function` and not `vm`: only there does `import()` in the code find packages without an experimental flag.
    const run = new Function(...names, text);
    run(module.exports, require, module, fetch, timer, process);
    const methods = module.exports.handler?.();
    if (methods === undefined) throw new Error("serialized provider has no handler");
    await methods.configure?.({ config: { get: (key) => config[key] } });
    return methods;
  }
}

import { isDeepStrictEqual } from "node:util";
import type { RunResult } from "../../scripts/engine/engine.ts";
import { describeChange } from "./changes.ts";
import type { Properties } from "./provider.ts";
import type { FoundProvider } from "./providers.ts";
import type { Registered, Registration } from "./registration.ts";
import { globToRegExp, recordOf, urnOf } from "./registration.ts";
import { annotate, containsUnknown, plain, unknown } from "./secrets.ts";
import type { StoredResource, StoredState } from "./store.ts";

export interface UpdateOptions {
  readonly stack: string;
  readonly project: string;
  readonly preview: boolean;
  readonly state: StoredState;
  /** Called after each step, so that a killed run leaves what it had done. */
  readonly save: (state: StoredState) => void;
  readonly provider: (type: string, inputs: Properties) => FoundProvider;
  /** Globs over URNs; absent: every resource. */
  readonly targets?: readonly string[];
}

type Step = "same" | "create" | "update" | "replace" | "delete";

const STACK_TYPE = "pulumi:pulumi:Stack";

/**
 * One preview or update, with the engine's rules: a failed resource does not stop the program, but every output
 * that depends on it is lost, and with one of them all stack outputs stay as they were. Nothing is begun after a
 * failure, deletes come last and not at all after one, and the state is saved after every step. Each rule was seen
 * on the engine, v3.259.
 */
export class Update {
  readonly #options: UpdateOptions;
  #state: StoredState;
  readonly #seen = new Set<string>();
  readonly #counts: Record<string, number> = {};
  readonly #diagnostics: string[] = [];
  readonly #diff: string[] = [];
  #outputs: Readonly<Record<string, unknown>> | undefined;
  #failed = false;

  constructor(options: UpdateOptions) {
    this.#options = options;
    this.#state = options.state;
    for (const urn of options.state.pending) {
      this.#diagnostics.push(
        `a run ended while it created ${urn}; the object may exist without being in the state`,
      );
    }
    this.#state = { ...this.#state, pending: [] };
  }

  /** Carries one registration to its provider. */
  async register(registration: Registration): Promise<Registered> {
    const urn = urnOf(this.#options.stack, this.#options.project, registration);
    if (this.#seen.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.#seen.add(urn);
    if (!registration.custom) return this.#component(urn, registration);
    // After a failure the engine takes no new work; what was not begun by then stays as it was.
    if (this.#failed) return { ok: false, urn };
    const old = this.#find(urn);
    if (!this.#isTarget(urn)) return this.#untargeted(urn, old, registration.inputs);
    try {
      return await this.#custom(urn, registration, old);
    } catch (error) {
      this.#fail(urn, (error as Error).message);
      return { ok: false, urn };
    }
  }

  registerOutputs(urn: string, outputs: Readonly<Record<string, unknown>>): void {
    if (urn.split("::")[2] === STACK_TYPE) this.#outputs = outputs;
  }

  /**
   * Ends the run after the program: outputs, then deletes.
   *
   * @param strays rejections that nobody handled: without another failure the run fails by them, with new outputs
   */
  async finish(problem: string | undefined, strays: readonly string[] = []): Promise<RunResult> {
    if (problem !== undefined && !this.#failed) this.#diagnostics.push(problem);
    if (problem !== undefined) this.#failed = true;
    else if (!this.#options.preview) this.#commit({ ...this.#state, outputs: this.#finalOutputs() });
    if (strays.length > 0 && !this.#failed) {
      this.#diagnostics.push(...strays);
      this.#failed = true;
    }
    if (!this.#failed) await this.#deleteUnseen();
    return this.#result();
  }

  /** What changed, a line for each, without secrets. */
  diff(): readonly string[] {
    return this.#diff;
  }

  async refresh(): Promise<RunResult> {
    for (const entry of this.#state.resources.filter((candidate) => candidate.custom)) {
      try {
        await this.#refreshOne(entry);
      } catch (error) {
        this.#fail(entry.urn, (error as Error).message);
      }
    }
    return this.#result();
  }

  async destroy(): Promise<RunResult> {
    await this.#deleteUnseen();
    if (!this.#failed) this.#commit({ ...this.#state, outputs: {} });
    return this.#result();
  }

  /** After a failure that no export depends on, the new outputs are written over the old ones. */
  #finalOutputs(): Readonly<Record<string, unknown>> {
    return this.#failed ? { ...this.#state.outputs, ...this.#outputs } : (this.#outputs ?? {});
  }

  #component(urn: string, registration: Registration): Registered {
    const { type, parent, inputs, dependencies } = registration;
    this.#put({
      urn,
      type,
      custom: false,
      ...(parent === "" ? {} : { parent }),
      inputs,
      outputs: inputs,
      dependencies,
    });
    this.#count(this.#options.state.resources.some((entry) => entry.urn === urn) ? "same" : "create", type);
    return { ok: true, urn, id: "", outputs: inputs };
  }

  async #custom(
    urn: string,
    registration: Registration,
    old: StoredResource | undefined,
  ): Promise<Registered> {
    const { provider, secretOutputs } = this.#options.provider(registration.type, plain(registration.inputs));
    const secrets = [...secretOutputs, ...registration.additionalSecretOutputs];
    const { inputs: news, failures } = await provider.check(
      old ? plain(old.inputs) : {},
      plain(registration.inputs),
    );
    if (failures.length > 0) {
      throw new Error(
        failures.map((failure) => `${failure.property ?? ""}: ${failure.reason ?? ""}`).join("; "),
      );
    }
    const step = await this.#decide(provider, old, news);
    if (step === "replace" && old?.protect) {
      throw new Error(`unable to replace resource "${urn}" as it is currently marked for protection`);
    }
    this.#count(step, registration.type);
    // What the provider's check makes of the inputs goes on, with the secrets marked as they were.
    const inputs = annotate(news, registration.inputs, []);
    this.#diff.push(...describeChange(step, urn, old?.inputs ?? {}, inputs));
    const keep = (id: string, outputs: Properties): Registered => {
      const annotated = annotate(outputs, inputs, secrets);
      this.#put({ ...recordOf(urn, registration), inputs, id, outputs: annotated });
      return { ok: true, urn, id, outputs: annotated };
    };
    if (step === "same" && old) return keep(old.id ?? "", plain(old.outputs));
    if (this.#options.preview) return this.#previewed(urn, inputs, step === "update" ? (old?.id ?? "") : "");
    if (step === "update" && old) {
      const { outputs } = await provider.update(old.id ?? "", plain(old.outputs), news);
      return keep(old.id ?? "", outputs);
    }
    this.#commit({ ...this.#state, pending: [...this.#state.pending, urn] });
    try {
      const { id, outputs } = await provider.create(news);
      if (old) this.#put({ ...old, delete: true }, `${urn} (old)`);
      return keep(id, outputs);
    } finally {
      this.#commit({ ...this.#state, pending: this.#state.pending.filter((entry) => entry !== urn) });
    }
  }

  async #decide(
    provider: FoundProvider["provider"],
    old: StoredResource | undefined,
    news: Properties,
  ): Promise<Step> {
    if (old === undefined) return "create";
    if (old.taint) return "replace";
    if (containsUnknown(news)) return "update";
    const { changes, replaces } = await provider.diff(old.id ?? "", plain(old.outputs), news);
    if (replaces.length > 0) return "replace";
    return changes ? "update" : "same";
  }

  /** In a preview only inputs are known; whatever else a resource answers is not. */
  #previewed(urn: string, inputs: Properties, id: string): Registered {
    return { ok: true, urn, id: id === "" ? unknown : id, outputs: inputs };
  }

  #isTarget(urn: string): boolean {
    const { targets } = this.#options;
    return targets === undefined || targets.some((target) => globToRegExp(target).test(urn));
  }

  /** Untargeted: as it was, without a call; a new one is skipped and what depends on it is unknown. */
  #untargeted(
    urn: string,
    old: StoredResource | undefined,
    inputs: Readonly<Record<string, unknown>>,
  ): Registered {
    if (old) {
      this.#count("same", old.type);
      return { ok: true, urn, id: old.id ?? "", outputs: old.outputs };
    }
    return { ok: true, urn, id: unknown, outputs: inputs, unknown: true };
  }

  async #deleteUnseen(): Promise<void> {
    for (const entry of [...this.#state.resources].reverse()) {
      const gone = entry.delete === true || !this.#seen.has(entry.urn);
      if (gone && entry.protect && !this.#options.preview) {
        this.#fail(entry.urn, `resource "${entry.urn}" cannot be deleted because it is protected`);
        return;
      }
      if (!gone || (this.#options.targets !== undefined && !this.#isTarget(entry.urn))) continue;
      this.#count("delete", entry.type);
      this.#diff.push(...describeChange("delete", entry.urn, entry.inputs, {}));
      if (this.#options.preview) continue;
      try {
        if (entry.custom) {
          const properties = plain(entry.outputs);
          const { provider } = this.#options.provider(entry.type, properties);
          await provider.delete(entry.id ?? "", properties);
        }
        this.#commit({ ...this.#state, resources: this.#state.resources.filter((other) => other !== entry) });
      } catch (error) {
        this.#fail(entry.urn, (error as Error).message);
        return;
      }
    }
  }

  async #refreshOne(entry: StoredResource): Promise<void> {
    const properties = plain(entry.outputs);
    const { provider, secretOutputs } = this.#options.provider(entry.type, properties);
    const found = await provider.read(entry.id ?? "", properties);
    if (found === undefined) {
      this.#count("delete", entry.type);
      this.#commit({ ...this.#state, resources: this.#state.resources.filter((other) => other !== entry) });
      return;
    }
    const same = JSON.stringify(found.properties) === JSON.stringify(properties);
    this.#count(same ? "same" : "update", entry.type);
    const kept = Object.keys(entry.outputs).filter(
      (name) => (entry.outputs[name] as { value?: unknown } | null)?.value !== undefined,
    );
    this.#put({ ...entry, outputs: annotate(found.properties, entry.outputs, [...secretOutputs, ...kept]) });
  }

  #find(urn: string): StoredResource | undefined {
    return this.#state.resources.find((entry) => entry.urn === urn && entry.delete !== true);
  }

  #put(entry: StoredResource, urn: string = entry.urn): void {
    if (this.#options.preview) return;
    const index = this.#state.resources.findIndex((other) => other.urn === urn && other.delete !== true);
    // Sealing and writing the whole state for what stays as it was would be most of a run's time.
    if (index >= 0 && isDeepStrictEqual(this.#state.resources[index], entry)) return;
    const resources = [...this.#state.resources];
    if (JSON.stringify(resources[index]) === JSON.stringify(entry)) return;
    if (entry.delete === true) {
      const replaced = resources.findIndex((other) => other.urn === entry.urn && other.delete !== true);
      resources[replaced] = entry;
    } else if (index >= 0) resources[index] = entry;
    else resources.push(entry);
    this.#commit({ ...this.#state, resources });
  }

  #commit(state: StoredState): void {
    this.#state = state;
    if (!this.#options.preview) this.#options.save(state);
  }

  #fail(urn: string, message: string): void {
    this.#failed = true;
    this.#diagnostics.push(`${urn.split("::").at(-1)}: ${message}`);
  }

  #count(step: Step, type: string): void {
    if (type === STACK_TYPE) return;
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
  }

  #result(): RunResult {
    return { ok: !this.#failed, changes: this.#counts, diagnostics: this.#diagnostics };
  }
}

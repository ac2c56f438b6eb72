import * as pulumi from "@pulumi/pulumi";
import type { Advance } from "../../model/ring/advance.ts";
import { ADVANCE_VARIABLE } from "../../model/ring/advance.ts";
import type { Engine, LockHolder, RunResult, StateResource } from "../../scripts/engine/engine.ts";
import { DynamicProviders } from "./dynamicProvider.ts";
import { attachMonitor } from "./monitor.ts";
import type { Surroundings } from "./provider.ts";
import { providerFor } from "./providers.ts";
import { Scheduler } from "./scheduler.ts";
import { containsUnknown, isSecret, plain, seal } from "./secrets.ts";
import type { StateStore, StoredState } from "./store.ts";
import { emptyState, openState } from "./store.ts";
import { Update } from "./update.ts";

export interface RunnerOptions {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly store: StateStore;
  readonly passphrase: string;
  /** Stack configuration by full name, as strings; objects as JSON. */
  readonly config: Readonly<Record<string, string>>;
  /** Folder with the definitions. */
  readonly rules: string;
  readonly around: Omit<Surroundings, "config">;
  /** Seeded, in [0, 1): the order of independent resources. */
  readonly order: () => number;
  /** Imports the program and answers its exports; another checkout's program, in tests. */
  readonly program: () => Promise<Readonly<Record<string, unknown>>>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Environment variables the program reads; they are set around each run and nowhere else. */
const RULES_VARIABLE = "KEYTURN_RULES";

/**
 * Deploys the program in this process: under Pulumi's mock monitor, with a state that survives the run. What the
 * engine does at a failure is done here too: see `Update`.
 */
export class Runner implements Engine {
  readonly stack: string;
  readonly #options: RunnerOptions;
  readonly #dynamic: DynamicProviders;
  /** Changes of the last run, each as a line without secrets. */
  #lastDiff: readonly string[] = [];
  /** The state that was read last, unsealed, so that each question does not decrypt it again. */
  #opened: { readonly text: string; readonly state: StoredState } | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.stack = `${options.organization}/${options.project}/${options.stack}`;
    this.#dynamic = new DynamicProviders({ ...options.around, config: options.config });
  }

  preview(): Promise<RunResult> {
    return this.#run({ preview: true });
  }

  async up(options: { advance?: Advance; targets?: readonly string[] } = {}): Promise<RunResult> {
    return this.#locked(() => this.#run({ preview: false, ...options }));
  }

  /** Reads every resource back from its provider, as `pulumi refresh` does. */
  async refresh(): Promise<RunResult> {
    return this.#locked(async () => {
      const update = this.#update(false);
      return update.refresh();
    });
  }

  /** Deletes every resource, last first, as `pulumi destroy` does. */
  async destroy(): Promise<RunResult> {
    return this.#locked(async () => this.#update(false).destroy());
  }

  /** Marks resources whose URN ends in `name` for replacement, as `pulumi state taint` does. */
  taint(name: string): void {
    const state = this.state();
    this.save({
      ...state,
      resources: state.resources.map((entry) =>
        entry.urn.endsWith(`::${name}`) ? { ...entry, taint: true } : entry,
      ),
    });
  }

  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    return plain(this.state().outputs) as Record<string, unknown>;
  }

  async resources(): Promise<readonly StateResource[]> {
    const shown = (values: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(values).filter(([, value]) => !isSecret(value)));
    return this.state().resources.map(({ urn, type, id, inputs, outputs }) => ({
      urn,
      type,
      id,
      inputs: shown(inputs),
      outputs: shown(outputs),
    }));
  }

  async config(): Promise<Readonly<Record<string, unknown>>> {
    return Object.fromEntries(
      Object.entries(this.#options.config).map(([name, text]) => [name, parsed(text)]),
    );
  }

  async lock(): Promise<LockHolder | undefined> {
    return this.#options.store.lock();
  }

  async cancel(): Promise<void> {
    this.#options.store.setLock(undefined);
  }

  /** What a preview or update printed about changes; no secret stands in it. */
  diff(): readonly string[] {
    return this.#lastDiff;
  }

  state(): StoredState {
    const text = this.#options.store.load();
    if (text === undefined) return emptyState;
    if (this.#opened?.text !== text) {
      this.#opened = { text, state: openState(text, this.#options.passphrase) };
    }
    return this.#opened.state;
  }

  save(state: StoredState): void {
    this.#options.store.save(JSON.stringify(seal(state, this.#options.passphrase)));
  }

  #update(preview: boolean, targets?: readonly string[]): Update {
    return new Update({
      stack: this.#options.stack,
      project: this.#options.project,
      preview,
      state: this.state(),
      save: (state) => this.save(state),
      provider: (type, inputs) =>
        providerFor(type, inputs, this.#dynamic, { ...this.#options.around, config: this.#options.config }),
      ...(targets === undefined ? {} : { targets }),
    });
  }

  async #run(options: {
    preview: boolean;
    advance?: Advance;
    targets?: readonly string[];
  }): Promise<RunResult> {
    const { organization, project, stack } = this.#options;
    const update = this.#update(options.preview, options.targets);
    const scheduler = new Scheduler(this.#options.order);
    const before = knownOnly(plain(this.state().outputs) as Record<string, unknown>);
    await attachMonitor(
      { organization, project, stack, preview: options.preview },
      {
        register: (registration) => scheduler.run(() => update.register(registration)),
        registerOutputs: (urn, outputs) => update.registerOutputs(urn, outputs),
        lastOutputs: () => before,
      },
    );
    pulumi.runtime.setAllConfig({ ...this.#options.config });
    const restore = setEnvironment({
      [ADVANCE_VARIABLE]: options.advance === undefined ? undefined : JSON.stringify(options.advance),
      [RULES_VARIABLE]: this.#options.rules,
    });
    const restoreTraces = withoutStackTraces();
    const strays = catchStrays();
    let problem: string | undefined;
    try {
      await pulumi.runtime.runInPulumiStack(async () => outputsOf(await this.#options.program()));
    } catch (error) {
      problem = (error as Error).message;
    }
    // What was registered before the program ended still goes on, a failed one's too.
    await pulumi.runtime.disconnect().catch(() => undefined);
    restore();
    restoreTraces();
    const result = await update.finish(problem, await strays());
    this.#lastDiff = update.diff();
    return result;
  }

  async #locked(run: () => Promise<RunResult>): Promise<RunResult> {
    const { store, now } = this.#options;
    const holder = store.lock();
    if (holder !== undefined) {
      const text = `STACK_LOCKED: the stack is currently locked by 1 lock(s): ${holder.who}, since ${holder.since}. If that run is dead: \`keyturn rotate --cancel-lock\``;
      return { ok: false, changes: {}, diagnostics: [text] };
    }
    store.setLock({ who: "in-process runner", since: new Date(now()).toISOString() });
    const result = await run();
    store.setLock(undefined);
    return result;
  }
}

/** What a program exports are its outputs, or its default export is them all, as the language host has it. */
function outputsOf(exported: Readonly<Record<string, unknown>>): unknown {
  return "default" in exported ? exported.default : { ...exported };
}

/**
 * Collects rejections that nobody handles, as the language host does: once a resource fails, the SDK rejects
 * whatever depends on it, and without a listener the first of these would end the process.
 *
 * @returns stops collecting and answers the messages
 */
function catchStrays(): () => Promise<readonly string[]> {
  const others = process.listeners("unhandledRejection");
  const messages: string[] = [];
  const note = (reason: unknown) =>
    void messages.push(reason instanceof Error ? reason.message : String(reason));
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", note);
  return async () => {
    // Node reports a rejection only after the turn in which it happened.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("unhandledRejection", note);
    for (const listener of others) process.on("unhandledRejection", listener);
    return messages;
  };
}

/** The SDK takes a stack trace for every promise; nobody reads them here, and they take a tenth of a run. */
function withoutStackTraces(): () => void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
  };
}

/** The engine leaves out an output whose value it does not know. */
function knownOnly(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => !containsUnknown(value)));
}

function setEnvironment(values: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  const set = (wanted: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(wanted)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(values);
  return () => set(before);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

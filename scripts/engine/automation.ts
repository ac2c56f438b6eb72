import { type ConfigMap, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { Advance } from "../../model/ring/advance.ts";
import { ADVANCE_VARIABLE } from "../../model/ring/advance.ts";
import { CommandError } from "../cli/errors.ts";
import { secretsIn } from "../cli/mask.ts";
import { Diagnostics } from "./automationDiagnostics.ts";
import { lockFromError, readFileLock } from "./automationLock.ts";
import { type ExportedDeployment, shownResources } from "./automationState.ts";
import { cliFailure, knownFailure } from "./cliFailure.ts";
import { type Engine, type LockHolder, lockedMessage, type RunResult, type StateResource } from "./engine.ts";

export interface AutomationOptions {
  /** Folder of `Pulumi.yaml`. */
  readonly workDir: string;
  /** `stack`, or `organization/stack` where the backend has organizations. */
  readonly stack: string;
  /** Added to this process's environment for every call of the CLI. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Make the stack where it does not exist; otherwise that is an error. */
  readonly create?: boolean;
}

/** Backends without organizations call theirs so. */
const NO_ORGANIZATION = "organization";

/**
 * The `pulumi` CLI on PATH, driven by the Automation API: the same program, state and locks as when a person types
 * `pulumi up`. What the CLI says is masked and shortened before anyone sees it.
 */
export class AutomationEngine implements Engine {
  readonly stack: string;
  readonly #stack: Stack;
  readonly #backend: string;
  /** What the last refused run said of the lock, for backends that have no other way to tell. */
  #lastLock: LockHolder | undefined;
  #config: Promise<ConfigMap> | undefined;
  /** Secrets that this process has read: what a run says is masked by them. */
  readonly #secrets = new Set<string>();

  private constructor(stack: Stack, fullName: string, backend: string) {
    this.#stack = stack;
    this.stack = fullName;
    this.#backend = backend;
  }

  /**
   * Opens a stack.
   *
   * @throws `CommandError` that names what is missing: the CLI, a login, the stack (unless `create` is set)
   */
  static async open(options: AutomationOptions): Promise<AutomationEngine> {
    return AutomationEngine.#open(options).catch((error: unknown) => {
      throw cliFailure(error, `stack ${options.stack}`);
    });
  }

  /** The stack that `pulumi stack select` chose last for a folder. Throws `CommandError` as `open` does. */
  static async selected(workDir: string): Promise<string> {
    const selected = await LocalWorkspace.create({ workDir })
      .then((workspace) => workspace.stack())
      .catch((error: unknown) => {
        throw cliFailure(error, "the selected stack");
      });
    if (selected === undefined)
      throw new CommandError("STACK_NOT_SELECTED", "no stack is named and none is selected");
    return selected.name;
  }

  static async #open(options: AutomationOptions): Promise<AutomationEngine> {
    const { workDir, stack: stackName } = options;
    const envVars = { ...options.environment };
    const stack = options.create
      ? await LocalWorkspace.createOrSelectStack({ stackName, workDir }, { envVars })
      : await LocalWorkspace.selectStack({ stackName, workDir }, { envVars });
    const { name: project } = await stack.workspace.projectSettings();
    const who = await stack.workspace.whoAmI();
    const backend = who.url ?? "";
    const parts = stackName.split("/");
    const own = /^https?:/.test(backend) ? who.user : NO_ORGANIZATION;
    const organization = parts.length > 1 ? (parts[0] ?? own) : own;
    return new AutomationEngine(stack, `${organization}/${project}/${parts.at(-1)}`, backend);
  }

  up(options: { readonly advance?: Advance; readonly targets?: readonly string[] } = {}): Promise<RunResult> {
    return this.#run(options.advance, async (diagnostics) => {
      const onEvent = diagnostics.onEvent;
      const target = options.targets === undefined ? {} : { target: [...options.targets] };
      const { summary } = await this.#stack.up({ onEvent, color: "never", ...target });
      return summary.resourceChanges ?? {};
    });
  }

  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const outputs = await this.#ask((stack) => stack.outputs());
    this.#learn(Object.values(outputs));
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  async resources(): Promise<readonly StateResource[]> {
    const { deployment } = await this.#ask((stack) => stack.exportStack());
    return shownResources(deployment as ExportedDeployment);
  }

  async config(): Promise<Readonly<Record<string, unknown>>> {
    const values = await this.#configuration();
    const plain = Object.entries(values).filter(([, entry]) => entry.secret !== true);
    return Object.fromEntries(plain.map(([name, { value }]) => [name, parsed(value)]));
  }

  /** One value of the stack configuration, secret or not, for a call that needs it; never shown. */
  async secretConfig(name: string): Promise<string | undefined> {
    return (await this.#configuration())[name]?.value;
  }

  async lock(): Promise<LockHolder | undefined> {
    return this.#showsLocks() ? readFileLock(this.#backend, this.stack) : this.#lastLock;
  }

  async lastSaved(): Promise<string | undefined> {
    const { deployment } = await this.#ask((stack) => stack.exportStack());
    return (deployment as ExportedDeployment).manifest?.time;
  }

  /** Only a folder lets us see a lock before we meet it, and so tell how old it is. */
  #showsLocks(): boolean {
    return this.#backend.startsWith("file://");
  }

  #lockedText(holder: LockHolder): string {
    if (this.#showsLocks()) return `STACK_LOCKED: ${lockedMessage(holder)}`;
    return `STACK_LOCKED: ${holder.who} has held the stack's lock since ${holder.since}. If that run is dead, \`pulumi cancel --stack ${this.stack}\` frees it; wait two minutes after its last sign of life, since what it began may still be written`;
  }

  /** Why a run failed: a lock, something that it lacks, or what the engine reported. */
  #said(text: string, diagnostics: Diagnostics): readonly string[] {
    if (this.#lastLock !== undefined) return [this.#lockedText(this.#lastLock)];
    const known = knownFailure(text, `stack ${this.stack}`);
    return known === undefined
      ? diagnostics.messages(text)
      : [`${known.code}: ${known.message}. ${known.hint}`];
  }

  async cancel(): Promise<void> {
    await this.#ask((stack) => stack.cancel());
    this.#lastLock = undefined;
  }

  /** Read once: it stands in a file of this checkout, and each reading starts the CLI. */
  #configuration(): Promise<ConfigMap> {
    this.#config ??= this.#ask((stack) => stack.getAllConfig()).then((config) => {
      this.#learn(Object.values(config));
      return config;
    });
    return this.#config;
  }

  #learn(values: readonly { readonly value: unknown; readonly secret?: boolean }[]): void {
    for (const { value, secret } of values)
      if (secret) for (const text of secretsIn(value)) this.#secrets.add(text);
  }

  /** A call that is no update: it has no result of its own to fail in. Throws `CommandError`. */
  async #ask<Answer>(call: (stack: Stack) => Promise<Answer>): Promise<Answer> {
    try {
      return await call(this.#stack);
    } catch (error) {
      throw cliFailure(error, `stack ${this.stack}`);
    }
  }

  async #run(
    advance: Advance | undefined,
    run: (diagnostics: Diagnostics) => Promise<Readonly<Record<string, number>>>,
  ): Promise<RunResult> {
    // Empty means none: a variable of this process must not reach a run that was not given it.
    this.#stack.workspace.envVars[ADVANCE_VARIABLE] = advance === undefined ? "" : JSON.stringify(advance);
    const diagnostics = new Diagnostics([...this.#secrets]);
    try {
      const changes = await run(diagnostics);
      this.#lastLock = undefined;
      return { ok: true, changes, diagnostics: diagnostics.messages() };
    } catch (error) {
      const text = (error as Error).message;
      this.#lastLock = lockFromError(text);
      return { ok: false, changes: diagnostics.changes(), diagnostics: this.#said(text, diagnostics) };
    } finally {
      this.#stack.workspace.envVars[ADVANCE_VARIABLE] = "";
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

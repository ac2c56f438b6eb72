import type { Advance } from "../../model/ring/advance.ts";

/** A resource as the stack's state has it; secrets stay encrypted and are left out. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface RunResult {
  readonly ok: boolean;
  /** Number of resources by what happened to them: `same`, `create`, `update`, `replace`, `delete`. */
  readonly changes: Readonly<Record<string, number>>;
  /** What a person must read, without secrets. */
  readonly diagnostics: readonly string[];
}

/** What stops a run before it begins. */
export interface LockHolder {
  readonly who: string;
  /** RFC 3339. */
  readonly since: string;
}

/** What a run is told that came while another one held the lock. */
export function lockedMessage({ who, since }: LockHolder): string {
  return `${who} has held the stack's lock since ${since}. If that run is dead, \`keyturn rotate --cancel-lock\` frees it`;
}

/**
 * The two ways to deploy, as the commands see them: the `pulumi` CLI through the Automation API, and the program
 * under Pulumi's mock monitor in this process.
 */
export interface Engine {
  /** `organization/project/stack`. */
  readonly stack: string;
  up(options: { readonly advance?: Advance; readonly targets?: readonly string[] }): Promise<RunResult>;
  /** The outputs of the last successful update, secrets in plain. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  resources(): Promise<readonly StateResource[]>;
  /** Stack configuration, plain values only, by full name. */
  config(): Promise<Readonly<Record<string, unknown>>>;
  lock(): Promise<LockHolder | undefined>;
  /** When the state was last written, RFC 3339: a run writes it before and after each of its operations. */
  lastSaved?(): Promise<string | undefined>;
  /** Frees a lock that a dead run left (`pulumi cancel`). */
  cancel(): Promise<void>;
}

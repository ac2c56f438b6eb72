/**
 * Exit codes of every command: those of Pulumi's CLI, so that one CI script can judge both.
 * Source: pulumi/pulumi, sdk/go/common/util/cmdutil (seen November 2026).
 */
export const exitCodes = {
  ok: 0,
  error: 1,
  configuration: 2,
  authentication: 3,
  resource: 4,
  policy: 5,
  stackNotFound: 6,
  noChanges: 7,
  cancelled: 8,
  timeout: 9,
  internal: 255,
} as const;

export type ExitName = keyof typeof exitCodes;
export type ExitCode = (typeof exitCodes)[ExitName];

/** What a code means, how to mend it, and the exit code of a command that ends with it. */
export interface CodeRow {
  readonly exit: ExitName;
  readonly meaning: string;
  readonly remedy: string;
}

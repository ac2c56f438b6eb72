/** Version of the JSON envelope; raised when a member changes its meaning or goes away. */
export const envelopeVersion = 1;

/**
 * The answer of a command under `--json`: one line-wrapped JSON document on stdout,
 * `{version, command, ok, data}`; see `failureEnvelope` for failures.
 */
export function successEnvelope(command: string, data: unknown, ok = true): string {
  return print({ version: envelopeVersion, command, ok, data });
}

/** The same for a command that could not do its work: `{version, command, ok: false, error}`. */
export function failureEnvelope(command: string, error: unknown): string {
  return print({ version: envelopeVersion, command, ok: false, error });
}

function print(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

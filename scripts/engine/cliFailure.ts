import { stripVTControlCharacters } from "node:util";
import { type CommandCode, CommandError } from "../cli/errors.ts";
import { maskSecrets } from "../cli/mask.ts";

/** What a failed call of the `pulumi` CLI says, and which of our codes that is. The first row that fits holds. */
interface Row {
  readonly code: CommandCode;
  readonly says: RegExp;
  readonly message: (found: RegExpExecArray, stack: string) => string;
}

/**
 * Texts of the CLI and of the Automation API 3.270 (asOf 2026-11): pulumi/pulumi, `pkg/secrets/passphrase`,
 * `pkg/backend/httpstate`, `pkg/cmd/pulumi`, and `sdk/nodejs/automation/cmd.ts`.
 */
const ROWS: readonly Row[] = [
  {
    code: "CLI_MISSING",
    says: /\bENOENT: pulumi\b|\bspawn pulumi ENOENT\b/,
    message: () => "the pulumi CLI is not on PATH",
  },
  {
    code: "CLI_MISSING",
    says: /\bEACCES: pulumi\b|\bspawn pulumi EACCES\b/,
    message: () => "the pulumi CLI on PATH may not be executed",
  },
  {
    code: "CLI_VERSION",
    says: /minimum CLI version requirement is ([\w.-]+), your current CLI version is ([\w.-]+)/,
    message: ([, least, has]) =>
      `the pulumi CLI on PATH has version ${has?.replace(/\.$/, "")}, at least ${least} is needed`,
  },
  {
    code: "CLI_VERSION",
    says: /You are using Pulumi CLI version ([\w.-]+) with Automation SDK (v\d+)/,
    message: ([, has, sdk]) => `the pulumi CLI on PATH has version ${has}, this project drives ${sdk}`,
  },
  {
    code: "CLI_VERSION",
    says: /Failed to parse Pulumi CLI version/,
    message: () => "what is called pulumi on PATH does not say its version: it is another program",
  },
  {
    code: "LOGIN_MISSING",
    says: /must be set for login during non-interactive|requires logging in|not logged in|No credentials provided/i,
    message: () => "the pulumi CLI is not logged in to a backend",
  },
  {
    code: "LOGIN_MISSING",
    says: /\[401\]|invalid access token/i,
    message: () => "the backend does not accept the pulumi CLI's login",
  },
  {
    code: "STACK_NOT_SELECTED",
    says: /no stack selected/i,
    message: () => "no stack is named and none is selected",
  },
  {
    code: "STACK_NOT_FOUND",
    says: /no stack named/i,
    message: (_, stack) => `${stack} does not exist in this backend`,
  },
  {
    code: "PASSPHRASE_WRONG",
    says: /incorrect passphrase/i,
    message: (_, stack) => `the passphrase is not the one of ${stack}`,
  },
  {
    code: "PASSPHRASE_MISSING",
    says: /passphrase must be set with|unable to find either .?PULUMI_CONFIG_PASSPHRASE|unable to read PULUMI_CONFIG_PASSPHRASE_FILE/i,
    message: (_, stack) => `the secrets of ${stack} are encrypted by a passphrase, and none is given`,
  },
  {
    code: "OUTPUT_MISSING",
    says: /does not have output property ['"`]?(\w+)/,
    message: ([, name], stack) => `${stack} has no output \`${name}\``,
  },
];

/**
 * What a failed call of the CLI means.
 *
 * @param text what the CLI or the Automation API said
 * @param stack how the stack is called in the message: `stack dev`
 * @returns undefined for a text that none of the rows knows
 */
export function knownFailure(text: string, stack: string): CommandError | undefined {
  for (const { code, says, message } of ROWS) {
    const found = says.exec(text);
    if (found !== null) return new CommandError(code, message(found, stack));
  }
  return undefined;
}

/** The same for whatever a call threw; a text that nobody knows is shortened, masked, and becomes ENGINE_FAILED. */
export function cliFailure(error: unknown, stack: string): CommandError {
  if (error instanceof CommandError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return knownFailure(text, stack) ?? new CommandError("ENGINE_FAILED", readable(errorLines(text)));
}

/** Without colours, stack traces and the engine's quotes, on one line, and without secrets: known ones by any part. */
export function readable(text: string, secrets: readonly string[] = []): string {
  const lines = stripVTControlCharacters(text)
    .replace(/<\{%(?:reset|fg \d+)%\}>/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^at .*[:(]/.test(line) && !/^Node\.js v\d/.test(line));
  return maskSecrets([...new Set(lines)].join(" "), secrets);
}

/** The CLI's own words: from its first `error:` on, without the frame that the Automation API puts around them. */
export function errorLines(text: string): string {
  const framed = text.replace(/^\s*err\?:.*$/ms, "");
  const at = framed.search(/^\s*(?:stderr: )?error: /m);
  return at < 0 ? text : framed.slice(at).replace(/^\s*(?:stderr: )?error: /, "");
}

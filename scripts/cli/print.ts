import { styleText } from "node:util";
import type { ExitCode } from "../../model/codes/exitCodes.ts";
import type { ErrorReport } from "./errors.ts";

/** Version of the JSON envelope; raised when a member changes its meaning or goes away. */
const envelopeVersion = 2;

/** What a command answers under `--json`, whatever becomes of it. */
export interface Envelope {
  /** Empty where the command line names no command. */
  readonly command: string;
  readonly ok: boolean;
  readonly exitCode: ExitCode;
  /** Missing where the command could not do its work. */
  readonly data?: unknown;
  /** Missing when `ok`. */
  readonly errors?: readonly ErrorReport[];
}

/** One JSON document on stdout: `{version, command, ok, exitCode, data?, errors?}`. */
export function printEnvelope(envelope: Envelope): string {
  return `${JSON.stringify({ version: envelopeVersion, ...envelope }, null, 2)}\n`;
}

/** Commands in a text as they can be typed in the project's folder, whether or not `keyturn` is on PATH. */
export function asTyped(text: string): string {
  return text.replaceAll("`keyturn ", "`npx keyturn ");
}

/**
 * A text from definitions in one line. Control characters are written out: they would play with a terminal, or begin a
 * line of their own, which GitHub Actions may take for a command.
 */
export function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The lines that a person reads on stderr: code, what is wrong, what to do. */
export function renderError({ code, message, hint }: ErrorReport, color: boolean): string {
  const head = `${paint("red", "error", color)} ${paint("bold", code, color)}: ${message}`;
  return `${head}\n  ${hint}\n`;
}

/**
 * Whether to colour a stream. A flag beats the environment: `NO_COLOR` (no-color.org: set and not empty),
 * then `FORCE_COLOR`, then whether the stream is a terminal that is not `TERM=dumb`.
 */
export function wantsColor(
  flag: boolean | undefined,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (flag !== undefined) return flag;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return isTerminal && env.TERM !== "dumb";
}

function paint(style: "red" | "bold", text: string, color: boolean): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}

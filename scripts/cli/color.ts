import { styleText } from "node:util";

/** Style names of `util.styleText` that the commands use. */
export type Style = "red" | "green" | "yellow" | "bold" | "dim";

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

/** `text` in `style` where colour is wanted, else as it is. */
export function paint(style: Style, text: string, color: boolean): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}

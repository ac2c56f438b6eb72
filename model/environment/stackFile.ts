import { readSource } from "../definition/source.ts";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { readSettings, SettingsError, type StackSettings } from "./settings.ts";

/**
 * Reads a stack's file, `Pulumi.<stack>.yaml`.
 *
 * @param path how problems name the file
 * @returns the settings, or every problem with its place
 */
export function readStackFile(
  path: string,
  text: string,
  stack: string,
): { readonly settings: StackSettings | undefined; readonly problems: readonly Problem[] } {
  const source = readSource(path, text);
  if (source.problems.length > 0) return { settings: undefined, problems: source.problems };
  const config = isMap(source.data) ? source.data.config : undefined;
  try {
    return { settings: readSettings(isMap(config) ? config : {}, stack), problems: [] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const problems = error.problems.map((each) =>
      problem("SETTING_INVALID", source.atKey(["config", ...each.path]), each.message, each.hint),
    );
    return { settings: undefined, problems };
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

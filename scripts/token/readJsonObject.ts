import { edgeChoices } from "./edgeFacts.ts";

/**
 * Reads bytes that must be one JSON object in UTF-8, no member twice, not nested too deep (see `edgeChoices`).
 * Anything else answers undefined.
 */
export function readJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const outline = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
    if (depthOf(outline) > edgeChoices.maxDepth.taken) return undefined;
    let members = 0;
    const value: unknown = JSON.parse(text, function (this: unknown, _name, member: unknown) {
      if (!Array.isArray(this)) members += 1;
      return member;
    });
    // The root counts as a member too; outside of strings each written member has one colon.
    const repeated = outline.split(":").length - 1 !== members - 1;
    return isObject(value) && !repeated ? value : undefined;
  } catch {
    return undefined;
  }
}

function depthOf(outline: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of outline) {
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

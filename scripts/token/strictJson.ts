import { edgeChoices } from "./edgeFacts.ts";

/** A string, and the colon behind it if it is a member's name. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

/**
 * As JSON.parse, except that a name which an object has twice is an error, and that names with escapes are read
 * right: V8 13.6 (Node 24) compares such a name, still escaped, with names that other documents had in its place, so
 * that after `{"a":1,"\\":2}` it reads `{"a":1,"\"":2}` as if it were the same.
 *
 * @param value what becomes of a number, given as it was written; its nearest double when left out
 * @throws SyntaxError
 */
export function parseJson(text: string, value: (written: string) => unknown = Number): unknown {
  const names: string[] = [];
  const numbered = text.replace(STRING, (literal: string, colon: string | undefined) => {
    if (colon === undefined) return literal;
    // A string that is no member's name is read without that comparison.
    names.push(String(JSON.parse(literal.slice(0, -colon.length))));
    return `"n${names.length - 1}"${colon}`;
  });
  return JSON.parse(numbered, (_name, read: unknown, context?: { readonly source?: string }) => {
    if (typeof read === "number") return value(context?.source ?? String(read));
    if (typeof read !== "object" || read === null || Array.isArray(read)) return read;
    const members = Object.entries(read).map(
      ([name, member]) => [names[Number(name.slice(1))] ?? "", member] as const,
    );
    if (new Set(members.map(([name]) => name)).size < members.length)
      throw new SyntaxError("an object has a member twice");
    return Object.fromEntries(members);
  });
}

/**
 * Reads bytes that must be one JSON object in UTF-8, no member twice, not nested too deep (see `edgeChoices`).
 * Anything else answers undefined.
 */
export function readJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (depthOf(text.replace(STRING, "")) > edgeChoices.maxDepth.taken) return undefined;
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
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

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { isUtf8 } from "node:buffer";
import { parseJson } from "../json/parseJson.ts";

/** The text and value of a JSON object. */
export interface JsonObject {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface StrictJsonLimits {
  readonly maxDepth: number;
  readonly allowDuplicates: boolean;
}

/**
 * Reads UTF-8 bytes that must be one JSON object (RFC 8259), without a byte order mark, without a member name that
 * occurs twice and not nested deeper than allowed. Anything else answers undefined; nothing throws.
 */
export function readJsonObject(bytes: Buffer, limits: StrictJsonLimits): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString("utf8");
  const shape = scan(text);
  // Depth first: JSON.parse and the count below must never meet a document made to exhaust the stack.
  if (shape.depth > limits.maxDepth) return undefined;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(value)) return undefined;
  if (!limits.allowDuplicates && countMembers(value) !== shape.colons) return undefined;
  return { text, value };
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * The deepest nesting, and the number of colons outside strings, which in valid JSON is the number of members
 * written: more of them than members parsed means that a name was repeated.
 */
function scan(text: string): { readonly depth: number; readonly colons: number } {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index++;
      while (index < text.length && text.charCodeAt(index) !== QUOTE) {
        index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
      }
    } else if (code === COLON) colons++;
    else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return { depth: deepest, colons };
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += countMembers(element);
    return count;
  }
  for (const name in value) count += 1 + countMembers((value as Record<string, unknown>)[name]);
  return count;
}

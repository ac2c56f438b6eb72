import { isUtf8 } from "node:buffer";
import { parseJson } from "../json/parseJson.ts";
import { scanJson } from "../json/scanJson.ts";

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
  const shape = scanJson(text);
  // Depth first: JSON.parse and the count below must never meet a document made to exhaust the stack.
  if (shape.depth > limits.maxDepth) return undefined;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(value)) return undefined;
  // More members written than parsed: a name was repeated.
  if (!limits.allowDuplicates && countMembers(value) !== shape.colons) return undefined;
  return { text, value };
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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

import { parseJson } from "../../json/parseJson.ts";
import { fromBytes, toBytes } from "../bytes.ts";
import { type Integer, parseInteger } from "../values.ts";

/** What lookups need to know of the table of choices. */
interface JsonChoices {
  readonly jsonDepth: number;
  readonly jsonDuplicateKeys: "last" | "invalid";
  readonly jsonOtherTypes: "missing" | "text";
}

const invalid = Symbol("not JSON");

/** A JSON number that is no plain 64-bit integer. */
class OtherNumber {
  readonly #source: string;
  constructor(source: string) {
    this.#source = source;
  }
  text(): string {
    return this.#source;
  }
}

/** Numbers that `JSON.parse` alone would not tell apart or not keep exactly: fractions, exponents, long ones. */
const unusualNumber = /[0-9][.eE]|[0-9]{16}/;

function tooDeep(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/** Whether an object in this (valid, not too deep) JSON names a member twice. */
function hasDuplicateKeys(text: string): boolean {
  const scopes: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[[\]{}]/g;
  for (const [found, colon] of text.matchAll(token)) {
    if (found === "{") scopes.push(new Set());
    else if (found === "[") scopes.push(undefined);
    else if (found === "}" || found === "]") scopes.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(found.slice(0, -colon.length)) as string;
      const names = scopes.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}

function exactNumber(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number") return value;
  const source = context?.source ?? "";
  return parseInteger(source) ?? new OtherNumber(source);
}

function parseDocument(bytes: string, choices: JsonChoices): unknown {
  if (tooDeep(bytes, choices.jsonDepth)) return invalid;
  const text = fromBytes(bytes);
  if (text === undefined) return invalid;
  try {
    const document: unknown = parseJson(text, unusualNumber.test(text) ? exactNumber : undefined);
    return choices.jsonDuplicateKeys === "invalid" && hasDuplicateKeys(text) ? invalid : document;
  } catch {
    return invalid;
  }
}

function step(node: unknown, key: string | Integer): unknown {
  if (typeof node !== "object" || node === null) return undefined;
  if (typeof key === "string") {
    if (Array.isArray(node) || !Object.hasOwn(node, key)) return undefined;
    return (node as Record<string, unknown>)[key];
  }
  return Array.isArray(node) ? node[Number(key)] : undefined;
}

/** The JSON documents of one request, each parsed once. Hostile documents are invalid, never an exception. */
export class JsonDocuments {
  #lastText = "";
  #lastDocument: unknown = invalid;
  #others: Map<string, unknown> | undefined;

  #document(text: string, choices: JsonChoices): unknown {
    if (text === this.#lastText) return this.#lastDocument;
    let document = this.#others?.get(text);
    if (document === undefined) {
      document = parseDocument(text, choices);
      this.#others ??= new Map();
      this.#others.set(text, document);
    }
    this.#lastText = text;
    this.#lastDocument = document;
    return document;
  }

  #find(text: string, path: readonly (string | Integer)[], choices: JsonChoices): unknown {
    let node = this.#document(text, choices);
    for (const key of path) node = step(node, key);
    return node;
  }

  /** The string at `path` (Unicode keys) as a byte string; `undefined` where there is none. */
  string(text: string, path: readonly (string | Integer)[], choices: JsonChoices): string | undefined {
    const found = this.#find(text, path, choices);
    if (typeof found === "string") return found.isWellFormed() ? toBytes(found) : undefined;
    if (choices.jsonOtherTypes === "missing") return undefined;
    if (found instanceof OtherNumber) return found.text();
    return ["number", "bigint", "boolean"].includes(typeof found) ? String(found) : undefined;
  }

  /** The plain integer at `path`; `42.0`, `4e1` and numbers beyond 64 bits are none. */
  integer(text: string, path: readonly (string | Integer)[], choices: JsonChoices): Integer | undefined {
    const found = this.#find(text, path, choices);
    return typeof found === "number" || typeof found === "bigint" ? found : undefined;
  }
}

import { stringEnd } from "./scanJson.ts";

/** As the second argument of JSON.parse; the key it is called with is not always the member's name. */
export type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * As JSON.parse, and right for member names with escapes too. V8 13.6 (Node 24) compares such a name, still escaped,
 * with names that other documents had in its place: after `{"a":1,"\\":2}` it reads `{"a":1,"\"":2}` as if it were the
 * same, so what one client sends would change how another's token reads. Takes time linear in the text.
 */
export function parseJson(text: string, reviver?: Reviver): unknown {
  if (!text.includes("\\")) return JSON.parse(text, reviver);
  const names: string[] = [];
  const numbered = withNumberedNames(text, names);
  return restoreNames(JSON.parse(numbered, reviver), names);
}

const BLANK = /[ \t\n\r]*/y;

/** `text` with `"n0"`, `"n1"`, … in the place of its member names, which go to `names`. */
function withNumberedNames(text: string, names: string[]): string {
  const chunks: string[] = [];
  let copied = 0;
  for (let start = text.indexOf('"'); start !== -1; ) {
    const end = stringEnd(text, start) + 1;
    BLANK.lastIndex = end;
    BLANK.test(text);
    if (text[BLANK.lastIndex] === ":") {
      // A string that is no member name is read without the comparison.
      chunks.push(text.slice(copied, start), `"n${names.length}"`);
      names.push(JSON.parse(text.slice(start, end)));
      copied = end;
    }
    start = text.indexOf('"', end);
  }
  return chunks.join("") + text.slice(copied);
}

function restoreNames(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => restoreNames(element, names));
  // What a reviver put in the place of a value has members of its own.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const members = Object.entries(value).map(([number, member]) => [
    names[Number(number.slice(1))],
    restoreNames(member, names),
  ]);
  return Object.fromEntries(members);
}

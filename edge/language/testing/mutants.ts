import fc from "fast-check";
import { expressions } from "./expressions.ts";
import type { Text } from "./literals.ts";

const pieces = /"(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*|\d+|&&|\|\||\^\^|[=!<>]=|\.\.|\s+|[\s\S]/g;

const strangers = [
  "(",
  ")",
  "[*]",
  "[0]",
  '["a"]',
  '"',
  'r#"',
  "{",
  "}",
  "$x",
  "not",
  "and",
  "==",
  "..",
  ",",
  "1.2.3",
  "::1",
  "é",
  "\\",
  "0x1",
  "999999999999999999999",
  "\u0000",
];

/** Expressions with a few of their pieces dropped, doubled, swapped or replaced. */
export const mutants: Text = fc
  .tuple(
    expressions,
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...strangers)), { minLength: 1, maxLength: 4 }),
  )
  .map(([{ text }, changes]) => {
    const parts = text.match(pieces) ?? [];
    for (const [position, kind, stranger] of changes) {
      const at = position % Math.max(1, parts.length);
      const part = parts[at] ?? "";
      if (kind === 0) parts.splice(at, 1);
      else if (kind === 1) parts.splice(at, 0, part);
      else if (kind === 2) parts.splice(at, 1, stranger);
      else parts.splice(at, 2, parts[at + 1] ?? "", part);
    }
    return parts.join("");
  });

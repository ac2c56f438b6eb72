import { expect, test } from "vitest";
import { cut, fenced } from "./markdown.ts";

test.each([
  ["plain\n", "```\nplain\n```"],
  ["```\n<!-- keyturn -->\n@everyone", "````\n```\n<!-- keyturn -->\n@everyone\n````"],
  ["a\n   `````\nb ```````", "``````\na\n   `````\nb ```````\n``````"],
  // A terminal would take it for a colour; a carriage return would begin a line.
  ["\u001b[31mred\r```\t", "```\n[31mred```\n```"],
])("nothing in %j ends the fence", (text, markdown) => {
  expect(fenced(text)).toBe(markdown);
});

test.each([
  ["a\nb\n", 4, "a\nb"],
  ["a\nb\nc\n", 4, "a\nb\n… 1 more lines"],
  ["a".repeat(9), 4, "… 1 more lines"],
])("of %j whole lines within %i characters are kept", (text, most, kept) => {
  expect(cut(text, most)).toBe(kept);
});

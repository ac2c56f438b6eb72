import { Lexer } from "yaml";

/** A comment that speaks to keyturn. */
export interface Remark {
  /** Where its `#` stands in the file, in UTF-16 units. */
  readonly offset: number;
  /** The line it is about: its own, or where it stands alone, the next that is no comment. */
  readonly about: number;
  /** What stands behind `# keyturn:`. */
  readonly text: string;
}

/** Begins what the lexer puts before a scalar, and between documents: signs without a text of the file. */
const SIGNS = new Set(["\u0002", "\u0018", "\u001f"]);

/**
 * Every comment `# keyturn: …` of a file; what stands inside of a text is none.
 *
 * @param lineOf the line of a place, from 1
 */
export function remarksIn(
  text: string,
  rows: readonly string[],
  lineOf: (offset: number) => number,
): readonly Remark[] {
  if (!/#\s*keyturn:/.test(text)) return [];
  const found: Remark[] = [];
  let offset = 0;
  let before = "";
  for (const token of new Lexer().lex(text)) {
    const inComment = before !== "\u001f" ? /^(#|#.*?\s#)\s*keyturn:\s*(.*?)\s*$/.exec(token) : null;
    if (inComment !== null) {
      const line = lineOf(offset);
      let about = line;
      if (rows[line - 1]?.trimStart().startsWith("#")) while (/^\s*#/.test(rows[about - 1] ?? "")) about += 1;
      found.push({ offset, about, text: inComment[2] ?? "" });
    }
    before = token;
    if (!SIGNS.has(token)) offset += token.length;
  }
  return found;
}

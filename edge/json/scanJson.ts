/** What can be told of a JSON text without parsing it. */
export interface JsonShape {
  /** The deepest nesting of arrays and objects; 0 for a text without any. */
  readonly depth: number;
  /** Colons outside strings: in valid JSON the number of members written. */
  readonly colons: number;
  /** At least as many values as the text holds, arrays and objects included. */
  readonly values: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Counts in one pass what parsing would cost, so that a text made to exhaust memory or stack is refused before
 * JSON.parse sees it. The text need not be valid.
 */
export function scanJson(text: string): JsonShape {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  let values = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = stringEnd(text, index);
    else if (code === COLON) colons++;
    else if (code === COMMA) values++;
    else if (code === 0x7b || code === 0x5b) {
      values++;
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return { depth: deepest, colons, values };
}

const BACKSLASH = 0x5c;

/** The index of the quote that ends the string beginning at `start`; the text's length if none does. */
export function stringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== QUOTE) {
    index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  }
  return Math.min(index, text.length);
}

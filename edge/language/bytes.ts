function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}

/** Unicode text to the byte string of its UTF-8 form: one character per byte. */
export function toBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A byte string back to Unicode text; `undefined` when the bytes are not UTF-8. */
export function fromBytes(bytes: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  try {
    return decoder.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

/**
 * The same string as the engine keeps property names: compared by address where the other side is one too.
 * A piece cut out of an expression is not, and would be compared letter by letter for each request.
 */
export function interned(text: string): string {
  return Object.keys({ [text]: true })[0] as string;
}

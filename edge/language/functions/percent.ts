function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}

/** Undoes `%XX` byte by byte; a `%` without two hexadecimal digits stays. `+` is left alone. */
export function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  let decoded = "";
  let done = 0;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at)) {
    const high = hexDigit(text.charCodeAt(at + 1));
    const low = hexDigit(text.charCodeAt(at + 2));
    if (high < 0 || low < 0) {
      at += 1;
      continue;
    }
    decoded += text.slice(done, at) + String.fromCharCode(high * 16 + low);
    at += 3;
    done = at;
  }
  return decoded + text.slice(done);
}

/** Whether every `%` in the text is followed by two hexadecimal digits. */
export function isPercentEncoded(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

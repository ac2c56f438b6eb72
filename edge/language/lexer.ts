import { parseIp } from "./ip.ts";
import { LIMITS } from "./limits.ts";
import { ExpressionError, type ProblemCode, type ProblemDetail, problemsIn } from "./problems.ts";

type TokenKind = "word" | "string" | "raw" | "number" | "address" | "list" | "sign" | "end";

/** `text`: a word or sign itself, the inside of a string as written, a number as written, the name after `$`. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const wordPattern = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*/y;
const listPattern = /\$[A-Za-z0-9_.]+/y;
const signPattern = /==|!=|<=|>=|&&|\|\||\^\^|\.\.|[<>~!&()[\]{},*]/y;
const hexGroupPattern = /[0-9a-fA-F]{0,4}:/y;
/** A tab is no blank inside of an expression. */
const blankPattern = /[ \r\n]+/y;
const hexPattern = /0x[0-9a-fA-F]*/y;
const rawOpenPattern = /r(#*)"/y;
const prefixPattern = /\/[0-9]+/y;

function at(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0];
}

/** Throws an `ExpressionError` with the one problem at `source[start, end)`. */
export function fail(
  source: string,
  code: ProblemCode,
  start: number,
  end: number,
  message: string,
  detail: ProblemDetail = {},
): never {
  throw new ExpressionError(source, [problemsIn(source)(code, start, end, message, detail)]);
}

/** Offset of the quote that ends a quoted string; in a regular expression a class such as `[^"]` may hold quotes. */
function closingQuote(source: string, open: number, isPattern: boolean): number {
  let index = open;
  let inClass = false;
  while (index < source.length) {
    const code = source.charCodeAt(index);
    if (code === 0x22 && !inClass) return index;
    if (isPattern && code === 0x5b) inClass = true;
    if (code === 0x5d) inClass = false;
    index += code === 0x5c ? 2 : 1;
  }
  return fail(source, "UNTERMINATED_STRING", open - 1, open, "this string never ends", {
    expected: 'a closing "',
  });
}

function rawString(source: string, start: number, opening: string): Token {
  const hashes = opening.length - 2;
  const open = start + opening.length;
  if (hashes > LIMITS.rawStringHashes.value) {
    fail(source, "UNEXPECTED_TOKEN", start, open, `a raw string opens with ${hashes} # signs`, {
      expected: `at most ${LIMITS.rawStringHashes.value} # signs`,
    });
  }
  const closing = `"${"#".repeat(hashes)}`;
  const close = source.indexOf(closing, open);
  if (close < 0) {
    fail(source, "UNTERMINATED_STRING", start, open, "this raw string never ends", {
      expected: `a closing ${closing}`,
    });
  }
  return { kind: "raw", text: source.slice(open, close), start, end: close + closing.length };
}

function isNumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x3a) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function numeric(source: string, start: number): Token {
  const hex = at(hexPattern, source, start);
  if (hex !== undefined) return { kind: "number", text: hex, start, end: start + hex.length };
  let end = source[start] === "-" ? start + 1 : start;
  while (end < source.length) {
    const isDot = source[end] === ".";
    if (isDot ? source[end + 1] === "." || source[end - 1] === "." : !isNumeric(source.charCodeAt(end)))
      break;
    end++;
  }
  const text = source.slice(start, end);
  if (!/[.:]/.test(text)) return { kind: "number", text, start, end };
  if (parseIp(text) === undefined) {
    fail(source, "INVALID_IP", start, end, "this is not an IPv4 or IPv6 address", {
      expected: "an address such as 192.0.2.1 or 2001:db8::1",
    });
  }
  end += at(prefixPattern, source, end)?.length ?? 0;
  if (/[0-9a-fA-F:/]/.test(source[end] ?? "")) {
    fail(source, "INVALID_IP", start, end + 1, "this address block runs into what follows it", {
      expected: "a blank after the prefix length",
    });
  }
  return { kind: "address", text: source.slice(start, end), start, end };
}

function strangeCharacter(source: string, start: number): never {
  const character = String.fromCodePoint(source.codePointAt(start) as number);
  const meant: Record<string, string> = { "=": "==", "|": "||", "^": "^^", "'": '"', "\t": "a blank" };
  const name = character === "\t" ? "tab " : character >= "!" && character <= "~" ? `${character} ` : "";
  const message = `the character ${name}starts nothing here`;
  const detail = { suggestion: meant[character] };
  fail(source, "UNEXPECTED_CHARACTER", start, start + character.length, message, detail);
}

function listName(source: string, start: number, text: string): Token {
  const [name, end] = [text.slice(1), start + text.length];
  if (!/^[a-z0-9_](?:[a-z0-9_.]*[a-z0-9_])?$/.test(name)) {
    fail(source, "UNEXPECTED_TOKEN", start, end, "this is no name of a list", {
      expected: "lower case letters, digits, _ and dots between them",
    });
  }
  return { kind: "list", text: name, start, end };
}

function next(source: string, start: number, isPattern: boolean): Token {
  const code = source.charCodeAt(start);
  if (code === 0x22) {
    const close = closingQuote(source, start + 1, isPattern);
    return { kind: "string", text: source.slice(start + 1, close), start, end: close + 1 };
  }
  const digit = code >= 0x30 && code <= 0x39;
  if (digit || code === 0x3a || at(hexGroupPattern, source, start) !== undefined)
    return numeric(source, start);
  if (code === 0x2d && /[0-9]/.test(source[start + 1] ?? "")) return numeric(source, start);
  const opening = code === 0x72 ? at(rawOpenPattern, source, start) : undefined;
  if (opening !== undefined) return rawString(source, start, opening);
  const word = at(wordPattern, source, start);
  if (word !== undefined) return { kind: "word", text: word, start, end: start + word.length };
  const list = code === 0x24 ? at(listPattern, source, start) : undefined;
  if (list !== undefined) return listName(source, start, list);
  const sign = at(signPattern, source, start);
  if (sign !== undefined) return { kind: "sign", text: sign, start, end: start + sign.length };
  return strangeCharacter(source, start);
}

/** Whether a regular expression follows. */
function startsPattern({ kind, text }: Token): boolean {
  return (kind === "sign" && text === "~") || (kind === "word" && text === "matches");
}

/** Splits an expression into tokens, the last of kind `end`. Linear time; throws only `ExpressionError`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  let offset = source.length - source.trimStart().length;
  let last: Token | undefined;
  for (;;) {
    offset += at(blankPattern, source, offset)?.length ?? 0;
    if (offset >= end) break;
    last = next(source, offset, last !== undefined && startsPattern(last));
    tokens.push(last);
    offset = last.end;
  }
  tokens.push({ kind: "end", text: "", start: source.length, end: source.length });
  return tokens;
}

import type { IntegerNode, LiteralNode, StringNode } from "./ast.ts";
import { toBytes } from "./bytes.ts";
import { ipBits, parseIp } from "./ip.ts";
import { fail, type Token } from "./lexer.ts";
import { type Integer, parseInteger } from "./values.ts";

/** What a token is called in a message. The text of strings is left out: it may be a secret. */
export function describe(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end of the expression";
    case "string":
    case "raw":
      return "a string";
    case "number":
      return "a number";
    case "address":
      return "an address";
    case "list":
      return "a list name";
    default:
      return token.text.length > 60 ? "a long word" : token.text;
  }
}

const escapes = /\\(?:(["\\])|x([0-9A-Fa-f]{2})|([0-3][0-7]{2})|[\s\S]?)/g;

/** What a string token stands for, as bytes: in quotes `\"`, `\\`, `\xHH` and `\OOO` are escapes, a raw string has none. */
export function stringValue(source: string, token: Token): string {
  if (token.kind === "raw" || !token.text.includes("\\")) return toBytes(token.text);
  let value = "";
  let done = 0;
  for (const found of token.text.matchAll(escapes)) {
    const [piece, character, hex, octal] = found;
    const offset = found.index;
    value += toBytes(token.text.slice(done, offset));
    if (character !== undefined) value += character;
    else if (hex !== undefined) value += String.fromCharCode(Number.parseInt(hex, 16));
    else if (octal !== undefined) value += String.fromCharCode(Number.parseInt(octal, 8));
    else {
      const start = token.start + 1 + offset;
      fail(source, "INVALID_ESCAPE", start, start + 2, "no such escape in a quoted string", {
        expected: '\\", \\\\, \\x and two hexadecimal or \\ and three octal digits, or a raw string r"…"',
      });
    }
    done = offset + piece.length;
  }
  return value + toBytes(token.text.slice(done));
}

/** After `matches` a quoted string keeps its backslashes for the regular expression; only `\"` is undone. */
export function patternValue(token: Token): string {
  if (token.kind === "raw") return toBytes(token.text);
  let inClass = false;
  const pattern = token.text.replace(/\\([\s\S])|[[\]]/g, (piece: string, escaped: string | undefined) => {
    if (escaped === undefined) inClass = piece === "[";
    return escaped === '"' && !inClass ? '"' : piece;
  });
  return toBytes(pattern);
}

export function stringNode(source: string, token: Token): StringNode {
  return { kind: "string", value: stringValue(source, token), start: token.start, end: token.end };
}

/** Hexadecimal after `0x`, octal after another leading `0`, else decimal with an optional minus. */
function integerOf(text: string): Integer | undefined {
  if (!text.startsWith("0") || text === "0") return parseInteger(text);
  const [base, digits] = text.startsWith("0x") ? ["0x", text.slice(2)] : ["0o", text.slice(1)];
  if (!(base === "0x" ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/).test(digits)) return undefined;
  const significant = digits.replace(/^0+/, "");
  return significant.length > 21 ? undefined : parseInteger(String(BigInt(`${base}${significant || "0"}`)));
}

/** A number token. Throws where it is no 64-bit integer. */
export function integerNode(source: string, token: Token): IntegerNode {
  const { start, end } = token;
  const value = integerOf(token.text);
  if (value !== undefined) return { kind: "integer", value, start, end };
  return fail(source, "INVALID_INTEGER", start, end, "this is not a 64-bit integer", {
    expected: "decimal digits, 0x and hexadecimal or 0 and octal ones, up to 9223372036854775807",
  });
}

/** An address token, with or without a prefix length; the lexer has found the address itself to be one. */
function addressNode(source: string, token: Token): LiteralNode {
  const { start, end } = token;
  const [text = "", bits] = token.text.split("/");
  const address = parseIp(text);
  if (address === undefined) fail(source, "INVALID_IP", start, end, "this is not an IPv4 or IPv6 address");
  if (bits === undefined) return { kind: "ip", value: address, start, end };
  const most = ipBits(address.version);
  if (bits.length > 3 || Number(bits) > most) {
    fail(source, "CIDR_INVALID", start, end, "the prefix length of this block does not exist", {
      expected: `a prefix length from 0 to ${most}`,
    });
  }
  return { kind: "cidr", address, prefix: Number(bits), start, end };
}

/** The literal that a token of kind string, raw, number or address stands for. Throws `ExpressionError`. */
export function literalNode(source: string, token: Token): LiteralNode {
  if (token.kind === "number") return integerNode(source, token);
  return token.kind === "address" ? addressNode(source, token) : stringNode(source, token);
}

/** Whether a token is a string of either spelling. */
export function isString(token: Token): boolean {
  return token.kind === "string" || token.kind === "raw";
}

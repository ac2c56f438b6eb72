import type { IntegerNode, LiteralNode, StringNode } from "./ast.ts";
import { ipBits, parseIp } from "./ip.ts";
import { fail, type Token } from "./lexer.ts";
import { parseInteger } from "./values.ts";

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

/** What a string token stands for: in quotes only `\"` and `\\` are escapes, a raw string has none. */
export function stringValue(source: string, token: Token): string {
  if (token.kind === "raw" || !token.text.includes("\\")) return token.text;
  return token.text.replace(/\\([\s\S]?)/g, (_, character: string, offset: number) => {
    if (character === '"' || character === "\\") return character;
    const start = token.start + 1 + offset;
    return fail(source, "INVALID_ESCAPE", start, start + 2, "no such escape in a quoted string", {
      expected: '\\" or \\\\, or a raw string r"…" without escapes',
    });
  });
}

/** After `matches` a quoted string keeps its backslashes for the regular expression; only `\"` is undone. */
export function patternValue(token: Token): string {
  if (token.kind === "raw") return token.text;
  return token.text.replace(/\\([\s\S])/g, (pair, character: string) =>
    character === '"' ? character : pair,
  );
}

export function stringNode(source: string, token: Token): StringNode {
  return { kind: "string", value: stringValue(source, token), start: token.start, end: token.end };
}

/** A number token; the lexer has found it to be a 64-bit integer. */
export function integerNode(token: Token): IntegerNode {
  return { kind: "integer", value: parseInteger(token.text) ?? 0, start: token.start, end: token.end };
}

/** An address token, with or without a prefix length; the lexer has found the address itself to be one. */
function addressNode(source: string, token: Token): LiteralNode {
  const { start, end } = token;
  const [text = "", bits] = token.text.split("/");
  const address = parseIp(text);
  if (address === undefined) fail(source, "INVALID_IP", start, end, "this is not an IPv4 or IPv6 address");
  if (bits === undefined) return { kind: "ip", value: address, start, end };
  const most = ipBits(address.version);
  if (bits.length > 3 || Number(bits) > most || /^0[0-9]/.test(bits)) {
    fail(source, "CIDR_INVALID", start, end, "the prefix length of this block does not exist", {
      expected: `a prefix length from 0 to ${most}`,
    });
  }
  return { kind: "cidr", address, prefix: Number(bits), start, end };
}

/** The literal that a token of kind string, raw, number or address stands for. Throws `ExpressionError`. */
export function literalNode(source: string, token: Token): LiteralNode {
  if (token.kind === "number") return integerNode(token);
  return token.kind === "address" ? addressNode(source, token) : stringNode(source, token);
}

/** Whether a token is a string of either spelling. */
export function isString(token: Token): boolean {
  return token.kind === "string" || token.kind === "raw";
}

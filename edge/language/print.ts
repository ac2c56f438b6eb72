import type { Expression, Node } from "./ast.ts";
import { fromBytes } from "./bytes.ts";
import { ipText } from "./ip.ts";
import { LIMITS } from "./limits.ts";

/** Bytes that are no UTF-8 are written as `\xHH`. */
function quoted(bytes: string): string {
  const text =
    fromBytes(bytes)?.replace(/[\\"]/g, "\\$&") ??
    bytes.replace(/[\\"]|[\x80-\xff]+/g, (piece) =>
      piece < "\x80" ? `\\${piece}` : Buffer.from(piece, "latin1").toString("hex").replace(/../g, "\\x$&"),
    );
  return `"${text}"`;
}

function raw(value: string): string | undefined {
  let hashes = 0;
  for (const [run] of value.matchAll(/"#*/g)) hashes = Math.max(hashes, run.length);
  if (hashes > LIMITS.rawStringHashes.value) return undefined;
  const fence = "#".repeat(hashes);
  return `r${fence}"${value}"${fence}`;
}

/** An open class would take in the closing quote, so such a pattern is printed raw. */
function pattern(bytes: string): string {
  const value = fromBytes(bytes) ?? "";
  const isPlain = /^(?:[^"\\[]|\[[^"\\\]]*\])*$/.test(value);
  return (isPlain ? undefined : raw(value)) ?? `"${value.replaceAll('"', '\\"')}"`;
}

function string(bytes: string): string {
  const value = fromBytes(bytes);
  return (value !== undefined && /["\\]/.test(value) ? raw(value) : undefined) ?? quoted(bytes);
}

/** An argument is one comparison or stands in parentheses. */
function argument(node: Node): string {
  return node.kind === "logical" ? `(${printNode(node)})` : printNode(node);
}

const strength = { or: 1, xor: 2, and: 3 } as const;

/** Whether a term needs parentheses to stay a term of its own inside of an operator that strong. */
function grouped(node: Node, outer: number): string {
  const text = printNode(node);
  return node.kind === "logical" && strength[node.operator] <= outer ? `(${text})` : text;
}

/** Prints one node; see `print`. */
export function printNode(node: Node | Extract<Node, { kind: "comparison" }>["right"]): string {
  switch (node.kind) {
    case "logical":
      return node.terms.map((term) => grouped(term, strength[node.operator])).join(` ${node.operator} `);
    case "not":
      return `not ${grouped(node.operand, 3)}`;
    case "comparison": {
      const isPattern = node.operator === "matches" && node.right.kind === "string";
      const right = isPattern ? pattern((node.right as { value: string }).value) : printNode(node.right);
      return `${printNode(node.left)} ${node.operator} ${right}`;
    }
    case "field":
      return node.name;
    case "call":
      return `${node.name}(${node.arguments.map(argument).join(", ")})`;
    case "index":
      return `${printNode(node.target)}[${typeof node.index === "string" ? quoted(node.index) : node.index}]`;
    case "each":
      return `${printNode(node.target)}[*]`;
    case "string":
      return string(node.value);
    case "integer":
    case "boolean":
      return String(node.value);
    case "ip":
      return ipText(node.value);
    case "cidr":
      return `${ipText(node.address)}/${node.prefix}`;
    case "list":
      return `{${node.items.map((item) => (item.kind === "range" ? `${printNode(item.from)}..${printNode(item.to)}` : printNode(item))).join(" ")}}`;
    case "namedList":
      return `$${node.name}`;
  }
}

/**
 * The canonical text: English operators, one blank between words, only the parentheses that are needed,
 * raw strings where quotes or backslashes occur. Parsing it gives the same tree again.
 */
export function print(expression: Expression): string {
  return printNode(expression.body);
}

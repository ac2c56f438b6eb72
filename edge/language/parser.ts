import type {
  ComparisonNode,
  ComparisonOperator,
  Expression,
  IntegerNode,
  IpNode,
  ListItemNode,
  ListNode,
  LiteralNode,
  LogicalOperator,
  NamedListNode,
  Node,
  OperandNode,
} from "./ast.ts";
import { ipBits, parseIp } from "./ip.ts";
import { fail, type Token, tokenize } from "./lexer.ts";
import { deepestNesting, LIMITS } from "./limits.ts";
import type { ProblemCode, ProblemDetail } from "./problems.ts";
import { suggestionFor } from "./problems.ts";
import { parseInteger } from "./values.ts";

export interface ParseOptions {
  /** How deep parentheses, calls and nots may nest; see `LIMITS.nestingDepth`. */
  readonly nestingDepth?: number;
}

const comparisonSigns: Readonly<Record<string, ComparisonOperator>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "~": "matches",
};

const comparisonWords: readonly string[] = [
  ...["eq", "ne", "lt", "le", "gt", "ge"],
  ...["contains", "matches", "in", "wildcard", "strict"],
];

const logicalSigns: Readonly<Record<LogicalOperator, string>> = { and: "&&", xor: "^^", or: "||" };
const reserved: ReadonlySet<string> = new Set([...comparisonWords, "and", "or", "xor", "not"]);
const operatorWords: readonly string[] = [
  ...comparisonWords.filter((word) => word !== "strict"),
  "and",
  "or",
  "xor",
];

const insteadOfOperator: Readonly<Record<string, string>> = {
  starts_with: 'the function starts_with(field, "…")',
  ends_with: 'the function ends_with(field, "…")',
  equals: "eq",
  is: "eq",
  like: "wildcard",
};

function describe(token: Token): string {
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

/** What a quoted string stands for: only `\"` and `\\` are escapes. */
function unescapeQuoted(source: string, token: Token): string {
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
function unescapeRegex(token: Token): string {
  return token.kind === "raw"
    ? token.text
    : token.text.replace(/\\([\s\S])/g, (pair, c: string) => (c === '"' ? c : pair));
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #limit: number;
  #position = 0;
  #depth = 0;

  constructor(source: string, options: ParseOptions) {
    this.#source = source;
    this.#tokens = tokenize(source);
    this.#limit = Math.min(options.nestingDepth ?? LIMITS.nestingDepth.value, deepestNesting);
    if (this.#peek().kind === "end") {
      this.#fail("EXPRESSION_EMPTY", this.#peek(), "the expression is empty", {
        expected: "a comparison or a Bool field",
      });
    }
  }

  whole(): Node {
    const node = this.#logical(0);
    this.#expectEnd("an operator or the end of the expression");
    return node;
  }

  value(): OperandNode {
    const node = this.#operand();
    this.#expectEnd("the end of the value");
    return node;
  }

  #expectEnd(expected: string): void {
    const token = this.#peek();
    if (token.kind === "end") return;
    let suggestion: string | undefined;
    if (token.kind === "word") {
      suggestion = insteadOfOperator[token.text.toLowerCase()] ?? suggestionFor(token.text, operatorWords);
    }
    this.#unexpected(token, expected, suggestion);
  }

  #peek(): Token {
    return this.#tokens[this.#position] as Token;
  }

  #take(): Token {
    return this.#tokens[this.#position++] as Token;
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    return token.kind === "sign" && token.text === text;
  }

  #isWord(text: string): boolean {
    const token = this.#peek();
    return token.kind === "word" && token.text === text;
  }

  #fail(code: ProblemCode, token: Token, message: string, detail: ProblemDetail = {}): never {
    return fail(this.#source, code, token.start, token.end, message, detail);
  }

  #unexpected(token: Token, expected: string, suggestion?: string): never {
    this.#fail("UNEXPECTED_TOKEN", token, `${describe(token)} cannot stand here`, { expected, suggestion });
  }

  #sign(text: string): Token {
    if (!this.#isSign(text)) this.#unexpected(this.#peek(), text);
    return this.#take();
  }

  #descend<T>(token: Token, inner: () => T): T {
    if (++this.#depth > this.#limit) {
      this.#fail("EXPRESSION_TOO_DEEP", token, `this nests deeper than ${this.#limit} levels`);
    }
    const result = inner();
    this.#depth--;
    return result;
  }

  #logical(level: number): Node {
    const operator = (["or", "xor", "and"] as const)[level];
    if (operator === undefined) return this.#unary();
    const first = this.#logical(level + 1);
    const terms = [first];
    while (this.#isWord(operator) || this.#isSign(logicalSigns[operator])) {
      this.#take();
      terms.push(this.#logical(level + 1));
    }
    if (terms.length === 1) return first;
    return { kind: "logical", operator, terms, start: first.start, end: (terms.at(-1) as Node).end };
  }

  #unary(): Node {
    const token = this.#peek();
    if (this.#isWord("not") || this.#isSign("!")) {
      this.#take();
      const operand = this.#descend(token, () => this.#unary());
      return { kind: "not", operand, start: token.start, end: operand.end };
    }
    if (this.#isSign("(")) {
      this.#take();
      const inner = this.#descend(token, () => this.#logical(0));
      if (!this.#isSign(")")) this.#expectClosing(token);
      this.#take();
      return inner;
    }
    return this.#comparison();
  }

  #expectClosing(open: Token): never {
    const token = this.#peek();
    if (token.kind === "word") this.#expectEnd(`an operator, or ) for the ( at offset ${open.start}`);
    return this.#unexpected(token, `an operator, or ) for the ( at offset ${open.start}`);
  }

  #comparison(): Node {
    const left = this.#operand();
    const operator = this.#comparisonOperator();
    if (operator === undefined) return left;
    const right = operator === "in" ? this.#membership() : this.#literal(operator);
    return {
      kind: "comparison",
      operator,
      left,
      right,
      start: left.start,
      end: right.end,
    } satisfies ComparisonNode;
  }

  #comparisonOperator(): ComparisonOperator | undefined {
    const token = this.#peek();
    if (token.kind === "sign") {
      const operator = comparisonSigns[token.text];
      if (operator !== undefined) this.#take();
      return operator;
    }
    if (token.kind !== "word" || !comparisonWords.includes(token.text)) return undefined;
    this.#take();
    if (token.text !== "strict") return token.text as ComparisonOperator;
    if (!this.#isWord("wildcard")) this.#unexpected(this.#peek(), "wildcard after strict");
    this.#take();
    return "strict wildcard";
  }

  #operand(): OperandNode {
    const token = this.#take();
    let node: OperandNode;
    if (token.kind === "word") {
      if (reserved.has(token.text)) this.#unexpected(token, "a field, a function or (");
      node = this.#named(token);
    } else if (token.kind === "sign" || token.kind === "list" || token.kind === "end") {
      this.#unexpected(token, "a field, a function, a literal, not or (");
    } else node = this.#literalFrom(token);
    for (let count = 0; this.#isSign("["); count++) {
      if (count >= LIMITS.indexDepth.value) {
        this.#fail(
          "EXPRESSION_TOO_DEEP",
          this.#peek(),
          `more than ${LIMITS.indexDepth.value} indexes after one another`,
        );
      }
      node = this.#index(node);
    }
    return node;
  }

  #named(token: Token): OperandNode {
    const { start, end, text } = token;
    if (!this.#isSign("(")) {
      if (text === "true" || text === "false") return { kind: "boolean", value: text === "true", start, end };
      return { kind: "field", name: text, start, end };
    }
    this.#take();
    const args: Node[] = [];
    if (!this.#isSign(")")) {
      this.#descend(token, () => {
        args.push(this.#logical(0));
        while (this.#isSign(",")) {
          this.#take();
          args.push(this.#logical(0));
        }
      });
    }
    if (!this.#isSign(")"))
      this.#unexpected(this.#peek(), `, or ) to end the arguments of ${describe(token)}`);
    return { kind: "call", name: text, arguments: args, start, end: this.#take().end };
  }

  #index(target: OperandNode): OperandNode {
    this.#sign("[");
    const token = this.#take();
    const expected = "a key in quotes, a number from 0, or *";
    if (token.kind === "sign" && token.text === "*") {
      return { kind: "each", target, start: target.start, end: this.#sign("]").end };
    }
    let index: string | number;
    if (token.kind === "string" || token.kind === "raw") index = unescapeQuoted(this.#source, token);
    else if (token.kind === "number") {
      const value = parseInteger(token.text);
      if (typeof value !== "number" || value < 0) this.#unexpected(token, expected);
      index = value;
    } else this.#unexpected(token, expected);
    return { kind: "index", target, index, start: target.start, end: this.#sign("]").end };
  }

  #literalFrom(token: Token): LiteralNode {
    const { start, end } = token;
    if (token.kind === "number") return this.#integer(token);
    if (token.kind === "address") return this.#address(token);
    return { kind: "string", value: unescapeQuoted(this.#source, token), start, end };
  }

  #integer(token: Token): IntegerNode {
    const value = parseInteger(token.text);
    if (value === undefined) this.#unexpected(token, "a 64-bit integer");
    return { kind: "integer", value, start: token.start, end: token.end };
  }

  #address(token: Token): LiteralNode {
    const { start, end } = token;
    const [text = "", bits] = token.text.split("/");
    const address = parseIp(text);
    if (address === undefined) this.#fail("INVALID_IP", token, "this is not an IPv4 or IPv6 address");
    if (bits === undefined) return { kind: "ip", value: address, start, end };
    const most = ipBits(address.version);
    if (bits.length > 3 || Number(bits) > most || /^0[0-9]/.test(bits)) {
      this.#fail("CIDR_INVALID", token, "the prefix length of this block does not exist", {
        expected: `a prefix length from 0 to ${most}`,
      });
    }
    return { kind: "cidr", address, prefix: Number(bits), start, end };
  }

  #literal(operator: ComparisonOperator): LiteralNode {
    const token = this.#take();
    const { start, end } = token;
    if (token.kind === "string" || token.kind === "raw") {
      const value = operator === "matches" ? unescapeRegex(token) : unescapeQuoted(this.#source, token);
      return { kind: "string", value, start, end };
    }
    if (token.kind === "number" || token.kind === "address") return this.#literalFrom(token);
    if (token.kind === "word" && (token.text === "true" || token.text === "false")) {
      this.#fail("UNEXPECTED_TOKEN", token, "a Bool is not compared", {
        expected: "the Bool alone, or not before it",
      });
    }
    const inList = this.#isOpening(token) ? "in" : undefined;
    return this.#unexpected(token, `a literal on the right side of ${operator}`, inList);
  }

  #isOpening(token: Token): boolean {
    return token.kind === "list" || (token.kind === "sign" && token.text === "{");
  }

  #membership(): ListNode | NamedListNode {
    const open = this.#take();
    if (open.kind === "list") return { kind: "namedList", name: open.text, start: open.start, end: open.end };
    if (!(open.kind === "sign" && open.text === "{")) this.#unexpected(open, "{…} or $list_name after in");
    const items: ListItemNode[] = [];
    while (!this.#isSign("}")) items.push(this.#listItem());
    return { kind: "list", items, start: open.start, end: this.#take().end };
  }

  #listItem(): ListItemNode {
    const token = this.#take();
    if (token.kind === "string" || token.kind === "raw") {
      return {
        kind: "string",
        value: unescapeQuoted(this.#source, token),
        start: token.start,
        end: token.end,
      };
    }
    if (token.kind !== "number" && token.kind !== "address") {
      this.#unexpected(token, "a literal or }; items are parted by blanks");
    }
    const from = this.#literalFrom(token) as ListItemNode;
    if (!this.#isSign("..")) return from;
    this.#take();
    const end = this.#take();
    const fits = end.kind === token.kind && from.kind !== "cidr";
    const to = fits ? this.#literalFrom(end) : undefined;
    if (to === undefined || to.kind !== from.kind) {
      this.#fail("RANGE_INVALID", end, "the end of a range must be of the kind of its start", {
        expected: from.kind === "integer" ? "a number" : "an address without a prefix length",
      });
    }
    return {
      kind: "range",
      from: from as IntegerNode | IpNode,
      to: to as IntegerNode | IpNode,
      start: token.start,
      end: end.end,
    };
  }
}

/**
 * Parses a filter expression. Precedence: `not`, `and`, `xor`, `or`. Names and types are not looked at:
 * that is `check`. Throws `ExpressionError` and nothing else; takes time linear in the text.
 */
export function parse(source: string, options: ParseOptions = {}): Expression {
  return { source, body: new Parser(source, options).whole() };
}

/**
 * Parses a value expression: a field, a call or a literal, as dynamic header values and rate limiting
 * characteristics are. Throws `ExpressionError`.
 */
export function parseValue(source: string, options: ParseOptions = {}): Expression {
  return { source, body: new Parser(source, options).value() };
}

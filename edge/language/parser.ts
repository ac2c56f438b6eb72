import type {
  ComparisonNode,
  ComparisonOperator,
  Expression,
  IntegerNode,
  IpNode,
  ListItemNode,
  ListNode,
  LiteralNode,
  NamedListNode,
  Node,
  OperandNode,
} from "./ast.ts";
import { fromBytes } from "./bytes.ts";
import { Cursor } from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { LIMITS } from "./limits.ts";
import {
  describe,
  integerNode,
  isString,
  literalNode,
  patternValue,
  stringNode,
  stringValue,
} from "./literals.ts";
import { nearest } from "./suggest.ts";
import {
  comparisonSigns,
  comparisonWords,
  insteadOfOperator,
  logicalSigns,
  operatorWords,
  reserved,
} from "./words.ts";

const quantifiers = ["any", "all"];
const logicalWords = ["and", "xor", "or"] as const;

class Parser extends Cursor {
  #depth = 0;

  constructor(source: string) {
    super(source);
    if (this.peek().kind === "end") {
      this.fail("EXPRESSION_EMPTY", this.peek(), "the expression is empty", {
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
    const token = this.peek();
    if (token.kind !== "end") this.unexpected(token, expected, this.#meant(token));
  }

  /** What an author probably meant by a word in the place of an operator. */
  #meant(token: Token): string | undefined {
    if (token.kind !== "word") return undefined;
    return insteadOfOperator[token.text.toLowerCase()] ?? nearest(token.text, operatorWords);
  }

  #descend<T>(token: Token, inner: () => T): T {
    const limit = LIMITS.nestingDepth.value;
    if (++this.#depth > limit) {
      this.fail("EXPRESSION_TOO_DEEP", token, `this nests deeper than ${limit} levels`);
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
    while (this.isWord(operator) || this.isSign(logicalSigns[operator])) {
      this.take();
      terms.push(this.#logical(level + 1));
    }
    if (terms.length === 1) return first;
    return { kind: "logical", operator, terms, start: first.start, end: (terms.at(-1) as Node).end };
  }

  #unary(): Node {
    const token = this.peek();
    if (this.isWord("not") || this.isSign("!")) {
      this.take();
      const operand = this.#descend(token, () => this.#unary());
      return { kind: "not", operand, start: token.start, end: operand.end };
    }
    if (this.isSign("(")) {
      this.take();
      const inner = this.#descend(token, () => this.#logical(0));
      this.#close(token);
      return inner;
    }
    return this.#comparison();
  }

  #close(open: Token): void {
    const expected = `an operator, or ) for the ( at offset ${open.start}`;
    if (this.isSign(")")) this.take();
    else this.unexpected(this.peek(), expected, this.#meant(this.peek()));
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
    const token = this.peek();
    if (token.kind === "sign") {
      const operator = comparisonSigns[token.text];
      if (operator !== undefined) this.take();
      return operator;
    }
    if (token.kind !== "word" || !comparisonWords.includes(token.text)) return undefined;
    this.take();
    if (token.text === "bitwise_and") return "&";
    if (token.text !== "strict") return token.text as ComparisonOperator;
    const isOneWord = this.isWord("wildcard") && this.source.slice(token.end, this.peek().start) === " ";
    if (!isOneWord) this.unexpected(this.peek(), "one blank and wildcard after strict");
    this.take();
    return "strict wildcard";
  }

  #operand(): OperandNode {
    const token = this.take();
    let node: OperandNode;
    if (token.kind === "word") {
      if (reserved.has(token.text)) this.unexpected(token, "a field, a function or (");
      node = this.#named(token);
    } else if (token.kind === "sign" || token.kind === "list" || token.kind === "end") {
      this.unexpected(token, "a field, a function, a literal, not or (");
    } else node = literalNode(this.source, token);
    for (let count = 0; this.isSign("[") && this.peek().start === node.end; count++) {
      if (count >= LIMITS.indexDepth.value) {
        this.fail(
          "EXPRESSION_TOO_DEEP",
          this.peek(),
          `more than ${LIMITS.indexDepth.value} indexes after one another`,
        );
      }
      node = this.#index(node);
    }
    return node;
  }

  #named(token: Token): OperandNode {
    const { start, end, text } = token;
    if (!this.isSign("(")) {
      if (text === "true" || text === "false") return { kind: "boolean", value: text === "true", start, end };
      return { kind: "field", name: text, start, end };
    }
    this.take();
    const args: Node[] = [];
    if (!this.isSign(")")) {
      this.#descend(token, () => {
        args.push(this.#argument());
        while (this.isSign(",")) {
          this.take();
          args.push(this.#argument());
        }
      });
    }
    if (!this.isSign(")")) {
      const isOperator = logicalWords.some((word) => this.isWord(word) || this.isSign(logicalSigns[word]));
      this.unexpected(
        this.peek(),
        isOperator
          ? "parentheses around the whole argument, as in any((… or …))"
          : `, or ) to end the arguments of ${describe(token)}`,
      );
    }
    return { kind: "call", name: text, arguments: args, start, end: this.take().end };
  }

  /** One comparison or value; operators between several only after a parenthesis, `not`, `any` or `all`. */
  #argument(): Node {
    const isLogical =
      this.isSign("(") || this.isWord("not") || this.isSign("!") || this.isCallOf(quantifiers);
    return isLogical ? this.#logical(0) : this.#comparison();
  }

  #index(target: OperandNode): OperandNode {
    this.sign("[");
    const token = this.take();
    const expected = "a key in quotes, a number from 0, or *";
    if (token.kind === "sign" && token.text === "*") {
      return { kind: "each", target, start: target.start, end: this.sign("]").end };
    }
    let index: string | number;
    if (token.kind === "string") {
      index = stringValue(this.source, token);
      if (fromBytes(index) === undefined) this.unexpected(token, "a key in UTF-8");
    } else if (token.kind === "number") {
      const { value } = integerNode(this.source, token);
      if (value < 0 || value > LIMITS.arrayIndex.value) this.unexpected(token, expected);
      index = Number(value);
    } else this.unexpected(token, expected);
    return { kind: "index", target, index, start: target.start, end: this.sign("]").end };
  }

  #literal(operator: ComparisonOperator): LiteralNode {
    const token = this.take();
    if (isString(token) && operator === "matches") {
      return { kind: "string", value: patternValue(token), start: token.start, end: token.end };
    }
    if (isString(token) || token.kind === "number" || token.kind === "address")
      return literalNode(this.source, token);
    if (token.kind === "word" && (token.text === "true" || token.text === "false")) {
      this.fail("UNEXPECTED_TOKEN", token, "a Bool is not compared", {
        expected: "the Bool alone, or not before it",
      });
    }
    const isList = token.kind === "list" || (token.kind === "sign" && token.text === "{");
    return this.unexpected(token, `a literal on the right side of ${operator}`, isList ? "in" : undefined);
  }

  #membership(): ListNode | NamedListNode {
    const open = this.take();
    if (open.kind === "list") return { kind: "namedList", name: open.text, start: open.start, end: open.end };
    if (!(open.kind === "sign" && open.text === "{")) this.unexpected(open, "{…} or $list_name after in");
    const items: ListItemNode[] = [];
    while (!this.isSign("}")) items.push(this.#listItem());
    return { kind: "list", items, start: open.start, end: this.take().end };
  }

  #listItem(): ListItemNode {
    const token = this.take();
    if (isString(token)) return stringNode(this.source, token);
    if (token.kind !== "number" && token.kind !== "address") {
      this.unexpected(token, "a literal or }; items are parted by blanks");
    }
    const from = literalNode(this.source, token) as ListItemNode;
    if (!this.isSign("..")) return from;
    const dots = this.take();
    const end = this.take();
    if (dots.start !== token.end || end.start !== dots.end)
      this.unexpected(dots, "no blank around .. of a range");
    const fits = end.kind === token.kind && from.kind !== "cidr";
    const to = fits ? literalNode(this.source, end) : undefined;
    if (to === undefined || to.kind !== from.kind) {
      this.fail("RANGE_INVALID", end, "the end of a range must be of the kind of its start", {
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
export function parse(source: string): Expression {
  return { source, body: new Parser(source).whole() };
}

/**
 * Parses a value expression: a field, a call or a literal, as dynamic header values and rate limiting
 * characteristics are. Throws `ExpressionError`.
 */
export function parseValue(source: string): Expression {
  return { source, body: new Parser(source).value() };
}

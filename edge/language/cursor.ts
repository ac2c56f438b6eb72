import { fail, type Token, tokenize } from "./lexer.ts";
import { describe } from "./literals.ts";
import type { ProblemCode, ProblemDetail } from "./problems.ts";

/** Walks over the tokens of an expression. */
export class Cursor {
  protected readonly source: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(source: string) {
    this.source = source;
    this.#tokens = tokenize(source);
  }

  /** The next token, left in place. */
  protected peek(): Token {
    return this.#tokens[this.#position] as Token;
  }

  /** Whether a call of one of these functions comes next. */
  protected isCallOf(names: readonly string[]): boolean {
    const [token, after] = [this.peek(), this.#tokens[this.#position + 1]];
    return (
      token.kind === "word" && names.includes(token.text) && after?.kind === "sign" && after.text === "("
    );
  }

  /** The next token; the cursor moves on. */
  protected take(): Token {
    return this.#tokens[this.#position++] as Token;
  }

  /** Whether the next token is this sign. */
  protected isSign(text: string): boolean {
    const token = this.peek();
    return token.kind === "sign" && token.text === text;
  }

  /** Whether the next token is this word. */
  protected isWord(text: string): boolean {
    const token = this.peek();
    return token.kind === "word" && token.text === text;
  }

  /** Throws the problem of one token. */
  protected fail(code: ProblemCode, token: Token, message: string, detail: ProblemDetail = {}): never {
    return fail(this.source, code, token.start, token.end, message, detail);
  }

  /** Throws that a token cannot stand where it stands. */
  protected unexpected(token: Token, expected: string, suggestion?: string): never {
    this.fail("UNEXPECTED_TOKEN", token, `${describe(token)} cannot stand here`, { expected, suggestion });
  }

  /** Takes this sign, or throws that it is expected. */
  protected sign(text: string): Token {
    if (!this.isSign(text)) this.unexpected(this.peek(), text);
    return this.take();
  }
}

import { type TokenInputCode, tokenInputErrors } from "../../model/codes/tokenCodes.ts";

/**
 * A key, claim, lifetime or path that cannot be used. The message says which rule is broken and never quotes
 * key material.
 */
export class TokenInputError extends Error {
  override readonly name = "TokenInputError";
  readonly code: TokenInputCode;
  readonly hint: string;

  constructor(code: TokenInputCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint ?? tokenInputErrors[code].remedy;
  }
}

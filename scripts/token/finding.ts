import { type RefusalCode, tokenCodes, type WarningCode } from "../../model/codes/tokenCodes.ts";

/** One thing found out about a token or link: a stable code, the particulars, and what to do. */
export interface Finding<Code extends string = RefusalCode | WarningCode> {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
}

export type Refusal = Finding<RefusalCode>;
export type Warning = Finding<WarningCode>;

/** A finding whose hint is the code's remedy. */
export function finding<Code extends RefusalCode | WarningCode>(code: Code, message: string): Finding<Code> {
  return { code, message, hint: tokenCodes[code].remedy };
}

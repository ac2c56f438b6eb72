import type { Expression } from "@keyturn/edge/language";
import { constant } from "./constant.ts";
import { headerCase } from "./headerCase.ts";
import type { ExpressionFinding } from "./nodes.ts";
import { regexCost } from "./regexCost.ts";

/** What is probably not meant in an expression that Cloudflare takes, by its place. */
export function expressionFindings(expression: Expression): readonly ExpressionFinding[] {
  return [headerCase, regexCost, constant]
    .flatMap((look) => look(expression))
    .toSorted((a, b) => a.offset - b.offset);
}

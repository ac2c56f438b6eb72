import type { Expression } from "./ast.ts";

/** What an expression reads by name. */
export interface Names {
  readonly fields: ReadonlySet<string>;
  /** Without `$`. */
  readonly lists: ReadonlySet<string>;
}

/** The fields and named lists that an expression mentions anywhere. */
export function namesIn(expression: Expression): Names {
  const fields = new Set<string>();
  const lists = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    if ("kind" in part && "name" in part && typeof part.name === "string") {
      if (part.kind === "field") fields.add(part.name);
      else if (part.kind === "namedList") lists.add(part.name);
    }
    for (const inner of Object.values(part)) visit(inner);
  };
  visit(expression.body);
  return { fields, lists };
}

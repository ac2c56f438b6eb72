import { createHash } from "node:crypto";
import type { Edge } from "@keyturn/edge";
import { namesIn, parse } from "@keyturn/edge/language";
import { leavesOf } from "../../model/definition/requirementTree.ts";
import type { Definitions } from "../../model/definition/types.ts";

type NamedList = ReturnType<Edge["world"]["account"]>["lists"][number];

/**
 * The lists that definitions name as `$name`, as an account that has nothing in them: somebody else fills them at
 * Cloudflare, which refuses rules that name one it does not have.
 */
export function accountLists({ hosts }: Definitions): readonly NamedList[] {
  const expressions = hosts
    .flatMap(({ rules }) => rules)
    .flatMap(({ require, expression }) => [
      ...(expression === undefined ? [] : [expression]),
      ...leavesOf(require).flatMap((leaf) => (leaf.kind === "where" ? [leaf.expression] : [])),
    ]);
  const names = new Set(expressions.flatMap((expression) => [...namesIn(parse(expression)).lists]));
  return [...names].map((name) => ({
    id: createHash("sha256").update(name).digest("hex").slice(0, 32),
    name,
    // An empty list of any kind has nothing.
    kind: "ip",
    items: [],
  }));
}

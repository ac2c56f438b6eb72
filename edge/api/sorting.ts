import { refusal } from "./errors.ts";

/**
 * `items` in the order that the query parameters `order` and `direction` (`asc`, `desc`) ask for; as they are
 * without `order`. Refuses other values.
 */
export function sortedBy<T extends object>(
  query: URLSearchParams,
  items: readonly T[],
  members: readonly (keyof T & string)[],
): readonly T[] {
  const direction = query.get("direction") ?? "asc";
  if (direction !== "asc" && direction !== "desc") {
    throw refusal("invalidQuery", { name: "direction", what: "must be asc or desc" });
  }
  const order = query.get("order");
  if (order === null) return direction === "asc" ? items : items.toReversed();
  const member = members.find((each) => each === order);
  if (member === undefined) {
    throw refusal("invalidQuery", { name: "order", what: `must be one of ${members.join(", ")}` });
  }
  const ascending = items.toSorted((a, b) => compared(String(a[member] ?? ""), String(b[member] ?? "")));
  return direction === "asc" ? ascending : ascending.toReversed();
}

function compared(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

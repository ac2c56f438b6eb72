/** What of a rule decides its place. */
export interface Ordered {
  readonly id: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Sorts rules so that every `before` and `after` holds; where nothing is said, by id.
 *
 * @returns the sorted rules; where that is impossible, the ids around each circle, the first repeated at the
 *   end (`a`, `b`, `a`: a stands before b, b before a), and the rules in an order that ignores it
 */
export function orderRules<T extends Ordered>(
  rules: readonly T[],
): { readonly sorted: readonly T[]; readonly cycles: readonly (readonly string[])[] } {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const ids = [...byId.keys()].sort();
  const earlier = new Map(ids.map((id) => [id, new Set<string>()]));
  for (const rule of rules) {
    for (const id of rule.after) if (byId.has(id)) earlier.get(rule.id)?.add(id);
    for (const id of rule.before) earlier.get(id)?.add(rule.id);
  }
  const sorted: T[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: (readonly string[])[] = [];
  const place = (id: string): void => {
    const open = path.indexOf(id);
    if (open >= 0) {
      cycles.push([...path.slice(open), id].reverse());
      return;
    }
    if (done.has(id)) return;
    path.push(id);
    for (const other of [...(earlier.get(id) ?? [])].sort()) place(other);
    path.pop();
    done.add(id);
    const rule = byId.get(id);
    if (rule !== undefined) sorted.push(rule);
  };
  for (const id of ids) place(id);
  return { sorted, cycles };
}

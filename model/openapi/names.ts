import { createHash } from "node:crypto";
import type { Operation } from "./types.ts";

/**
 * A valid id for each operation, from its operationId or else method and path. Where two come out alike, all of them
 * get a piece of a digest of method and path, so that no id depends on the order of the document.
 *
 * @param taken ids that must not be used again
 */
export function ruleIds(
  operations: readonly Operation[],
  taken: ReadonlySet<string>,
): ReadonlyMap<Operation, string> {
  const plain = operations.map((each) =>
    nameFrom(each.operationId ?? `${each.method} ${each.path}`, 63, "op"),
  );
  const often = new Map<string, number>();
  for (const id of plain) often.set(id, (often.get(id) ?? 0) + 1);
  return new Map(
    operations.map((operation, index) => {
      const id = plain[index] ?? "";
      if (often.get(id) === 1 && !taken.has(id)) return [operation, id];
      const key = `${operation.method} ${operation.host ?? ""}${operation.path}`;
      const digest = createHash("sha256").update(key).digest("hex").slice(0, 8);
      return [operation, `${id.slice(0, 54)}-${digest}`];
    }),
  );
}

/** A text as an id: small letters, digits and single hyphens; `findPets` becomes `find-pets`. */
export function nameFrom(text: string, longest: number, fallback: string): string {
  const words = text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  // What an object has by itself is refused as an id.
  const safe = /^[a-z]/.test(words) && !(words in {}) ? words : `${fallback}-${words}`;
  return safe.slice(0, longest).replace(/-+$/, "");
}

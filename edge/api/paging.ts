import { type Problem, problem, refuseIfAny } from "./errors.ts";
import { ok, type Reply } from "./reply.ts";

/** Bounds of `per_page` for one list. */
export interface PageBounds {
  readonly standard: number;
  readonly least: number;
  readonly most: number;
}

const usual: PageBounds = { standard: 20, least: 1, most: 1000 };

/**
 * One page of `items` by `page` (from 1) and `per_page`. A page beyond the last is empty: the SDK asks for
 * the next page until one is, so a list that ignored `page` would make it loop for ever.
 */
export function paged(query: URLSearchParams, items: readonly unknown[], bounds: PageBounds = usual): Reply {
  const problems: Problem[] = [];
  const page = wholeNumber(query, "page", 1, { least: 1, most: Number.MAX_SAFE_INTEGER }, problems);
  const perPage = wholeNumber(query, "per_page", bounds.standard, bounds, problems);
  refuseIfAny(problems);
  const start = (page - 1) * perPage;
  const result = items.slice(start, start + perPage);
  return ok(result, {
    resultInfo: { page, per_page: perPage, count: result.length, total_count: items.length },
  });
}

/**
 * One page of `items` by `cursor`, an opaque text of ours that names the first item. The last page has no
 * `cursor` in `result_info`.
 */
export function cursorPaged<T>(
  query: URLSearchParams,
  items: readonly T[],
  more: { readonly size: number; readonly place: "cursor" | "cursors.after" },
): Reply {
  const problems: Problem[] = [];
  const cursor = query.get("cursor") ?? "";
  const start = cursor === "" ? 0 : Number(/^c(\d{1,9})$/.exec(cursor)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) problems.push(problem("invalidQuery", { name: "cursor", what: "unknown cursor" }));
  refuseIfAny(problems);
  const result = items.slice(start, start + more.size);
  const next = start + more.size < items.length ? `c${start + more.size}` : undefined;
  const resultInfo: Record<string, unknown> = { count: result.length };
  if (next !== undefined) {
    if (more.place === "cursor") resultInfo.cursor = next;
    else resultInfo.cursors = { after: next };
  }
  return ok(result, { resultInfo });
}

/** The whole number of query parameter `name`, or `standard`; adds a problem if it is none or out of range. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  standard: number,
  range: { readonly least: number; readonly most: number },
  problems: Problem[],
): number {
  const text = query.get(name);
  if (text === null || text === "") return standard;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.least && value <= range.most) return value;
  problems.push(
    problem("invalidQuery", {
      name,
      what: `must be a whole number from ${range.least} to ${range.most}`,
    }),
  );
  return standard;
}

/** All values of a repeatable parameter, written `name`, `name[]` or separated by commas. */
export function manyOf(query: URLSearchParams, name: string): readonly string[] {
  return [...query.getAll(name), ...query.getAll(`${name}[]`)]
    .flatMap((each) => each.split(","))
    .filter((each) => each !== "");
}

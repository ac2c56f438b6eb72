import type { During } from "./types.ts";

/** Something with the time in which it holds. */
export type Timed<T> = T & { readonly during: During };

/**
 * What stretches of time bring about, one after the other. What stays the same from one stretch to the next stands once, so that
 * dates of one rule leave the others alone.
 *
 * @param key equal for what is the same
 */
export function overTime<S extends { readonly during: During }, T extends object>(
  stretches: readonly S[],
  of: (stretch: S) => readonly T[],
  key: (item: T) => string,
): readonly Timed<T>[] {
  const [only] = stretches;
  // Most hosts have no date, and no key need be made.
  if (stretches.length === 1 && only !== undefined)
    return of(only).map((item) => ({ ...item, during: only.during }));
  const found: Timed<T>[] = [];
  const last = new Map<string, number>();
  for (const stretch of stretches) {
    const { during } = stretch;
    for (const item of of(stretch)) {
      const name = key(item);
      const place = last.get(name);
      const before = place === undefined ? undefined : found[place];
      if (place !== undefined && before !== undefined && before.during.until === during.from) {
        const { from } = before.during;
        const { until } = during;
        found[place] = {
          ...before,
          during: { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) },
        };
      } else {
        last.set(name, found.length);
        found.push({ ...item, during });
      }
    }
  }
  return found;
}

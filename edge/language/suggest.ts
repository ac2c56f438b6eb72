function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (previous[column] as number) + 1,
          (current[column - 1] as number) + 1,
          (previous[column - 1] as number) + same,
        ),
      );
    }
    previous = current;
  }
  return previous[b.length] as number;
}

/**
 * The nearest of `names` to a name that does not exist, for "did you mean": the same but for case, a shared
 * last part after a dot, or at most a third of its letters away. `undefined` when nothing is near.
 */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined;
  const candidates = [...names];
  const lower = name.toLowerCase();
  let limit = Math.max(1, Math.floor(lower.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    if (candidate.toLowerCase() === lower) return candidate;
    const found = distance(lower, candidate, limit);
    if (found < limit || (found === limit && best === undefined)) {
      best = candidate;
      limit = found;
    }
  }
  if (best !== undefined) return best;
  for (const candidate of candidates) if (candidate.endsWith(`.${lower}`)) return candidate;
  return undefined;
}

/** Whether two words differ by one letter replaced, left out or too many, or by two neighbours swapped. */
function isSlip(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [rest, other] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const isSwap = rest.length === 2 && rest[0] === other[1] && rest[1] === other[0] && other.length === 2;
  return isSwap || (rest.length <= 1 && other.length <= 1);
}

/** Whether every word of two names is the same or a slip; names of two letters (`lt`, `gt`) are never each other's slip. */
function isMisspelt(name: string, candidate: string): boolean {
  const [words, others] = [name.split(/[._]/), candidate.split(/[._]/)];
  if (words.length !== others.length || candidate.length < 3) return false;
  return words.every((word, index) => isSlip(word, others[index] as string));
}

/**
 * The one of `names` that a name which does not exist must mean, for "did you mean": the same but for case, dots and
 * underscores; one slip in a word; or its last part. `undefined` where several come into question: a guess might be
 * the opposite (`cert_not_before` and `cert_not_after`, `lt` and `gt`), and then it is worse than none.
 */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined;
  const candidates = [...names];
  const lower = name.toLowerCase();
  const bare = (text: string) => text.toLowerCase().replace(/[._]/g, "");
  const attempts = [
    (candidate: string) => bare(candidate) === bare(name),
    (candidate: string) => isMisspelt(lower, candidate.toLowerCase()),
    (candidate: string) => candidate.endsWith(`.${lower}`) && !candidate.startsWith("raw."),
  ];
  for (const attempt of attempts) {
    const found = candidates.filter(attempt);
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
}

/** The shortest of some runs, in milliseconds: what the work costs when nothing else runs in between. */
function shortest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
  }
  return best;
}

/**
 * How many times longer the work takes on a text four times as long: about 4 where it is linear, 16 where it is
 * quadratic. Both are measured in this process, one right after the other; what takes less than a millisecond of
 * the processor at the larger size counts as linear.
 */
export function growth(piece: string, work: (text: string) => void): number {
  const [small, large] = [10_000, 40_000].map((length) =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length),
  ) as [string, string];
  const long = shortest(() => work(large));
  return long < 1000
    ? 4
    : long /
        Math.max(
          1,
          shortest(() => work(small)),
        );
}

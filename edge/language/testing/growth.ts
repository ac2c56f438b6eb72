/** The shortest of some runs, in milliseconds: what the work costs when nothing else runs in between. */
function shortest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
  }
  return best;
}

/** More than this is no noise: linear work takes 16 times as long on a text 16 times as long, quadratic 256 times. */
export const LINEAR = 64;

/**
 * How many times longer the work takes on a text 16 times as long. Both are measured in this process, one right after
 * the other; what takes less than a millisecond of the processor at the larger size counts as linear.
 */
export function growth(piece: string, work: (text: string) => void): number {
  const of = (length: number) => piece.repeat(Math.ceil(length / piece.length));
  const [small, large] = [of(1500), of(24_000)];
  const short = shortest(() => work(small));
  const long = shortest(() => work(large));
  return long < 1000 ? 16 : long / Math.max(1, short);
}

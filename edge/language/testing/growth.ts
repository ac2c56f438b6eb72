/** The shortest of some runs, in milliseconds: what the work costs when nothing else runs in between. */
function shortest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** More than this is no noise: linear work takes 16 times as long on a text 16 times as long, quadratic 256 times. */
export const LINEAR = 64;

/**
 * How many times longer the work takes on a text 16 times as long: the least of some measurements, as a machine that
 * is busy with other things, or with its own compiler, may make linear work look worse in one, and never better in
 * all. What takes less than a millisecond at the larger size counts as linear.
 */
export function growth(piece: string, work: (text: string) => void): number {
  const of = (length: number) => piece.repeat(Math.ceil(length / piece.length));
  const [small, large] = [of(1500), of(24_000)];
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5 && least >= LINEAR; round++) {
    const short = shortest(() => work(small));
    const long = shortest(() => work(large));
    least = Math.min(least, long < 1 ? 16 : long / Math.max(0.01, short));
  }
  return least;
}

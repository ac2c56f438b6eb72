/**
 * How many cases a suite runs and from which seed. `FUZZ_RUNS` sets the count of a whole suite and
 * takes a new seed each time, unless `FUZZ_SEED` sets it; without both the count is small and the
 * seed fixed, so that the everyday run repeats.
 */
export interface FuzzSettings {
  readonly numRuns: number;
  readonly seed: number;
}

const { FUZZ_RUNS: runs, FUZZ_SEED: seed } = process.env;
const otherwise = runs === undefined ? 20261122 : Date.now() % 2 ** 31;

/** The settings of one property that takes `share` (0 to 1) of its suite's cases. */
export function fuzzSettings(share: number): FuzzSettings {
  return { numRuns: Math.ceil(Number(runs ?? 2000) * share), seed: Number(seed ?? otherwise) };
}

/** Counts outcomes by name over the cases of a property, for a line like `parsed 1990 of 2000 (99.5 %)`. */
export class Tally {
  readonly #counts: Map<string, number> = new Map();
  #cases = 0;

  case(): void {
    this.#cases++;
  }

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** From 0 to 1. */
  share(name: string): number {
    return this.#cases === 0 ? 0 : (this.#counts.get(name) ?? 0) / this.#cases;
  }

  /** Prints one line to the test's output, with the seed. */
  print(title: string, settings: FuzzSettings): void {
    const parts = [...this.#counts.keys()].map((name) => `${(this.share(name) * 100).toFixed(1)} % ${name}`);
    process.stdout.write(`${title}: ${this.#cases} cases, seed ${settings.seed}: ${parts.join(", ")}\n`);
  }
}

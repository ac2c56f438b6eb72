/**
 * Lets independent work run one at a time in an order drawn from a seed, so that what works only by luck fails:
 * whoever is ready waits until nobody else becomes ready, then one of the waiting is drawn.
 */
export class Scheduler {
  readonly #random: () => number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Runs `work` when it is drawn. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => work().then(resolve, reject));
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      await this.#quiet();
      const index = Math.floor(this.#random() * this.#waiting.length);
      const [work] = this.#waiting.splice(index, 1);
      await work?.();
    }
    this.#running = false;
  }

  /** Waits until some turns of the event loop brought nobody new. */
  async #quiet(): Promise<void> {
    for (let calm = 0, seen = this.#waiting.length; calm < 6; calm += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#waiting.length !== seen) {
        seen = this.#waiting.length;
        calm = 0;
      }
    }
  }
}

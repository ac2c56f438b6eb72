import type { VirtualClock } from "@keyturn/edge";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
}

/**
 * What happens when, in virtual time. Letting time pass runs what is due, each at its own instant, so that
 * requests go on while an update is waiting for an answer of the API.
 */
export class Agenda {
  readonly #clock: VirtualClock;
  /** Latest first, so that the next one is at the end. */
  readonly #entries: Entry[] = [];
  #order = 0;
  #passing: Promise<void> = Promise.resolve();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Adds something to do at `at` (milliseconds since the epoch); what is late is done at the next chance. */
  add(at: number, run: () => void | Promise<void>): void {
    this.#order += 1;
    const entry = { at, order: this.#order, run };
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isLater(this.#entries[middle]!, entry)) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, entry);
  }

  /** Lets time pass up to `instant`. Calls that overlap wait for each other. */
  until(instant: number): Promise<void> {
    return this.#inTurn(() => this.#run(instant));
  }

  /** Lets `milliseconds` pass. */
  pass(milliseconds: number): Promise<void> {
    return this.#inTurn(() => this.#run(this.#clock.now() + milliseconds));
  }

  /** Runs everything that is left. */
  async finish(): Promise<void> {
    for (let last = this.#entries[0]; last !== undefined; last = this.#entries[0]) await this.until(last.at);
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    this.#passing = this.#passing.then(run);
    return this.#passing;
  }

  async #run(instant: number): Promise<void> {
    for (let next = this.#entries.at(-1); next && next.at <= instant; next = this.#entries.at(-1)) {
      this.#entries.pop();
      this.#moveTo(next.at);
      await next.run();
    }
    this.#moveTo(instant);
  }

  #moveTo(instant: number): void {
    if (instant > this.#clock.now()) this.#clock.set(instant);
  }
}

function isLater(one: Entry, other: Entry): boolean {
  return one.at > other.at || (one.at === other.at && one.order > other.order);
}

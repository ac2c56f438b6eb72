/** What the runner asks of a provider; the same questions the engine asks over gRPC. Values are in plain. */
export interface Provider {
  check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }>;
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: readonly string[] }>;
  create(news: Properties): Promise<{ id: string; outputs: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outputs: Properties }>;
  read(
    id: string,
    properties: Properties,
  ): Promise<{ id: string; properties: Properties; inputs?: Properties } | undefined>;
  delete(id: string, properties: Properties): Promise<void>;
}

export type Properties = Record<string, unknown>;

export interface CheckFailure {
  readonly property?: string;
  readonly reason?: string;
}

/** What providers may use of the outside: all of it can be replaced. */
export interface Surroundings {
  readonly fetch: typeof fetch;
  /** Stack configuration by full name, secrets in plain. */
  readonly config: Readonly<Record<string, string>>;
  /** Seeded, in [0, 1); the stand-in of the random provider draws from it. */
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  /** Waits without a real clock. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

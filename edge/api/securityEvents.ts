/** One security event as the pipeline reports it. Never holds a token. */
export type SecurityEvent = Readonly<Record<string, unknown>> & {
  /** RFC 3339. */
  readonly datetime: string;
};

/** Answers the events of one zone, in any order. */
export type SecurityEventSource = (zoneId: string) => readonly SecurityEvent[];

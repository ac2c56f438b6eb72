import type { Position } from "../problem/problem.ts";

/** What is unusual about a test's token; the rest of it is as the ring's issuer makes it. */
export const TOKEN_FAULTS = [
  "expired",
  "not yet valid",
  "wrong issuer",
  "wrong audience",
  "foreign key",
] as const;

/** One request with what shall become of it. */
export interface PolicyTest {
  readonly name: string;
  readonly host: string;
  readonly method: string;
  /** As sent, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly token?: TestToken;
  /** Ring whose key signs a link for the path. */
  readonly link?: string;
  /** Seconds between the making of the token or link and the request. */
  readonly after: number;
  /** How often the request is sent at its instant; the last answer counts. */
  readonly times: number;
  /** When the request is sent, in seconds since the epoch; now where it is left out. */
  readonly instant?: number;
  readonly expected: Expected;
  readonly at: Position;
}

export interface TestToken {
  readonly ring: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly fault?: (typeof TOKEN_FAULTS)[number];
}

export interface Expected {
  /** `passes`, or the status of the refusal. */
  readonly status: "passes" | number;
  /** The rule that decides; any where it is left out. */
  readonly by?: string;
  readonly reply?: ExpectedReply;
}

/** What the answer to a refused request is like; whatever is left out may be anything. */
export interface ExpectedReply {
  /** The media type, without parameters, in small letters. */
  readonly type?: string;
  /** Members that the body, read as JSON, has with these values; it may have others. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** The whole body. */
  readonly body?: string;
}

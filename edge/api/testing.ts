import Cloudflare from "cloudflare";
import type { ZoneSpec } from "../world/types.ts";
import { createWorld } from "../world/world.ts";
import { type Api, type ApiOptions, createApi } from "./api.ts";

/** Set-up that the tests of this folder share. */

export const zoneId = "023e105f4ecef8ad9ca31a8372d0c353";
export const accountId = "985e105f4ecef8ad9ca31a8372d0c353";
/** An API token that means nothing anywhere. */
export const anyToken = "any-token-will-do";
export const startsAt = Date.UTC(2026, 10, 22, 12, 0, 0);

export interface TestApi {
  readonly api: Api;
  readonly world: ReturnType<typeof createWorld>;
  readonly client: Cloudflare;
  /** Moves the clock. */
  advance(milliseconds: number): void;
  /** Sends a request with a JSON body; answers the status, the headers and the parsed body. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare parts of answers of every shape
  readonly json: any;
}

/** A body for the SDK whose types are narrower than what a test wants to send. */
export function given<T>(value: unknown): T {
  return value as T;
}

/** A world of one zone, its API and an SDK client that calls it without a socket. */
export function createTestApi(zone: Partial<ZoneSpec> = {}, options: ApiOptions = {}): TestApi {
  let now = startsAt;
  const world = createWorld({
    clock: { now: () => now },
    seed: "api",
    zones: [
      {
        id: zoneId,
        name: "example.com",
        accountId,
        plan: "enterprise",
        addOns: ["api_shield", "advanced_rate_limiting"],
        ...zone,
      },
    ],
    pops: [{ name: "AMS", lag: () => 0 }],
  });
  const api = createApi(world, options);
  return {
    api,
    world,
    client: new Cloudflare({
      apiToken: anyToken,
      baseURL: "http://edge.test/client/v4",
      maxRetries: 0,
      fetch: (input, init) => api.fetch(new Request(input as string, init as RequestInit)),
    }),
    advance: (milliseconds) => {
      now += milliseconds;
    },
    send: async (method, path, body, headers = {}) => {
      const response = await api.fetch(
        new Request(`http://edge.test/client/v4${path}`, {
          method,
          headers: { authorization: `Bearer ${anyToken}`, ...headers },
          ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parsed(text) };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

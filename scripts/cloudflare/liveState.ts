import type { LiveKey, LiveRule, RuleScope } from "../rotate/world.ts";

/** How to reach Cloudflare's API. */
export interface ApiAccess {
  readonly token: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly fetch?: typeof fetch;
  /** The SDK's own otherwise, with waits in real time. */
  readonly maxRetries?: number;
}

/** What the API itself says of keys and rules, for commands that must not believe the state. */
export interface LiveState {
  liveKeys(zoneId: string, configurationId: string): Promise<readonly LiveKey[] | undefined>;
  liveRules(scope: RuleScope, phase: string): Promise<readonly LiveRule[]>;
  /** Cloudflare's clock, from the `Date` header of an answer: milliseconds since the Unix epoch, whole seconds. */
  serverTime(): Promise<number | undefined>;
}

/** Reads with the official SDK; its own retries are fine here, since nothing is written. */
export function liveState(access: ApiAccess): LiveState {
  const create = async () => {
    const { default: Cloudflare } = await import("cloudflare");
    return new Cloudflare({
      apiToken: access.token ?? null,
      ...(access.baseUrl === undefined ? {} : { baseURL: access.baseUrl }),
      ...(access.fetch === undefined ? {} : { fetch: access.fetch }),
      ...(access.maxRetries === undefined ? {} : { maxRetries: access.maxRetries }),
    });
  };
  // A client builds an object for every product of Cloudflare: one is enough.
  let client: ReturnType<typeof create> | undefined;
  const open = () => {
    client ??= create();
    return client;
  };
  return {
    async liveKeys(zoneId, configurationId) {
      const client = await open();
      try {
        const found = await client.tokenValidation.configuration.get(configurationId, { zone_id: zoneId });
        return (found.credentials?.keys ?? []).map(({ kid, alg }) => ({ kid: kid ?? "", alg: alg ?? "" }));
      } catch (error) {
        return notFound(error);
      }
    },
    async liveRules(scope, phase) {
      const client = await open();
      try {
        const found = await client.rulesets.phases.get(phase as "http_ratelimit", scope);
        return (found.rules ?? []).map(({ ref, action, enabled }) => ({
          ref: ref ?? "",
          action: action ?? "",
          enabled: enabled !== false,
        }));
      } catch (error) {
        return notFound(error) ?? [];
      }
    },
    async serverTime() {
      const client = await open();
      // The one endpoint that needs no permission.
      const answer = await client.get("/ips").asResponse();
      const date = Date.parse(answer.headers.get("date") ?? "");
      return Number.isNaN(date) ? undefined : date;
    },
  };
}

function notFound(error: unknown): undefined {
  if ((error as { status?: number }).status === 404) return undefined;
  throw error;
}

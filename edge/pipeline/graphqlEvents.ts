import type { SecurityEvent } from "./events.ts";

/** A member of `metadata` in firewallEventsAdaptive. */
interface MetadataEntry {
  readonly key: string;
  readonly value: string;
}

/**
 * A security event under the names of GraphQL's `firewallEventsAdaptive`
 * (developers.cloudflare.com/analytics/graphql-api, asOf 2026-11). What `source` says for token validation there is
 * not documented: it is Logpush's name.
 */
export function graphqlEvent(
  event: SecurityEvent,
): Readonly<Record<string, unknown>> & { readonly datetime: string } {
  return {
    action: event.action,
    clientCountryName: event.country,
    clientIP: event.ip,
    clientRequestHTTPHost: event.host,
    clientRequestHTTPMethodName: event.method,
    clientRequestPath: event.path,
    datetime: event.datetime,
    description: event.description ?? "",
    edgeColoName: event.pop,
    edgeResponseStatus: event.status ?? 0,
    metadata: metadataOf(event),
    rayName: event.ray,
    ref: event.ref ?? "",
    ruleId: event.ruleId ?? "",
    rulesetId: event.rulesetId ?? "",
    source: event.source,
  };
}

/** Which configuration judged which token how; never the token. */
function metadataOf(event: SecurityEvent): readonly MetadataEntry[] {
  return event.tokens.flatMap(({ configuration, valid, problem, sub, claims }) => [
    { key: "token_configuration", value: configuration },
    { key: "token_result", value: valid ? "valid" : (problem ?? "invalid") },
    ...(sub === undefined ? [] : [{ key: "token_sub", value: sub }]),
    ...(claims === undefined ? [] : [{ key: "token_claims", value: claims.join(",") }]),
  ]);
}

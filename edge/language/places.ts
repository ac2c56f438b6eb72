import { redirectPhases, responsePhases, TOKEN_RULES_PHASE, transformPhases } from "./phases.ts";

/** What an expression is for; see `CheckContext.use`. */
export type Use = "filter" | "counting" | "characteristic" | "value";

/** A kind of rule, or a kind of expression in it, that Cloudflare's pages name as the place of a field or function. */
interface PlaceRow {
  readonly text: string;
  readonly phases: readonly string[];
  /** Only expressions of this use; default: all. */
  readonly use?: Use;
}

/** Places by name, in the words of Cloudflare's pages on functions and fields, 2026-11. */
const PLACES = {
  customRules: { text: "custom rules", phases: ["http_request_firewall_custom"] },
  rateLimits: { text: "rate limiting rules", phases: ["http_ratelimit"] },
  counting: { text: "counting expressions", phases: ["http_ratelimit"], use: "counting" },
  managedRules: { text: "managed rules", phases: ["http_request_firewall_managed"] },
  tokenRules: { text: "token validation rules", phases: [TOKEN_RULES_PHASE] },
  transforms: { text: "transform rules", phases: transformPhases },
  requestHeaders: { text: "request header transform rules", phases: ["http_request_late_transform"] },
  responseHeaders: { text: "response header transform rules", phases: ["http_response_headers_transform"] },
  rewrites: { text: "rewrite expressions of transform rules", phases: transformPhases, use: "value" },
  urlRewrites: { text: "URL rewrites", phases: ["http_request_transform"], use: "value" },
  redirects: { text: "target expressions of redirects", phases: redirectPhases, use: "value" },
  customErrors: { text: "custom error rules", phases: ["http_custom_errors"] },
  responses: { text: "phases after the origin's answer", phases: responsePhases },
  networkFirewall: { text: "the network firewall", phases: ["magic_transit"] },
} as const satisfies Record<string, PlaceRow>;

export type PlaceName = keyof typeof PLACES;

/** Why something with these places may not be used here, as the end of a sentence; `undefined` when it may. */
export function placeGap(
  places: readonly PlaceName[] | undefined,
  here: { readonly phase: string; readonly use: Use },
): string | undefined {
  const rows: readonly PlaceRow[] | undefined = places?.map((name) => PLACES[name]);
  const isHere = rows?.some(
    ({ phases, use }) => phases.includes(here.phase) && (use === undefined || use === here.use),
  );
  if (rows === undefined || isHere) return undefined;
  const texts = rows.map(({ text }) => text);
  const last = texts.pop() ?? "";
  return `is available only in ${texts.length === 0 ? last : `${texts.join(", ")} and ${last}`}`;
}

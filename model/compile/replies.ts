import type { Reply } from "./types.ts";

/** What a valid token or link of the ring gets at the canary path. Match status and body exactly. */
export function canaryAccepted(ring: string): Reply {
  return { status_code: 418, content_type: "text/plain", content: `keyturn: accepted ${ring}` };
}

/** What anything else gets there. */
export const CANARY_REFUSED: Reply = {
  status_code: 403,
  content_type: "text/plain",
  content: "keyturn: refused",
};

/** JSON in the form of RFC 6749 section 5.2: a code and a sentence. */
function json(status: number, error: string, description: string): Reply {
  return {
    status_code: status,
    content_type: "application/json",
    content: JSON.stringify({ error, error_description: description }),
  };
}

/** Why a request is refused. Codes of RFC 6750 section 3.1 where one fits. */
export const replies = {
  ambiguous: json(400, "invalid_request", "The request can be read in more than one way."),
  invalidToken: json(401, "invalid_token", "A valid access token is required."),
  insufficientScope: json(403, "insufficient_scope", "The access token does not allow this."),
  invalidLink: json(403, "invalid_link", "The link is not valid or has expired."),
  forbidden: json(403, "forbidden", "This request is not allowed."),
  notListed: json(404, "not_found", "There is nothing here."),
  tooMany: json(429, "too_many_requests", "Too many requests. Try again later."),
} as const satisfies Record<string, Reply>;

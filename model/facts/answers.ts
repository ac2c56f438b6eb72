/** Why a request is refused. */
export const REASONS = [
  "token",
  "claims",
  "link",
  "where",
  "expression",
  "ambiguous",
  "unlisted",
  "limit",
] as const;
export type Reason = (typeof REASONS)[number];

/** What is answered where definitions say nothing else. Codes are those of RFC 6750 section 3.1 where one fits. */
export const DEFAULT_ANSWERS: Readonly<
  Record<Reason, { readonly status: number; readonly error: string; readonly detail: string }>
> = {
  token: { status: 401, error: "invalid_token", detail: "A valid access token is required." },
  claims: { status: 403, error: "insufficient_scope", detail: "The access token does not allow this." },
  link: { status: 403, error: "invalid_link", detail: "The link is not valid or has expired." },
  where: { status: 403, error: "forbidden", detail: "This request is not allowed." },
  expression: { status: 403, error: "forbidden", detail: "This request is not allowed." },
  ambiguous: {
    status: 400,
    error: "invalid_request",
    detail: "The request can be read in more than one way.",
  },
  unlisted: { status: 404, error: "not_found", detail: "There is nothing here." },
  limit: { status: 429, error: "too_many_requests", detail: "Too many requests. Try again later." },
};

/** Statuses that a rule's reply may have, with their phrases (iana.org/assignments/http-status-codes, as of 2026-11). */
export const STATUS_PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  410: "Gone",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  451: "Unavailable For Legal Reasons",
};

/**
 * The body of an answer as RFC 9457 has it, with the code as `error`. Its media type stays `application/json`: a rule's
 * reply can have no other of JSON (developers.cloudflare.com/waf/custom-rules/create-dashboard, as of 2026-11).
 */
export function problemBody(status: number, error: string, detail: string): string {
  const title = STATUS_PHRASES[status] ?? "";
  return JSON.stringify({ type: "about:blank", title, status, detail, error });
}

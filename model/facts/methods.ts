/**
 * The HTTP methods that a rule may name.
 * Source: developers.cloudflare.com/api: api_gateway/operations `method`, as of 2026-11.
 */
export const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
] as const;

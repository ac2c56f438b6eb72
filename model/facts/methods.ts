/**
 * The HTTP methods that a rule may name, with where each is defined (IANA: HTTP Method Registry, as of 2026-11).
 * Cloudflare's field holds any method in capitals; the first group is what Endpoint Management knows, too
 * (developers.cloudflare.com/api: api_gateway/operations `method`, as of 2026-11).
 */
const COMMON = {
  GET: "RFC 9110 section 9.3.1",
  HEAD: "RFC 9110 section 9.3.2",
  POST: "RFC 9110 section 9.3.3",
  PUT: "RFC 9110 section 9.3.4",
  PATCH: "RFC 5789 section 2",
  DELETE: "RFC 9110 section 9.3.5",
  OPTIONS: "RFC 9110 section 9.3.7",
  CONNECT: "RFC 9110 section 9.3.6",
  TRACE: "RFC 9110 section 9.3.8",
};

/** What a server that does not know it may answer as if it were GET, so a host takes it only where a rule names it. */
const SPECIAL = {
  PROPFIND: "RFC 4918 section 9.1",
  PROPPATCH: "RFC 4918 section 9.2",
  MKCOL: "RFC 4918 section 9.3",
  COPY: "RFC 4918 section 9.8",
  MOVE: "RFC 4918 section 9.9",
  LOCK: "RFC 4918 section 9.10",
  UNLOCK: "RFC 4918 section 9.11",
  REPORT: "RFC 3253 section 3.6",
  SEARCH: "RFC 5323 section 2",
  QUERY: "RFC 10008 section 2",
};

/** Every method that a rule may name. */
export const METHODS: readonly string[] = Object.keys({ ...COMMON, ...SPECIAL });

/** Methods that every server knows or refuses. */
export const COMMON_METHODS: readonly string[] = Object.keys(COMMON);

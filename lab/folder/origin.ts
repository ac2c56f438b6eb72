import type { OriginRequest, OriginResponse } from "@keyturn/edge";

/** What stands behind the lab's edge: it answers 200 and remembers what reached it. */
export interface Origin {
  answer(request: OriginRequest): OriginResponse;
  /** What reached it last; undefined where nothing did. */
  last(): OriginRequest | undefined;
}

/** The answer names method, host, path and query, and no header: one of them may be a token. */
export function labOrigin(): Origin {
  let seen: OriginRequest | undefined;
  return {
    answer(request) {
      seen = request;
      const { method, host, path, query } = request;
      return {
        status: 200,
        headers: [["content-type", "application/json"]],
        body: JSON.stringify({ method, host, path, query }),
      };
    },
    last: () => seen,
  };
}

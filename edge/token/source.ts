import type { Choices } from "../choices.ts";

/** Where a configuration looks for its token. */
export interface TokenSource {
  readonly kind: "header" | "cookie";
  readonly name: string;
}

/** What a request offers: the first value of a header (name in lower case) or of a cookie. */
export interface TokenCarrier {
  header(name: string): string | undefined;
  cookie(name: string): string | undefined;
}

const SOURCE = /^\s*http\.request\.(headers|cookies)\["((?:[^"\\]|\\["\\])*)"\]\[0\]\s*$/;

/** Reads `http.request.headers["name"][0]` or `http.request.cookies["name"][0]`; anything else is undefined. */
export function parseTokenSource(expression: string): TokenSource | undefined {
  const match = SOURCE.exec(expression);
  if (match === null) return undefined;
  const name = match[2]!.replace(/\\(["\\])/g, "$1");
  return { kind: match[1] === "headers" ? "header" : "cookie", name };
}

/** The token a request carries for these sources, without its `Bearer` prefix; undefined if none is set. */
export function extractToken(
  sources: readonly TokenSource[],
  carrier: TokenCarrier,
  choices: Choices,
): string | undefined {
  let found: string | undefined;
  for (const source of sources) {
    const value = source.kind === "header" ? carrier.header(source.name) : carrier.cookie(source.name);
    if (value === undefined) continue;
    const token =
      source.kind === "cookie" && choices.bearerInCookie === "kept" ? value : dropBearer(value, choices);
    if (token === "" && choices.tokenEmptyValue === "absent") continue;
    found = token;
    if (choices.tokenSource === "first") break;
  }
  return found;
}

const PREFIX = {
  exact: { once: /^Bearer(?::? +|:?$)/, all: /^(?:Bearer(?::? +|:?$))+/ },
  insensitive: { once: /^Bearer(?::? +|:?$)/i, all: /^(?:Bearer(?::? +|:?$))+/i },
} as const;

function dropBearer(value: string, choices: Choices): string {
  return value.replace(PREFIX[choices.bearerCase][choices.bearerRepeated], "");
}

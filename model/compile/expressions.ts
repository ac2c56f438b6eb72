import type {
  ClaimRequirement,
  ClaimTest,
  HmacRing,
  RateLimitKey,
  TokenRing,
  TokenSource,
} from "../definition/types.ts";
import { LINK_FLAGS, LINK_VALUE_LENGTH, separatorLength } from "../facts/links.ts";
import { configurationPlaceholder, secretPlaceholder } from "../facts/placeholders.ts";

/*
 * The one place that writes expressions of Cloudflare's rules language.
 *
 * A missing value makes every comparison false, `ne` included. So conditions that let a request through are
 * written positively, and refusals as `not (…)` around them: what is missing is refused.
 */

/** A string literal. */
export function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** All of the conditions; empty ones are left out. */
export function all(...conditions: readonly (string | undefined)[]): string {
  return conditions.filter((condition) => condition !== undefined && condition !== "").join(" and ");
}

/** Any of the conditions, in parentheses where there are several. */
export function any(conditions: readonly string[]): string {
  const unique = [...new Set(conditions)];
  return unique.length === 1 ? (unique[0] ?? "") : `(${unique.map(grouped).join(" or ")})`;
}

/** The opposite of a condition. */
export function not(condition: string): string {
  return isGroup(condition) ? `not ${condition}` : `not (${condition})`;
}

function grouped(condition: string): string {
  return condition.includes(" and ") && !isGroup(condition) ? `(${condition})` : condition;
}

/** True when one pair of parentheses encloses the whole condition. Text inside literals does not count. */
function isGroup(condition: string): boolean {
  if (!condition.startsWith("(")) return false;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < condition.length; index += 1) {
    const letter = condition[index];
    if (quoted && letter === "\\") index += 1;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === "(") depth += 1;
    else if (!quoted && letter === ")") {
      depth -= 1;
      if (depth === 0) return index === condition.length - 1;
    }
  }
  return false;
}

/** One of the texts. */
export function isOneOf(value: string, texts: readonly string[]): string {
  return texts.length === 1
    ? `${value} eq ${quote(texts[0] ?? "")}`
    : `${value} in {${texts.map(quote).join(" ")}}`;
}

/** A CORS preflight as browsers send it (Fetch standard, section 3.2.2), not just any OPTIONS. */
export const PREFLIGHT = all(
  'http.request.method eq "OPTIONS"',
  'len(http.request.headers["origin"][0]) > 0',
  'len(http.request.headers["access-control-request-method"][0]) > 0',
);

/** The claims document of a validated token of the ring; missing without one. */
export function claims(ring: string): string {
  return `http.request.jwt.claims[${quote(configurationPlaceholder(ring))}][0]`;
}

/**
 * A valid token of the ring for one of the audiences. Claims exist only after the signature, `exp` and `nbf` were
 * checked; issuer and audience are not checked by Cloudflare, and a token without `exp` would never expire.
 */
export function tokenIsValid(ring: TokenRing, audiences: readonly string[] = ring.audiences): string {
  const id = quote(configurationPlaceholder(ring.id));
  return all(
    any(ring.issuers.map((issuer) => `any(http.request.jwt.claims.iss[${id}][*] == ${quote(issuer)})`)),
    any(audiences.map((audience) => `any(http.request.jwt.claims.aud[${id}][*] == ${quote(audience)})`)),
    `lookup_json_integer(${claims(ring.id)}, "exp") > 0`,
  );
}

/** Some value stands in one of the token sources. */
export function anyIsSet(sources: readonly TokenSource[]): string {
  return any(sources.map((source) => `len(${values(source)}) > 0`));
}

/**
 * One scope as a whole word of the list, or as an element of the array. A list between blanks contains a word
 * between blanks only as a whole; `concat` takes a missing list as empty, which contains none.
 */
export function hasScope(ring: TokenRing, scope: string): string {
  const { scope: shape } = ring;
  const lookup = (index?: number) => lookupString(ring.id, [shape.claim], index);
  if (shape.as === "words") return `concat(" ", ${lookup()}, " ") contains ${quote(` ${scope} `)}`;
  return any(Array.from({ length: shape.length }, (_, index) => `${lookup(index)} eq ${quote(scope)}`));
}

/**
 * One claim that is as required. Every comparison with a missing value is false, `ne` included, and a lookup finds
 * nothing that is of another type: so what is not there is never what it must be.
 */
export function hasClaim(ring: string, { path, must, stands }: ClaimRequirement): string {
  const at = (index?: number) => isAsItMust(must, ring, path, index);
  switch (stands.kind) {
    case "alone":
      return at();
    case "element": {
      const elements = Array.from({ length: stands.length }, (_, index) => at(index));
      return any(stands.orAlone ? [at(), ...elements] : elements);
    }
    case "registered": {
      const field = `http.request.jwt.claims.${stands.claim}[${quote(configurationPlaceholder(ring))}][*]`;
      const values = must.kind === "is" ? must.values : [];
      return any(values.map((value) => `any(${field} == ${quote(String(value))})`));
    }
  }
}

function isAsItMust(must: ClaimTest, ring: string, path: readonly string[], index?: number): string {
  const text = lookupString(ring, path, index);
  const integer = lookupInteger(ring, path, index);
  // Below any number or not: one of the two holds of each.
  const isThere = { text: `len(${text}) > 0`, integer: `(${integer} lt 0 or ${integer} ge 0)` };
  switch (must.kind) {
    case "is":
      return isNumeric(must.values)
        ? isOneNumber(integer, must.values)
        : isOneOf(text, must.values.map(String));
    case "isNot": {
      const [first, second] = must.values;
      const value = isNumeric(must.values) ? integer : text;
      if (second === undefined)
        return `${value} ne ${typeof first === "number" ? first : quote(first ?? "")}`;
      return isNumeric(must.values)
        ? all(isThere.integer, not(isOneNumber(integer, must.values)))
        : all(`len(${text}) ge 0`, not(isOneOf(text, must.values.map(String))));
    }
    case "present":
      return must.as === "either" ? any([isThere.text, isThere.integer]) : isThere[must.as];
    case "within":
      return all(
        must.least === undefined ? undefined : `${integer} ge ${must.least}`,
        must.most === undefined ? undefined : `${integer} le ${must.most}`,
      );
    case "affix":
      return all(
        must.starts === undefined ? undefined : `starts_with(${text}, ${quote(must.starts)})`,
        must.ends === undefined ? undefined : `ends_with(${text}, ${quote(must.ends)})`,
      );
  }
}

function isNumeric(values: readonly (string | number)[]): values is readonly number[] {
  return typeof values[0] === "number";
}

function isOneNumber(value: string, integers: readonly number[]): string {
  return integers.length === 1 ? `${value} eq ${integers[0]}` : `${value} in {${integers.join(" ")}}`;
}

function lookupString(ring: string, path: readonly string[], index?: number): string {
  return `lookup_json_string(${lookupArguments(ring, path, index)})`;
}

function lookupInteger(ring: string, path: readonly string[], index?: number): string {
  return `lookup_json_integer(${lookupArguments(ring, path, index)})`;
}

function lookupArguments(ring: string, path: readonly string[], index?: number): string {
  return [claims(ring), ...path.map(quote), ...(index === undefined ? [] : [String(index)])].join(", ");
}

const QUERY = "http.request.uri.query";

/**
 * A link that one of these secrets of the ring signed and whose time is not over. Path and query make the message, and
 * the query has one form alone (`links.ts` says why), so that nothing of it is unsigned but what cannot be otherwise.
 */
export function linkIsValid(ring: HmacRing, keys: readonly string[]): string {
  const { bind, lifetime, parameter } = ring;
  const alone = `${parameter}=`;
  const length = alone.length + LINK_VALUE_LENGTH;
  const forms = [`len(${QUERY}) eq ${length} and starts_with(${QUERY}, ${quote(alone)})`];
  if (bind.includes("query")) {
    forms.push(
      all(
        `substring(${QUERY}, -${length + 1}, -${LINK_VALUE_LENGTH}) eq ${quote(`&${alone}`)}`,
        `len(http.request.uri.args[${quote(parameter)}]) eq 1`,
      ),
    );
  }
  const signed = keys.map((key) => {
    const secret = quote(secretPlaceholder(ring.id, key));
    return `is_timed_hmac_valid_v0(${secret}, concat(http.request.uri.path, "?", ${QUERY}), ${lifetime}, http.request.timestamp.sec, ${separatorLength(parameter)}, ${quote(LINK_FLAGS)})`;
  });
  return all(any(forms), any(signed));
}

/** A token source as the API of token configurations takes it. */
export function tokenSource(source: TokenSource): string {
  return `${values(source)}[0]`;
}

/** All values of a token source. */
export function values(source: TokenSource): string {
  return `http.request.${source.kind}s[${quote(source.name)}]`;
}

/** What a rate limit counts by; maps take no `[0]` here. */
export function characteristic(key: RateLimitKey): string {
  switch (key.kind) {
    case "ip":
      return "ip.src";
    case "header":
      return `http.request.headers[${quote(key.name)}]`;
    case "claim":
      return lookupString(key.ring, key.path);
  }
}

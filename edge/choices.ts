import { overridden } from "./overrides.ts";

/**
 * What Cloudflare does not document and a model must still decide, once. The first of `values` is the one
 * taken; the others are plausible too and can be switched on, to see whether anything depends on the guess.
 * Where only a number is to be chosen, `number` is the one taken. Defaults are pessimistic: they refuse what
 * might be refused, and forget what might be forgotten. All rows as of 2026-11.
 */
export const CHOICES = {
  tokenSource: {
    values: ["first", "last"],
    about: "which of several token sources that are set is used",
    reason: "the documentation only says that one is used; the order of the list is the natural reading",
  },
  tokenEmptyValue: {
    values: ["present", "absent"],
    about: "whether a source whose value is empty (or only a prefix) counts as set",
    reason: "counting it as set makes the token invalid, and hides no other source behind a blank one",
  },
  bearerCase: {
    values: ["exact", "insensitive"],
    about: "whether `bearer` in another case is dropped like `Bearer`",
    reason: "only `Bearer ` and `Bearer: ` are documented; RFC 9110 §11.1 would allow any case",
  },
  bearerRepeated: {
    values: ["once", "all"],
    about: "whether several prefixes in a row are dropped",
    reason: "dropping one leaves a blank in the token, which is then malformed",
  },
  bearerInCookie: {
    values: ["dropped", "kept"],
    about: "whether the prefix is dropped from a cookie's value too",
    reason: "the documentation speaks of tokens with or without prefix and names no source",
  },
  presentMeans: {
    values: ["anyValue", "threeSegments"],
    about: "whether a value that is no JWT counts for is_jwt_present",
    reason: "`valid or not present` then refuses garbage instead of letting it through",
  },
  leewayEdge: {
    values: ["exclusive", "inclusive"],
    about: "whether a token is still valid exactly 60 s after `exp`",
    reason: "RFC 7519 §4.1.4: the current time must be before `exp`; the leeway moves that instant by 60 s",
  },
  fractionalTime: {
    values: ["refuse", "exact", "floor"],
    about: "an `exp` or `nbf` that is not a whole number of seconds",
    reason: "RFC 7519 §2 allows it, but integer-only parsers are common; refused, nobody relies on it",
  },
  hugeTime: {
    values: ["refuse", "accept"],
    about: "an `exp` or `nbf` beyond ±(2^53 - 1)",
    reason: "an integer overflow at the edge would refuse it or wrap around; no honest issuer sends it",
  },
  stringTime: {
    values: ["refuse", "parse"],
    about: "an `exp` or `nbf` that is a string of digits",
    reason: "RFC 7519 §2: NumericDate is a JSON number",
  },
  tokenMaxBytes: {
    number: 16_384,
    about: "the longest token that is looked at, in bytes",
    reason: "Cloudflare's limit for one request header; longer ones are malformed",
  },
  jsonMaxDepth: {
    number: 32,
    about: "how deep the JSON of a header or claims document may be nested",
    reason: "no published limit; deeper documents are malformed",
  },
  duplicateMembers: {
    values: ["refuse", "last"],
    about: "a member name that occurs twice in a header or claims document",
    reason: "RFC 7519 §4 allows either; two parsers that disagree make an attack, so it is refused",
  },
  criticalHeader: {
    values: ["refuse", "ignore"],
    about: "a token with a `crit` header",
    reason: "RFC 7515 §4.1.11: extensions that are not understood must be refused; none is documented",
  },
  paddedSegments: {
    values: ["refuse", "accept"],
    about: "a token whose segments end in `=`",
    reason: "RFC 7515 §2: base64url without padding",
  },
  claimsMapNamesAndValues: {
    values: ["validatedOnly"],
    about: "what `.names` and `.values` of the claims maps contain",
    reason: "the ids and values of the configurations whose token was valid: the maps are missing otherwise",
  },
  violationWithoutRule: {
    values: ["event", "none"],
    about: "whether an invalid token shows in Security Events although no rule acted on it",
    reason: "the documentation lists violations as the last step of validation, apart from rules",
  },
  operationSegment: {
    values: ["exactlyOne"],
    about: "what a template variable of an operation matches",
    reason: "one path segment that is not empty; a variable over several segments is nowhere described",
  },
  operationTrailingSlash: {
    values: ["distinct", "ignored"],
    about: "whether `/a` also matches a request for `/a/`",
    reason: "distinct: then the slash escapes the rule, which is what a careful author must assume",
  },
  operationHead: {
    values: ["distinct", "asGet"],
    about: "whether a GET operation also matches HEAD",
    reason: "distinct: then HEAD escapes the rule, which is what a careful author must assume",
  },
  operationOverlap: {
    values: ["mostLiteral", "firstSaved"],
    about: "which of several matching operations counts",
    reason: "the one with the fewest variables, as routers do; operations saved earlier win a tie",
  },
  fallthroughDetected: {
    values: ["unmatched", "matched"],
    about: "when cf.api_gateway.fallthrough_detected is true",
    reason: "the field index says when a saved operation matched, the name and its use say when none did",
  },
  tokenRulePrecedence: {
    values: ["first", "last"],
    about: "which end of the list of token validation rules has the highest precedence",
    reason: "`position` index and before/after read like an ordered list in which the first wins",
  },
  emptySelector: {
    values: ["nothing", "everything"],
    about: "what a token validation rule without `selector.include` covers",
    reason: "include names the hosts that are covered; relying on an empty one to protect would be rash",
  },
  tokenRuleDeletedConfiguration: {
    values: ["invalid"],
    about: "is_jwt_valid and is_jwt_present of a configuration that is gone",
    reason: "false for both: a rule that requires a token then refuses everyone, which must be noticed",
  },
  blockPageFormat: {
    values: ["byAccept", "html"],
    about: "the format of the default page of a block",
    reason: "documented for errors in general (JSON, Markdown, HTML as the client asked); assumed for blocks",
  },
  errorRulesOnResponses: {
    values: ["replace", "leave"],
    about: "whether custom error rules replace the custom response of a block rule",
    reason:
      "one page says that the response beats them, another that they apply to it; replaced, a client's code is lost",
  },
  accountSkipReach: {
    values: ["both", "account"],
    about: "whether an account-level skip of a phase also skips the zone's rules of that phase",
    reason: "two pages disagree; assuming both, nobody relies on a zone rule behind such a skip",
  },
  rateWindow: {
    values: ["fixed", "sliding"],
    about: "how a rate limit's period is laid over time",
    reason: "fixed, from the first counted request: simple to predict, and the bursts at its seams are real",
  },
  rateCounterReset: {
    values: ["onChange", "never"],
    about: "whether changing a rate limiting rule forgets its counters",
    reason: "forgetting gives a flood a fresh budget; nobody should count on the opposite",
  },
  rateMaxCounters: {
    number: 200_000,
    about: "how many counters one rule keeps at one point of presence",
    reason: "a bound on memory; the oldest are forgotten first, as under pressure anywhere",
  },
  visitorId: {
    values: ["address"],
    about: "what cf.unique_visitor_id counts by",
    reason: "the client's address: visitors behind one NAT share a counter, the stricter outcome",
  },
  clearanceSeconds: {
    number: 1_800,
    about: "how long a clearance of a passed challenge lasts",
    reason: "Cloudflare's default Challenge Passage of 30 minutes",
  },
  selectorHostVariable: {
    values: ["template", "requestHost"],
    about:
      "whether a literal host in a selector covers requests to it for an operation saved with a host variable",
    reason:
      "hosts are compared as saved, so such requests escape the rule unless the template itself is named",
  },
  skipProductRateLimit: {
    values: ["phase", "oldProduct"],
    about:
      "what `skip` with the product `rateLimit` passes over: the phase http_ratelimit, or the old product only",
    reason:
      "the old product is gone, so the name may stand for its successor; then limits are off where it is used",
  },
  uncompilableRule: {
    values: ["neverMatches"],
    about: "a rule that was put into the world by hand and does not parse or type-check",
    reason:
      "the API refuses such rules; here nothing of it takes effect, and an event of the action `invalid` says so",
  },
  hostPort: {
    values: ["dropped", "kept"],
    about: "whether http.host contains the port of the Host header",
    reason: "rules are written with bare names; on the standard ports clients send none",
  },
  queryNormalization: {
    values: ["pathOnly"],
    about: "whether URL normalization touches the query string",
    reason: "the documentation speaks of URL paths; a changed query would break signed links",
  },
} as const satisfies Record<string, ChoiceRow>;

interface NamedValues {
  readonly values: readonly [string, ...string[]];
}
interface NumberValue {
  readonly number: number;
}
type ChoiceRow = (NamedValues | NumberValue) & { readonly about: string; readonly reason: string };
type Table = typeof CHOICES;

/** One decision per row of the table. */
export type Choices = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly values: readonly (infer Value)[] }
    ? Value
    : number;
};

const table: Readonly<Record<string, ChoiceRow>> = CHOICES;

const defaults = Object.fromEntries(
  Object.entries(table).map(([name, row]) => [name, "number" in row ? row.number : row.values[0]]),
) as Choices;

/** The table's own decisions, with some taken otherwise; an unknown name or value throws a RangeError. */
export function resolveChoices(overrides: Partial<Choices> = {}): Choices {
  return overridden(defaults, overrides, (name) => {
    const row = table[name];
    return row !== undefined && "values" in row ? row.values : [];
  });
}

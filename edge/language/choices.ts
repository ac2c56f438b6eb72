import { overridden } from "../overrides.ts";

/** One behaviour that Cloudflare does not document: what we take, what else is plausible, and why. */
export interface ChoiceRow<T> {
  readonly value: T;
  readonly others: readonly T[];
  readonly reason: string;
}

function choice<T extends boolean | number | string>(
  value: T,
  others: readonly T[],
  reason: string,
): ChoiceRow<T> {
  return { value, others, reason };
}

/**
 * Undocumented behaviours of the language, as of 2026-11. Where both answers are plausible the harsher one for
 * the author of a rule is taken, and `CompileOptions.choices` or `CheckContext.choices` switches it.
 */
export const CHOICES = {
  jsonDepth: choice<number>(
    128,
    [64, 1024],
    "deepest JSON that lookup_json_* reads; deeper documents count as invalid: the common limit of Rust parsers",
  ),
  jsonDuplicateKeys: choice<"last" | "invalid">(
    "last",
    ["invalid"],
    "a doubled member name in JSON: the last one counts in most parsers; the token side refuses such tokens itself",
  ),
  jsonOtherTypes: choice<"missing" | "text">(
    "missing",
    ["text"],
    "lookup_json_string on a number or boolean: missing, so that a rule for a string never admits a number",
  ),
  hmacFutureIssued: choice<"accepted" | "refused">(
    "accepted",
    ["refused"],
    "a timestamp in the future: no check is documented and a published example dates tokens ahead, so they live longer",
  ),
  hmacSplit: choice<"last" | "first">(
    "last",
    ["first"],
    "which ten digits and a dash part message and MAC: a greedy (.+) takes the last that leaves 43 characters",
  ),
  hmacPlus: choice<"blank" | "plus">(
    "blank",
    ["plus"],
    "an unencoded + in a standard MAC: URL decoding makes it a blank and the token invalid, as the documentation warns",
  ),
  hmacLowerCaseEscapes: choice<"accepted" | "refused">(
    "accepted",
    ["refused"],
    "%2b for %2B in a MAC: RFC 3986 calls them equal, and the message itself stays signed",
  ),
  urlDecodeInvalid: choice<"kept" | "missing">(
    "kept",
    ["missing"],
    "a % without two hexadecimal digits in url_decode: kept as it is, as lenient decoders do",
  ),
  lengthUnit: choice<"bytes" | "characters">(
    "bytes",
    ["characters"],
    "what the 4,096 characters of an expression count: bytes of UTF-8 is the stricter reading",
  ),
  rateLimitOtherFields: choice<"enterprise" | "free">(
    "enterprise",
    ["free"],
    "fields that the rate limiting plan table does not name: only on the plan that has all",
  ),
  customCharacteristics: choice<"advanced" | "business">(
    "advanced",
    ["business"],
    "characteristics other than the address: the plan table gives them to Advanced Rate Limiting",
  ),
  claimsInTokenRules: choice<"refused" | "accepted">(
    "refused",
    ["accepted"],
    "http.request.jwt.claims in token validation rules: the list of places for claims does not name them",
  ),
} as const satisfies Record<string, ChoiceRow<boolean | number | string>>;

export type ChoiceName = keyof typeof CHOICES;

/** The behaviours in force, one value for each row of `CHOICES`. */
export type Choices = {
  readonly [Name in ChoiceName]: (typeof CHOICES)[Name] extends ChoiceRow<infer T> ? T : never;
};

const defaults = Object.fromEntries(
  Object.entries(CHOICES).map(([name, row]) => [name, row.value]),
) as Choices;

/** The default of every row, replaced where `overrides` names another; an unknown name or value is a RangeError. */
export function chosen(overrides: Partial<Choices> = {}): Choices {
  return overridden(defaults, overrides, (name) => [CHOICES[name].value, ...CHOICES[name].others]);
}

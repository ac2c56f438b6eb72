import { openapiCodes } from "./openapiCodes.ts";
import type { Position, Problem, Severity } from "./problem.ts";

interface CodeRow {
  readonly severity: Severity;
  /** What `keyturn explain CODE` prints. */
  readonly explanation: string;
}

function error(explanation: string): CodeRow {
  return { severity: "error", explanation };
}

function warning(explanation: string): CodeRow {
  return { severity: "warning", explanation };
}

/** Every code a definition's problem can have. A code never changes its meaning. */
export const problemCodes = {
  FILE_NAME_INVALID: error(
    "A file among the definitions looks like one and its name does not end in `.yaml`. Passed over, its guards would be missing.",
  ),
  YAML_SYNTAX: error("The file is not valid YAML 1.2, so nothing in it was read."),
  YAML_ALIAS: error(
    "Definitions use no YAML anchors and aliases: each fact stands where a reviewer looks for it.",
  ),
  MEMBER_DUPLICATE: error(
    "A member stands twice in one place. Parsers disagree on which one counts, so neither does.",
  ),
  MEMBER_UNKNOWN: error(
    "A member that keyturn does not know. It would have no effect, and a misspelt guard is no guard.",
  ),
  MEMBER_MISSING: error("A member that cannot be left out is missing."),
  VALUE_INVALID: error("A value has the wrong type or form for its place."),
  SETTING_INVALID: error(
    "A setting under `keyturn:` of a stack's configuration is missing, unknown or does not fit; `Pulumi.yaml` says what each is.",
  ),
  SECRET_IN_DEFINITION: error(
    "A definition holds something that looks like a secret. Files under rules/ are read by everybody; keyturn makes and keeps the keys itself. A client id or an audience tag that only looks like one says so, with the reason, in a comment at the end of its line: `# keyturn: no secret, because ...`.",
  ),
  SUPPRESSION_INVALID: warning(
    "A comment to keyturn is not understood. To ignore a warning, `# keyturn: ignore CODE until 2027-03-01, because <reason>` stands at the end of its line or on the line before; end and reason cannot be left out, and the end is the first day, in UTC, on which it no longer holds.",
  ),
  SUPPRESSION_CODE_UNKNOWN: warning("A comment says to ignore a code that does not exist."),
  SUPPRESSION_OF_ERROR: warning("A comment says to ignore an error. Only warnings can be ignored."),
  SUPPRESSION_ENDED: warning("The end of a comment that says to ignore a warning has passed."),
  SUPPRESSION_UNUSED: warning(
    "A comment says to ignore a warning that its line does not have. It is looked for where all stacks were checked and no error hides a warning.",
  ),
  RING_ID_INVALID: error("A ring's id is not of the form a-z, then up to 30 of a-z, 0-9 and -."),
  RING_ID_DUPLICATE: error("Two rings have one id, in one file or in two."),
  RING_UNKNOWN: error("A rule or token source names a ring that no file defines."),
  RING_KIND_WRONG: error("A ring of JWT keys stands where a ring of link secrets is needed, or the reverse."),
  RING_KIND_UNCLEAR: error("A ring says neither or both of `algorithm` with `tokens` and `hmac`."),
  RING_UNUSED: warning("No rule uses the ring; its keys are made and rotated for nothing."),
  RING_ORIGIN_INVALID: error(
    "`from` does not say in one way where a ring's public keys are had: an issuer, the address of a JWKS, a Cloudflare Access team or a file. Addresses are https.",
  ),
  RING_OVERRIDE_INVALID: error(
    "`keyturn:rings` of a stack's configuration says of a ring what it cannot have there: issuer and audience are of rings of tokens, jwks of those with `from: { jwks }`.",
  ),
  KEY_RENEWAL_DUE: warning(
    "The day has come by which whoever holds a ring's private key was to make another one (`renewBy`).",
  ),
  ALGORITHM_UNSUPPORTED: error("Cloudflare does not verify this algorithm, or it is too weak to be used."),
  MODULUS_TOO_SHORT: error("An RSA modulus is shorter than 2048 bits (RFC 7518 section 3.3)."),
  MODULUS_WITHOUT_RSA: error("Only RSA keys have a modulus."),
  LIFETIME_MISSING: error(
    "A ring does not say how long its tokens live. Without it nobody can tell when a retired key's last token has expired.",
  ),
  LIFETIME_TOO_LONG: error("Tokens may live longer than 24 hours only where the ring says `long: true`."),
  AUDIENCE_RESERVED: error(
    "The audience `keyturn-canary` marks the tokens that prove a key; no rule may accept it.",
  ),
  PARAMETER_INVALID: error("An HMAC parameter is not a plain query parameter name."),
  HMAC_LIFETIME_ORDER: error("`longestLifetime` is shorter than `lifetime`."),
  DURATION_INVALID: error("A duration is not written like 30s, 15m, 24h or 90d."),
  ROTATION_PERIOD_TOO_SHORT: error(
    "The next rotation would begin before the last one can end (R >= W + O + 3 ticks).",
  ),
  ROTATION_PERIOD_LONG: warning("Keys live for more than a year."),
  ROTATION_LEAD_TOO_SHORT: error(
    "A new key would sign before every point of presence has it (W >= max(P, C) + 2 skews).",
  ),
  ROTATION_OVERLAP_TOO_SHORT: error(
    "A key would be retired while its tokens are still valid (O >= L + TTL + leeway + skews).",
  ),
  ROTATION_OVERLAP_LONG: warning("A retired key stays accepted for more than a week."),
  ROTATION_OVER_CAPACITY: error(
    "During a rotation the ring would hold more keys than a token configuration may.",
  ),
  ROTATION_SKEW: error("The clocks of signer and edge may differ by more than the edge's 60 s of leeway."),
  HOST_INVALID: error("A host is neither a plain host name nor `*.` before one."),
  HOST_BESIDE_WILDCARD: error(
    "A match names a host below a wildcard host, and no file is about it. A host takes all its requests from a wildcard, so that nothing but this rule would hold there.",
  ),
  HOST_BEYOND_ZONE: warning(
    "A wildcard host does not reach hosts of another zone of the stack that lies below it: a zone answers for its own hosts.",
  ),
  HOST_MISSING: error("A file has rules, exceptions or token sources and says no host."),
  HOST_DUPLICATE_SETTING: error("Two files say different things for one host."),
  HOST_WITHOUT_ZONE: error("No zone of this stack contains the host."),
  TOKEN_SOURCE_INVALID: error("A token source is neither `header <name>` nor `cookie <name>`."),
  TOKEN_SOURCES_TOO_MANY: error("A token configuration reads at most four places."),
  REQUIREMENT_TOO_BIG: error(
    "What a rule requires has more than 64 ways to be met, or `any` and `all` stand more than 4 deep in each other. Each way is a condition in one expression, and a case that a reviewer must see.",
  ),
  TOKEN_OPTIONAL_IN_CHOICE: error(
    "`token: optional` stands alone among the alternatives of `any`. A request without the token meets it, so that nothing else of the choice is asked of anybody.",
  ),
  ADDRESS_INVALID: error(
    "An address that `require` names is no IPv4 or IPv6 address or range, and no `$name` of a list.",
  ),
  TOKEN_RING_UNSTATED: error("A rule needs a token and neither it nor its file says of which ring."),
  TOKEN_CONFIGURATIONS_TOO_MANY: error("A zone holds a limited number of token configurations."),
  RULE_ID_INVALID: error("A rule's id is not of the form a-z, then up to 62 of a-z, 0-9 and -."),
  RULE_ID_DUPLICATE: error("Two rules or exceptions have one id, in one file or in two."),
  RULE_EMPTY: error("A rule requires nothing, limits nothing and has no expression, so it does nothing."),
  ANSWER_INVALID: error(
    "An answer under `answers` cannot be given: its reason never comes up, its status is none from 400 to 499 that has a name, or its body is too long or said twice. Rules can set no header, so no `WWW-Authenticate` either.",
  ),
  MODE_STAGES_INVALID: error(
    "The stages of a mode do not become harder from one instant to the next: `mode: { first: log, challenge: 2026-12-01T00:00:00Z, block: 2027-01-01T00:00:00Z }`. Nothing opens on a date.",
  ),
  MODE_STAGES_PAST: warning(
    "The last stage of a mode has begun for good; what goes before it is history, and each stage costs rules.",
  ),
  MODE_STAGES_FAR: warning(
    "A mode becomes as hard as it shall be only in more than half a year. Until then requests pass that nobody may remember.",
  ),
  RULE_EXCEPTED: warning("An exception takes every request from a rule, so the rule never acts."),
  RULE_MATCH_DUPLICATE: error(
    "Two rules match the same requests equally closely, and only one rule can decide a request.",
  ),
  RULE_ASKS_LESS: warning(
    "A rule takes requests from a broader one and asks for less. The most specific rule that matches decides alone, so these requests are not held to what the broader rule asks for.",
  ),
  HOST_OPENED: warning(
    "A rule with `require: none` or an exception matches every request of its host, so that everybody gets through to whatever nobody thought of.",
  ),
  RULE_ORDER_WITHOUT_EFFECT: warning(
    "`before` and `after` order two raw expressions that no request meets both of. Where one meets both, the order says which refusal is answered.",
  ),
  RULE_ORDER_WITHOUT_EXPRESSION: error(
    "`before` and `after` order raw expressions alone. Of rules that require something the most specific decides, and rules under `always` hold besides.",
  ),
  EXPRESSION_BESIDE_LIMIT: error(
    "A rule has an expression and a rateLimit. The expression refuses by itself whatever it holds for; it does not narrow the limit.",
  ),
  RULE_UNKNOWN: error("`before` or `after` names a rule that no file defines."),
  RULE_ORDER_CYCLE: error("`before` and `after` ask for an order that cannot be."),
  RULE_ORDER_ACROSS_ZONES: error("`before` and `after` can only order rules of one zone."),
  RULES_NEED_TWO_TOKENS: warning(
    "Two rules match one request and ask for tokens of two rings from the same place, which no request can bring.",
  ),
  PATH_INVALID: error("A path pattern is not of the form /a/{id}/b, /a/{id}.json or /a/*."),
  ACCEPTS_INVALID: error(
    "`accepts` stands where it would let requests around something: at a rule that decides nothing, that reads such a request in one way while an origin may read it in another, or that another rule shares requests with.",
  ),
  PATH_COVERED: warning(
    "A rule or exception names a path and one that covers it, so that the first says nothing. Where another rule decides between the two, it does, and this is no finding.",
  ),
  METHOD_INVALID: error("A method is not one of the HTTP methods that keyturn knows."),
  METHOD_HAS_TARGET: warning(
    "COPY and MOVE name a second path in the header Destination (RFC 4918 section 10.3), which the rules language cannot take apart. Rules see the path of the request alone, so whoever may copy below one path could write below another.",
  ),
  SCOPE_INVALID: error("A scope is not one word (RFC 6749 section 3.3)."),
  CLAIM_INVALID: error("A claim's name or its values cannot be compared by Cloudflare."),
  CLAIM_UNDECLARED: error(
    "A rule uses a claim that its ring does not declare under `tokens.claims`. A misspelt claim is in no token, so that the rule would refuse everybody, or nobody.",
  ),
  CLAIM_TYPE_WRONG: error(
    "A rule uses a claim as something else than its ring declares: a text as a number, one value as an array, or the reverse. Cloudflare would find nothing.",
  ),
  RATE_LIMIT_KEY_INVALID: error("`per` is not `ip`, `header <name>` or `token <claim>`."),
  RATE_LIMIT_PERIOD: error(
    "Cloudflare takes only some periods and mitigation times, and fewer on smaller plans.",
  ),
  EXCEPTION_UNREACHABLE: warning("An exception excepts nothing: no rule of its host matches such a request."),
  EXCEPTION_OVERLAP: warning("Two exceptions of one host cover the same request."),
  EXPRESSION_INVALID: error("An expression would be refused by Cloudflare."),
  EXPRESSION_TOO_LONG: error("An expression is longer than Cloudflare takes."),
  EXPRESSION_HEADER_CASE: error(
    "An expression asks for a header by a name with capitals. Cloudflare's maps have the names of headers in small letters, so it would never hold.",
  ),
  EXPRESSION_CONSTANT: warning(
    "An expression holds for every request or for none, whatever they bring: a part of it excludes another, or allows all that the other leaves out.",
  ),
  EXPRESSION_REGEX_COST: warning(
    "A regular expression repeats a repetition, or is copied a thousand times by counted ones. It says no more than a plain one, and costs Cloudflare more to compile and to run.",
  ),
  RULES_TOO_MANY: error("The zone's plan has room for fewer rules."),
  PLAN_LACKS: error("The zone's plan does not have a feature that the definition needs."),
  PLAN_LACKS_LOG: warning("The zone's plan has no `log` action, so the rule is deployed disabled."),
  TEST_INVALID: error(
    "A policy test has an unknown or missing member, or names a host, rule or ring that the definitions do not have.",
  ),
  ...openapiCodes,
} as const satisfies Record<string, CodeRow>;

export type ProblemCode = keyof typeof problemCodes;

/** Makes a problem; its severity is that of its code. */
export function problem(code: ProblemCode, at: Position, message: string, hint: string): Problem {
  return {
    code,
    file: at.file,
    line: at.line,
    column: at.column,
    message,
    hint,
    severity: problemCodes[code].severity,
  };
}

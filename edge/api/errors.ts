/** What the API knows about one refusal. `{name}` in `message` is filled in by {@link problem}. */
export interface ErrorRow {
  readonly code: number;
  readonly status: number;
  readonly message: string;
  /** `known`: code and meaning are published. `chosen`: nothing is published, this is our decision. */
  readonly knowledge: "known" | "chosen";
  readonly source: string;
  readonly asOf: string;
}

const asOf = "2026-11";
const chosen = (status: number, code: number, message: string, source: string): ErrorRow => ({
  code,
  status,
  message,
  knowledge: "chosen",
  source,
  asOf,
});
const known = (status: number, code: number, message: string, source: string): ErrorRow => ({
  ...chosen(status, code, message, source),
  knowledge: "known",
});

const noCodes = "no public list of token_validation error codes exists";

/**
 * Every refusal of the API in one place. Where Cloudflare publishes no code the number is ours; codes from
 * 190000 on never occur at Cloudflare, so nobody can start to rely on them by accident.
 */
export const errorTable = {
  badAuthorizationHeader: known(
    400,
    6003,
    "Invalid request headers",
    "developers.cloudflare.com: API errors, 6003",
  ),
  badAuthorizationFormat: known(
    400,
    6103,
    "Invalid format for {header} header",
    "developers.cloudflare.com: chain of 6003",
  ),
  authentication: known(401, 10000, "Authentication error", "developers.cloudflare.com: API errors, 10000"),
  permission: chosen(
    403,
    10000,
    "Authentication error",
    "the code is known, 403 for a lacking permission is not",
  ),
  foreignZone: chosen(
    403,
    9109,
    "Unauthorized to access requested resource",
    "seen in reports of users, not documented",
  ),
  tooManyRequests: chosen(
    429,
    10429,
    "Rate limit exceeded: {limit} requests per five minutes. Retry after {seconds} seconds.",
    "developers.cloudflare.com: API rate limits; the code is not documented",
  ),
  rulesetBusy: chosen(
    429,
    20429,
    "ruleset is being updated by another request; concurrent updates of one ruleset are rate limited",
    "developers.cloudflare.com: Rulesets API names the limit, not the answer",
  ),
  noRoute: chosen(404, 7000, "No route for that URI", "answers of the API; the status is not documented"),
  wrongMethod: chosen(405, 10405, "Method {method} is not allowed for that URI", "not documented"),
  badIdentifier: chosen(
    404,
    7003,
    "Could not route to {path}, perhaps your object identifier is invalid?",
    "answers of the API; the status is not documented",
  ),
  notFound: chosen(404, 10007, "{what} not found", "404 makes clients drop the object from their state"),
  unexpected: chosen(500, 10001, "Internal server error", "not documented"),

  invalidJson: chosen(400, 6007, "Malformed JSON in request body", "not documented"),
  bodyTooLarge: chosen(413, 10413, "Request body is larger than {limit} bytes", "not documented"),
  bodyTooMany: chosen(413, 10414, "Request body holds more than {limit} values", "not documented"),
  moreProblems: chosen(
    400,
    10017,
    "and more errors, which are not listed",
    "the length of the list is not documented",
  ),
  bodyTooDeep: chosen(400, 6008, "Request body is nested deeper than {limit} levels", "not documented"),
  invalidMember: chosen(400, 10016, "{where}: {what}", noCodes),
  invalidQuery: chosen(400, 10015, "query parameter {name}: {what}", "not documented"),
  invalidForm: chosen(400, 10021, "{what}", "not documented"),

  notEntitled: known(
    403,
    10403,
    "{feature} is not available: the zone has no entitlement for it",
    "third party",
  ),
  planTooLow: chosen(
    400,
    190101,
    "{what} is not available on the {plan} plan",
    "developers.cloudflare.com: plan tables; the answer is not documented",
  ),
  tooMany: chosen(
    400,
    190102,
    "exceeded maximum number of {what}: {count} out of {limit}",
    "developers.cloudflare.com: limits; the answer is not documented",
  ),

  weakKey: chosen(400, 190201, "{where}: {what}", noCodes),
  doubledKey: chosen(400, 190202, "{where}: alg {alg} and kid {kid} occur twice in the set", noCodes),
  secretMissing: chosen(400, 190203, "{where}.k is required for a new oct key", noCodes),
  badTokenSource: chosen(400, 190205, "{where}: {what}", noCodes),
  unknownOperation: chosen(400, 190207, "{where}: operation {id} does not exist", noCodes),
  badPosition: chosen(400, 190208, "{where}: {what}", "out of range answers 400; the code is not documented"),

  tooManyEntryPoints: known(
    400,
    20217,
    "'{kind}' is not a valid value for kind because exceeded maximum number of {kind} rulesets for phase {phase}",
    "terraform-provider-cloudflare issues 2634 and 6273",
  ),
  invalidExpression: chosen(
    400,
    20127,
    "'{expression}' is not a valid value for expression because the expression is invalid: {why}",
    "a real answer quotes the expression, secrets included; the code is not documented",
  ),
  invalidValue: chosen(
    400,
    20120,
    "'{value}' is not a valid value for {member} because {why}",
    "worded as 20217; the code is not documented",
  ),
  missingMember: chosen(400, 20121, "{member} is required", "not documented"),
  doubledRef: chosen(400, 20122, "ref '{ref}' occurs twice in the ruleset", "ref is unique in the ruleset"),
  noEntryPoint: chosen(
    404,
    10003,
    "could not find entrypoint ruleset in the {phase} phase",
    "not documented",
  ),
  currentVersion: chosen(400, 20123, "version {version} is in use and cannot be deleted", "not documented"),

  storeNotEmpty: chosen(
    409,
    190301,
    "store {id} is not empty: delete its secrets first, or set force",
    "409 is stated in Pulumi's text; the code is not",
  ),
  doubledName: chosen(409, 190302, "{what} '{name}' exists already", "not documented"),
  valueTooLong: chosen(
    400,
    190303,
    "{where} has {length} bytes, at most {limit} are allowed",
    "limits table",
  ),
  inUse: chosen(409, 190304, "{what} '{name}' is used by {by}", "not documented"),
} satisfies Record<string, ErrorRow>;

export type ErrorName = keyof typeof errorTable;

/** One entry of `errors`, with the status it asks for. `pointer` is a JSON pointer into the body (RFC 6901). */
export interface Problem {
  readonly code: number;
  readonly status: number;
  readonly message: string;
  readonly pointer?: string;
  readonly chain?: readonly { readonly code: number; readonly message: string }[];
}

/** The problem of row `name` with its template filled in. */
export function problem(
  name: ErrorName,
  values: Readonly<Record<string, string | number>> = {},
  pointer?: string,
): Problem {
  const row = errorTable[name];
  const message = row.message.replace(/\{(\w+)\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? String(values[key]) : whole,
  );
  return { code: row.code, status: row.status, message, ...(pointer === undefined ? {} : { pointer }) };
}

/** Thrown by a handler: the request is refused with these problems at once, nothing was changed. */
export class ApiError extends Error {
  readonly problems: readonly [Problem, ...Problem[]];
  /** Further headers of the answer, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(problems: readonly [Problem, ...Problem[]], headers: Readonly<Record<string, string>> = {}) {
    const listed = capped(problems);
    super(listed.map((each) => `${each.code}: ${each.message}`).join("; "));
    this.name = "ApiError";
    this.problems = listed;
    this.headers = headers;
  }
}

/** An answer lists so many. Whoever looks for problems may stop once there are more. */
const mostProblems = 50;

function capped(problems: readonly [Problem, ...Problem[]]): readonly [Problem, ...Problem[]] {
  if (problems.length <= mostProblems) return problems;
  const [first, ...rest] = problems;
  return [first, ...rest.slice(0, mostProblems - 2), problem("moreProblems")];
}

/** What is wrong with each of `items`; stops where there is more than an answer lists. */
export function problemsOfEach<T>(
  items: readonly T[],
  problemsOf: (item: T, index: number) => readonly Problem[],
): readonly Problem[] {
  const found: Problem[] = [];
  for (const [index, item] of items.entries()) {
    found.push(...problemsOf(item, index));
    if (found.length > mostProblems) break;
  }
  return found;
}

/** An {@link ApiError} with one problem. */
export function refusal(
  name: ErrorName,
  values: Readonly<Record<string, string | number>> = {},
  pointer?: string,
): ApiError {
  return new ApiError([problem(name, values, pointer)]);
}

/** Throws all problems at once; does nothing when there are none. */
export function refuseIfAny(problems: readonly Problem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ApiError([first, ...rest]);
}

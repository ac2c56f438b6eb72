import { isField, type Node } from "./ast.ts";
import type { Accepted, FunctionRow, ParameterRow } from "./functionRow.ts";
import { hmacArguments, literalRules as rules } from "./literalRules.ts";

const reference = "developers.cloudflare.com: ruleset-engine/rules-language/functions";

function define(
  name: string,
  parameters: readonly ParameterRow[],
  returns: FunctionRow["returns"],
  more: Partial<FunctionRow> = {},
): FunctionRow {
  return { name, parameters, returns, source: reference, asOf: "2026-11", ...more };
}

function parameter(name: string, accepts: Accepted | readonly Accepted[], more: Partial<ParameterRow> = {}) {
  return { name, accepts: typeof accepts === "string" ? [accepts] : accepts, ...more } satisfies ParameterRow;
}

const variable = { literal: "never" } as const;
/** The page says "must be a field, that is, it cannot be a literal": a function is neither, so it is refused (2026-11). */
const field = {
  literal: "never",
  rule: (argument: Node) => (isField(argument) ? undefined : "must be a field, not a function of one"),
} as const;
const text: readonly Accepted[] = ["String", "Bytes"];

function literal(rule?: ParameterRow["rule"], optional = false): Partial<ParameterRow> {
  return { literal: "only", ...(optional ? { optional } : {}), ...(rule === undefined ? {} : { rule }) };
}

const jsonKeys = parameter("key", ["String", "Integer"], literal());
const flags = (allowed: string) => parameter("flags", "String", literal(rules.flags(allowed), true));
const bits4 = parameter("ipv4Bits", "Integer", literal(rules.between(1, 32)));
const bits6 = parameter("ipv6Bits", "Integer", literal(rules.between(1, 128)));
const queries = ["http.request.uri.query", "raw.http.request.uri.query"];
const isQuery = ({ kind, ...node }: Node) =>
  kind === "field" && "name" in node && queries.includes(node.name)
    ? undefined
    : `must be ${queries.join(" or ")}`;
const tokenRule: Partial<FunctionRow> = {
  places: ["tokenRules"],
  addOn: "api_shield",
  source: "developers.cloudflare.com: api-shield/security/jwt-validation",
};

const rows: readonly FunctionRow[] = [
  define("any", [parameter("values", "Array<Bool>", variable)], "Bool"),
  define("all", [parameter("values", "Array<Bool>", variable)], "Bool"),
  define(
    "concat",
    [
      parameter("value", ["String", "Bytes", "Integer", "Array"]),
      parameter("value", ["String", "Bytes", "Integer", "Array"]),
    ],
    "String",
    { repeats: true, alike: true },
  ),
  define("len", [parameter("value", ["String", "Bytes", "Array", "Map"])], "Integer"),
  define("lower", [parameter("text", "String", variable)], "String"),
  define("upper", [parameter("text", "String", variable)], "String"),
  define("starts_with", [parameter("source", "String", variable), parameter("substring", "String")], "Bool"),
  define("ends_with", [parameter("source", "String", variable), parameter("substring", "String")], "Bool"),
  define(
    "substring",
    [
      parameter("text", text, field),
      parameter("start", "Integer"),
      parameter("end", "Integer", { optional: true }),
    ],
    "first",
  ),
  define(
    "split",
    [
      parameter("text", "String", variable),
      parameter("separator", "String", literal(rules.nonEmpty)),
      parameter("limit", "Integer", literal(rules.splitLimit)),
    ],
    "Array<String>",
    { places: ["responseHeaders", "customErrors"] },
  ),
  define(
    "join",
    [parameter("values", "Array<String>", variable), parameter("separator", "String")],
    "String",
    {
      places: ["transforms", "customRules", "customErrors"],
    },
  ),
  define("has_key", [parameter("map", "Map", variable), parameter("key", "String")], "Bool"),
  define(
    "has_value",
    [
      parameter("values", ["Array", "Map"], variable),
      parameter("value", ["String", "Bytes", "Integer", "Bool", "IP"]),
    ],
    "Bool",
    { rule: rules.valueOfCollection },
  ),
  define("lookup_json_string", [parameter("json", "String", variable), jsonKeys], "String", {
    repeats: true,
  }),
  define("lookup_json_integer", [parameter("json", "String", variable), jsonKeys], "Integer", {
    repeats: true,
  }),
  define("url_decode", [parameter("text", "String", field), flags("ru")], "String"),
  define("decode_base64", [parameter("text", "String", field)], "String", {
    places: ["transforms", "customRules", "rateLimits"],
  }),
  define("encode_base64", [parameter("value", text), flags("up")], "String", {
    places: ["requestHeaders", "responseHeaders"],
  }),
  define("sha256", [parameter("value", text)], "Bytes", { places: ["rewrites"], plan: "enterprise" }),
  define("cidr", [parameter("address", "IP", field), bits4, bits6], "IP", {
    places: ["customRules", "rateLimits"],
  }),
  define("cidr6", [parameter("address", "IP", field), bits6], "IP", {
    places: ["customRules", "rateLimits"],
  }),
  define("remove_bytes", [parameter("value", text, variable), parameter("bytes", text)], "first"),
  define("to_string", [parameter("value", ["Integer", "Bool", "IP"])], "String", {
    places: ["rewrites", "redirects"],
  }),
  define(
    "regex_replace",
    [
      parameter("source", "String"),
      parameter("pattern", "String", literal(rules.regex)),
      parameter("replacement", "String", literal()),
    ],
    "String",
    { places: ["rewrites", "redirects"], plan: "business", onceGroup: "replace" },
  ),
  define(
    "wildcard_replace",
    [
      parameter("source", "String", field),
      parameter("pattern", "String", literal(rules.wildcard)),
      parameter("replacement", "String", literal()),
      flags("s"),
    ],
    "String",
    { places: ["urlRewrites", "redirects"], onceGroup: "replace" },
  ),
  define(
    "remove_query_args",
    [parameter("query", "String", { ...variable, rule: isQuery }), parameter("name", "String", literal())],
    "String",
    { places: ["rewrites"], repeats: true },
  ),
  define("uuidv4", [parameter("seed", "Bytes", variable)], "String", { places: ["rewrites"] }),
  define(
    "bit_slice",
    [
      parameter("value", "String", variable),
      parameter("start", "Integer", literal(rules.between(0, 2040))),
      parameter("end", "Integer", literal(rules.between(0, 2040))),
    ],
    "Integer",
    { places: ["networkFirewall"], rule: rules.bitSlice },
  ),
  define("is_timed_hmac_valid_v0", hmacArguments(parameter), "Bool", {
    plan: "pro",
    places: ["customRules"],
    source: "developers.cloudflare.com: waf/custom-rules/use-cases/configure-token-authentication",
  }),
  define("is_jwt_valid", [parameter("configuration", "String", literal(rules.uuid))], "Bool", tokenRule),
  define("is_jwt_present", [parameter("configuration", "String", literal(rules.uuid))], "Bool", tokenRule),
];

/** Every function, by name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionRow> = new Map(rows.map((row) => [row.name, row]));

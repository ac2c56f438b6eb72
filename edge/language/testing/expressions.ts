import fc from "fast-check";
import { FIELDS } from "../fields.ts";
import { FUNCTIONS } from "../functions.ts";
import { TOKEN_RULES_PHASE } from "../phases.ts";
import { placeGap, type Use } from "../places.ts";
import type { Type } from "../values.ts";
import {
  blank,
  integerItem,
  integerLiteral,
  ipItem,
  key,
  list,
  namedList,
  quote,
  regexLiteral,
  stringLiteral,
  type Text,
  v4,
  v6,
  wildcardLiteral,
} from "./literals.ts";

/** The token configurations that generated expressions name. */
export const configurations = [
  "51231d16-01f1-48e3-93f8-91c99e81288e",
  "f9c5615e-fe15-48ce-bec6-cfc1946f1bec",
] as const;

/** The key that generated `is_timed_hmac_valid_v0` calls hold; it must never appear in a message. */
export const plantedKey = "pL4nt3dK3y0fTheFuzzer";

export const phases = [
  "http_request_firewall_custom",
  "http_request_late_transform",
  "http_response_headers_transform",
  TOKEN_RULES_PHASE,
] as const;
export type FuzzPhase = (typeof phases)[number];

/** A well-typed filter expression with the phase it is for. */
export interface Generated {
  readonly phase: FuzzPhase;
  readonly text: string;
}

function call(name: string, ...args: Text[]): Text {
  return fc.tuple(...args).map((parts) => `${name}(${parts.join(", ")})`);
}

function optional(...parts: [Text, ...Text[]]): Text {
  return fc.oneof(
    fc.constant(""),
    fc.tuple(...parts).map((all) => all.map((part) => `, ${part}`).join("")),
  );
}

function fieldNames(phase: FuzzPhase, use: Use, type: Type): string[] {
  return [...FIELDS.values()]
    .filter((row) => row.type === type && !row.characteristicOnly)
    .filter((row) => placeGap(row.places, { phase, use }) === undefined)
    .map((row) => row.name);
}

function isClaims(name: string): boolean {
  return name.startsWith("http.request.jwt");
}

function spelled(operators: readonly string[], left: Text, right: Text): Text {
  return fc
    .tuple(left, blank, fc.constantFrom(...operators), blank, right)
    .map(([a, before, operator, after, b]) => `${a}${before}${operator}${after}${b}`);
}

const orderings = ["lt", "<", "le", "<=", "gt", ">", "ge", ">="];
const equalities = ["eq", "==", "ne", "!="];

/** Comparisons of an operand of one type with fitting literals. */
function comparisons(type: "String" | "Integer" | "IP", left: Text): Text {
  if (type === "IP") {
    return fc.oneof(
      spelled(equalities, left, fc.oneof(v4, v6)),
      spelled(["in"], left, fc.oneof(list(ipItem), namedList)),
    );
  }
  if (type === "Integer") {
    const literals = spelled([...equalities, ...orderings], left, integerLiteral);
    return fc.oneof(literals, spelled(["in"], left, fc.oneof(list(integerItem), namedList)));
  }
  return fc.oneof(
    spelled([...equalities, ...orderings, "contains"], left, stringLiteral),
    spelled(["matches", "~"], left, regexLiteral),
    spelled(["wildcard", "strict wildcard"], left, wildcardLiteral),
    spelled(["in"], left, fc.oneof(list(stringLiteral), namedList)),
  );
}

type Grammar = {
  filter: string;
  bool: string;
  string: string;
  integer: string;
  ip: string;
  bytes: string;
  strings: string;
  integers: string;
  stringMap: string;
};

function grammar(phase: FuzzPhase, use: "filter" | "value"): fc.LetrecValue<Grammar> {
  /** A call, where this function may be used. */
  const here = (name: string, ...args: Text[]): Text[] =>
    placeGap(FUNCTIONS.get(name)?.places, { phase, use }) === undefined ? [call(name, ...args)] : [];
  return fc.letrec<Grammar>((tie) => {
    const field = (type: Type): Text => fc.constantFrom(...fieldNames(phase, use, type));
    const [string, integer, ip, bytes] = [tie("string"), tie("integer"), tie("ip"), tie("bytes")];
    const [strings, integers, map] = [tie("strings"), tie("integers"), tie("stringMap")];
    const filter = tie("filter");
    const each = (array: Text) => array.map((text) => `${text}[*]`);
    const group = filter.map((text) => `(${text})`);
    const maps = fieldNames(phase, use, "Map<Array<String>>");
    const claimArrays = fc
      .tuple(
        fc.constantFrom(...maps.filter(isClaims), ...maps.slice(0, 1)),
        fc.constantFrom(...configurations),
      )
      .map(([name, id]) => `${name}["${id}"]`);
    const jsonKeys = fc
      .array(fc.oneof(stringLiteral, fc.constantFrom("0", "1", "-1")), { minLength: 1, maxLength: 3 })
      .map((keys) => keys.join(", "));
    const bitsOf4 = fc.integer({ min: 1, max: 32 }).map(String);
    const bitsOf6 = fc.integer({ min: 1, max: 128 }).map(String);
    const chain = (operators: readonly string[]) =>
      fc
        .tuple(fc.array(tie("bool"), { minLength: 2, maxLength: 4 }), fc.constantFrom(...operators))
        .map(([terms, operator]) => terms.join(` ${operator} `));
    const unpacked = fc.oneof(
      each(strings),
      fc.constantFrom(...maps).chain((name) => fc.constantFrom(`${name}[*][*]`, `${name}[*][0]`)),
    );
    const elements = fc.oneof(comparisons("String", unpacked), comparisons("Integer", each(integers)));
    const manyElements = fc
      .tuple(fc.array(elements, { minLength: 2, maxLength: 3 }), fc.constantFrom(" and ", " || ", " xor "))
      .map(([terms, operator]) => terms.join(operator));
    const calls: Text[] = [
      call("starts_with", string, fc.oneof(stringLiteral, string)),
      call("ends_with", string, fc.oneof(stringLiteral, string)),
      call("has_key", map, fc.oneof(key, string)),
      call("has_value", strings, stringLiteral),
      call(
        "any",
        fc.oneof(
          elements,
          elements.map((text) => `not ${text}`),
        ),
      ),
      call("all", elements),
      call(
        "any",
        manyElements.map((text) => `(${text})`),
      ),
      call(
        "all",
        manyElements.map((text) => `not ${text}`),
      ),
      call("any", call("starts_with", each(strings), fc.oneof(stringLiteral, string))),
      call(
        "all",
        call("ends_with", each(strings), stringLiteral).map((text) => `not ${text}`),
      ),
    ];
    const more = optional(fc.constantFrom("0", "8"), fc.constant('"s"'));
    const now = more.map((flags) => `http.request.timestamp.sec${flags}`);
    const ttl = fc.nat(9999).map(String);
    calls.push(...here("is_timed_hmac_valid_v0", fc.constant(quote(plantedKey)), string, ttl, now));
    const id = fc.constantFrom(...configurations).map(quote);
    calls.push(...here("is_jwt_valid", id), ...here("is_jwt_present", id));
    const entry = fc
      .tuple(map, key, fc.constantFrom("0", "1", "7"))
      .map(([text, name, at]) => `${text}[${name}][${at}]`);
    const plain = fc.oneof(field("String"), entry);
    const texts: Text[] = [
      call("lower", string),
      call("upper", string),
      call("substring", plain, integerLiteral),
      call("substring", plain, integerLiteral, fc.oneof(integerLiteral, integer)),
      call("lookup_json_string", string, jsonKeys),
      fc
        .tuple(plain, optional(fc.constantFrom('"r"', '"u"', '"ur"')))
        .map(([text, flags]) => `url_decode(${text}${flags})`),
      ...here("decode_base64", plain),
      ...here("encode_base64", fc.oneof(string, bytes)),
      ...here("encode_base64", fc.oneof(string, bytes), fc.constantFrom('"u"', '"p"')),
      call("concat", fc.oneof(string, stringLiteral), fc.oneof(string, integer, stringLiteral)),
      ...here("join", strings, stringLiteral),
      call("remove_bytes", string, stringLiteral),
      ...here("to_string", fc.oneof(integer, ip)),
      ...here("remove_query_args", fc.constant("http.request.uri.query"), stringLiteral),
      ...here("uuidv4", fc.constant("cf.random_seed")),
    ];
    const claims = fc.constantFrom(...configurations).map((id) => `http.request.jwt.claims["${id}"][0]`);
    return {
      filter: fc.oneof(
        { maxDepth: 5 },
        tie("bool"),
        chain(["and", "&&"]),
        chain(["or", "||"]),
        chain(["xor", "^^"]),
      ),
      bool: fc.oneof(
        { maxDepth: 5 },
        comparisons("String", string),
        comparisons("Integer", integer),
        comparisons("IP", ip),
        field("Bool"),
        ...calls,
        fc.constantFrom("true", "false"),
        group,
        tie("bool").map((text) => `not ${text}`),
        group.map((text) => `!${text}`),
      ),
      string: fc.oneof(
        { maxDepth: 4 },
        field("String"),
        entry,
        ...(maps.some(isClaims) ? [claims] : []),
        fc.tuple(strings, fc.nat(3)).map(([text, at]) => `${text}[${at}]`),
        ...texts,
      ),
      integer: fc.oneof(
        { maxDepth: 4 },
        field("Integer"),
        call("len", fc.oneof(string, strings, map, bytes)),
        call("lookup_json_integer", string, jsonKeys),
      ),
      ip: fc.oneof(
        { maxDepth: 3 },
        field("IP"),
        ...here("cidr", field("IP"), bitsOf4, bitsOf6),
        ...here("cidr6", field("IP"), bitsOf6),
      ),
      bytes: fc.oneof(field("Bytes"), ...here("sha256", string)),
      strings: fc.oneof(
        { maxDepth: 3 },
        field("Array<String>"),
        fc.tuple(map, key).map(([text, name]) => `${text}[${name}]`),
        claimArrays,
        ...here(
          "split",
          string,
          fc.constantFrom('" "', '","', '"é"'),
          fc.integer({ min: 1, max: 128 }).map(String),
        ),
        call("lower", each(strings)),
        call("concat", strings, strings),
        call("lookup_json_string", each(strings), jsonKeys),
      ),
      integers: fc.oneof(
        { maxDepth: 3 },
        call("len", each(strings)),
        call("lookup_json_integer", each(strings), jsonKeys),
      ),
      stringMap: fc.constantFrom(...maps.filter((name) => !isClaims(name))),
    };
  });
}

const filters = phases.map((phase) =>
  grammar(phase, "filter").filter.map((text): Generated => ({ phase, text })),
);

/** Well-typed filter expressions of all phases, in mixed spellings, up to the stated length. */
export const expressions: fc.Arbitrary<Generated> = fc
  .oneof(...filters)
  .filter(({ text }) => Buffer.byteLength(text) <= 4096);

const operands = phases.map((phase) => {
  const { string, integer, ip, strings, integers, bytes, bool } = grammar(phase, "value");
  return fc
    .oneof(string, integer, ip, strings, integers, bytes, bool)
    .map((text): Generated => ({ phase, text }));
});

/** Fields and calls of every type, and single conditions. */
export const values: fc.Arbitrary<Generated> = fc.oneof(...operands);

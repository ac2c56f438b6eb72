import fc from "fast-check";
import { FIELDS } from "../fields.ts";
import { TOKEN_RULES_PHASE } from "../phases.ts";
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

function fieldNames(phase: FuzzPhase, type: Type): string[] {
  return [...FIELDS.values()]
    .filter((row) => row.type === type && !row.characteristicOnly)
    .filter((row) => row.phases === undefined || row.phases.includes(phase))
    .filter((row) => !(phase === TOKEN_RULES_PHASE && isClaims(row.name)))
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

function grammar(phase: FuzzPhase): fc.LetrecValue<Grammar> {
  const isTransform = phase === "http_request_late_transform";
  return fc.letrec<Grammar>((tie) => {
    const field = (type: Type): Text => fc.constantFrom(...fieldNames(phase, type));
    const [string, integer, ip, bytes] = [tie("string"), tie("integer"), tie("ip"), tie("bytes")];
    const [strings, integers, map] = [tie("strings"), tie("integers"), tie("stringMap")];
    const filter = tie("filter");
    const each = (array: Text) => array.map((text) => `${text}[*]`);
    const group = filter.map((text) => `(${text})`);
    const maps = fieldNames(phase, "Map<Array<String>>");
    const claimArrays = fc
      .tuple(
        fc.constantFrom(...maps.filter(isClaims), ...maps.slice(0, 1)),
        fc.constantFrom(...configurations),
      )
      .map(([name, id]) => `${name}["${id}"]`);
    const jsonKeys = fc
      .array(fc.oneof(stringLiteral, fc.constantFrom("0", "1", "-1")), { minLength: 1, maxLength: 3 })
      .map((keys) => keys.join(", "));
    const bitsOf4 = fc.integer({ min: 0, max: 32 }).map(String);
    const bitsOf6 = fc.integer({ min: 0, max: 128 }).map(String);
    const chain = (operators: readonly string[]) =>
      fc
        .tuple(fc.array(tie("bool"), { minLength: 2, maxLength: 4 }), fc.constantFrom(...operators))
        .map(([terms, operator]) => terms.join(` ${operator} `));
    const elements = fc.oneof(comparisons("String", each(strings)), comparisons("Integer", each(integers)));
    const calls: Text[] = [
      call("starts_with", string, fc.oneof(stringLiteral, string)),
      call("ends_with", string, fc.oneof(stringLiteral, string)),
      call("has_key", map, fc.oneof(key, string)),
      call("has_value", fc.oneof(strings, map), stringLiteral),
      call(
        "any",
        fc.oneof(
          elements,
          elements.map((text) => `not ${text}`),
        ),
      ),
      call("all", elements),
      call("any", call("starts_with", each(strings), stringLiteral)),
    ];
    if (phase === "http_request_firewall_custom") {
      const flags = optional(fc.constantFrom("0", "8"), fc.constant('"s"'));
      calls.push(
        fc
          .tuple(string, fc.nat(9999), flags)
          .map(
            ([text, ttl, more]) =>
              `is_timed_hmac_valid_v0("${plantedKey}", ${text}, ${ttl}, http.request.timestamp.sec${more})`,
          ),
      );
    }
    if (phase === TOKEN_RULES_PHASE) {
      const id = fc.constantFrom(...configurations).map(quote);
      calls.push(call("is_jwt_valid", id), call("is_jwt_present", id));
    }
    const texts: Text[] = [
      call("lower", string),
      call("upper", string),
      call("substring", string, integerLiteral),
      call("substring", string, integerLiteral, fc.oneof(integerLiteral, integer)),
      call("lookup_json_string", string, jsonKeys),
      fc
        .tuple(string, optional(fc.constantFrom('"r"', '"u"', '"ur"')))
        .map(([text, flags]) => `url_decode(${text}${flags})`),
      call("decode_base64", string),
      fc
        .tuple(fc.oneof(string, bytes), optional(fc.constantFrom('"u"', '"p"')))
        .map(([text, flags]) => `encode_base64(${text}${flags})`),
      call("concat", fc.oneof(string, stringLiteral), fc.oneof(string, integer, stringLiteral)),
      call("join", fc.oneof(strings, each(strings)), stringLiteral),
      call("remove_bytes", string, stringLiteral),
    ];
    if (isTransform) {
      texts.push(
        call("to_string", fc.oneof(integer, ip)),
        call("remove_query_args", fc.constant("http.request.uri.query"), stringLiteral),
        call("uuidv4", fc.constant("cf.random_seed")),
      );
    }
    const claims = fc.constantFrom(...configurations).map((id) => `http.request.jwt.claims["${id}"][0]`);
    const entry = fc
      .tuple(map, key, fc.constantFrom("0", "1", "7"))
      .map(([text, name, at]) => `${text}[${name}][${at}]`);
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
        ...(phase === TOKEN_RULES_PHASE ? [] : [claims]),
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
        call("cidr", ip, bitsOf4, bitsOf6),
        call("cidr6", ip, bitsOf6),
      ),
      bytes: call("sha256", string),
      strings: fc.oneof(
        { maxDepth: 3 },
        field("Array<String>"),
        fc.tuple(map, key).map(([text, name]) => `${text}[${name}]`),
        claimArrays,
        call(
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

const filters = phases.map((phase) => grammar(phase).filter.map((text): Generated => ({ phase, text })));

/** Well-typed filter expressions of all three phases, in mixed spellings, up to the stated length. */
export const expressions: fc.Arbitrary<Generated> = fc
  .oneof(...filters)
  .filter(({ text }) => Buffer.byteLength(text) <= 4096);

const operands = phases.map((phase) => {
  const { string, integer, ip, strings, integers, bytes, bool } = grammar(phase);
  return fc
    .oneof(string, integer, ip, strings, integers, bytes, bool)
    .map((text): Generated => ({ phase, text }));
});

/** Fields and calls of every type, and single conditions. */
export const values: fc.Arbitrary<Generated> = fc.oneof(...operands);

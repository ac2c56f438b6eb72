import { describe, expect, test } from "vitest";
import { type CheckContext, check } from "./check.ts";
import { parse, parseValue } from "./parser.ts";
import { TOKEN_RULES_PHASE } from "./phases.ts";
import { configurationA, everything, problemsOf, typeOf } from "./testing/sample.ts";

const claims = `http.request.jwt.claims["${configurationA}"][0]`;

describe("names", () => {
  test.each([
    ['http.hots eq "a"', "1:1 UNKNOWN_FIELD: there is no field http.hots; did you mean http.host?"],
    ['uri.path eq "a"', "1:1 UNKNOWN_FIELD: there is no field uri.path; did you mean http.request.uri.path?"],
    ['HTTP.Host eq "a"', "1:1 UNKNOWN_FIELD: there is no field HTTP.Host; did you mean http.host?"],
    ['lower eq "a"', "1:1 UNKNOWN_FIELD: lower is a function; expected its arguments in parentheses"],
    [
      'start_with(http.host, "a")',
      "1:1 UNKNOWN_FUNCTION: there is no function start_with; did you mean starts_with?",
    ],
    ['http.host("a")', "1:1 UNKNOWN_FUNCTION: http.host is a field"],
    [
      `${claims.replace(".claims", ".claims.exp")} eq "a"`,
      "1:1 UNKNOWN_FIELD: there is no field http.request.jwt.claims.exp",
    ],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("lists and token configurations are known to the context, or not looked at", () => {
    const known: CheckContext = { ...everything, lists: ["office"], tokenConfigurations: [configurationA] };
    const other = configurationA.replace("5", "6");
    expect(problemsOf("ip.src in $ofice", known)).toEqual([
      "1:11 UNKNOWN_LIST: there is no list $ofice; did you mean office?",
    ]);
    expect(problemsOf("ip.src in $ofice")).toEqual([]);
    expect(problemsOf(`len(http.request.jwt.claims["${other}"][0]) gt 0`, known)).toEqual([
      `1:5 UNKNOWN_TOKEN_CONFIGURATION: there is no token configuration with this id; did you mean ${configurationA}?`,
    ]);
    const tokens: CheckContext = { ...known, phase: TOKEN_RULES_PHASE };
    expect(problemsOf(`is_jwt_valid("${other}") or is_jwt_present("${configurationA}")`, tokens)).toEqual([
      `1:14 UNKNOWN_TOKEN_CONFIGURATION: there is no token configuration with this id; did you mean ${configurationA}?`,
    ]);
  });
});

describe("types", () => {
  test.each([
    ["http.host", "1:1 RESULT_TYPE: the expression yields String; expected Bool"],
    [
      "http.host and ssl",
      "1:1 TYPE_MISMATCH: this is of type String, and only Bool stands without an operator; expected a comparison, such as eq, or a Bool field",
    ],
    [
      "http.host eq 5",
      "1:14 TYPE_MISMATCH: String is compared with another type here; expected a literal of type String",
    ],
    [
      'cf.waf.score contains "1"',
      "1:1 TYPE_MISMATCH: contains does not work on Integer; expected String on the left",
    ],
    [
      "ip.src lt 1.2.3.4",
      "1:1 TYPE_MISMATCH: lt does not work on IP; expected String or Integer on the left",
    ],
    [
      "ip.src eq 10.0.0.0/8",
      "1:11 TYPE_MISMATCH: eq compares with one address; expected in {…} around the block",
    ],
    ['ssl eq "on"', "1:1 TYPE_MISMATCH: eq does not work on Bool; expected the Bool alone, or not before it"],
    [
      '"a" eq "a"',
      "1:1 TYPE_MISMATCH: the left side of an operator is a field or a function; expected the literal on the right side",
    ],
    [
      "http.host in {1}",
      "1:15 LIST_INVALID: this list is compared with String; expected items of type String",
    ],
    [
      'ip.src.asnum in {1 "2"}',
      "1:20 LIST_INVALID: this list is compared with Integer; expected items of type Integer",
    ],
    ["ip.src.asnum in {5..1}", "1:18 RANGE_INVALID: the end of this range is before its start"],
    ["ip.src in {1.1.1.1..::1}", "1:12 RANGE_INVALID: a range cannot go from IPv4 to IPv6"],
    [
      "ip.src in {10.0.0.1/8}",
      "1:12 CIDR_INVALID: this address is not the first of its block; expected all bits after the prefix length zero",
    ],
    ['http.host[0] eq "a"', "1:1 TYPE_MISMATCH: String has no such index; expected no index here"],
    [
      'http.request.headers[0] eq "a"',
      '1:1 TYPE_MISMATCH: Map<Array<String>> has no such index; expected a key in quotes, such as ["name"]',
    ],
    [
      'http.request.headers["a"]["b"] eq "a"',
      "1:1 TYPE_MISMATCH: Array<String> has no such index; expected a position, such as [0]",
    ],
    [
      'http.request.headers["a"] eq "b"',
      "1:1 TYPE_MISMATCH: eq does not work on Array<String>; expected String or Integer or IP on the left",
    ],
    [
      'http.host matches "("',
      "1:19 REGEX_INVALID: the regular expression must be a regular expression of RE2 and Rust: missing closing )",
    ],
    ['http.host wildcard "a**b"', "1:20 WILDCARD_INVALID: the pattern must not contain **"],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("typeOf answers the type of a value, or nothing when it is wrong", () => {
    expect(typeOf(parseValue(claims))).toBe("String");
    expect(typeOf(parseValue('http.request.headers["a"]'))).toBe("Array<String>");
    expect(typeOf(parseValue("lower(http.request.headers.names[*])"))).toBe("Array<String>");
    expect(typeOf(parseValue("len(http.request.headers.names[*])"))).toBe("Array<Integer>");
    expect(typeOf(parseValue("concat(http.request.headers.names, http.request.headers.values)"))).toBe(
      "Array<String>",
    );
    expect(typeOf(parseValue("substring(cf.random_seed, 0, 4)"))).toBe("Bytes");
    expect(typeOf(parseValue("http.nothing"))).toBeUndefined();
  });

  test("all problems come at once, in the order of the text", () => {
    expect(
      problemsOf('http.hots eq "a" or cf.waf.score eq "b" or len(ssl) gt 1').map(
        (line) => line.split(":")[1],
      ),
    ).toEqual(["1 UNKNOWN_FIELD", "37 TYPE_MISMATCH", "48 TYPE_MISMATCH"]);
  });
});

describe("[*]", () => {
  const names = "http.request.headers.names";
  const values = "http.request.headers.values";
  test.each([
    `any(${names}[*] == "x")`,
    `any(lower(${names}[*])[*] == "x")`,
    `all(not ${names}[*] == "x" and ${names}[*] contains "y")`,
    `all(not starts_with(${names}[*], "x"))`,
    `all(not starts_with(${names}[*], "x")[*])`,
    `any((${names}[*] == "x" or ${values}[*] == "x"))`,
    `any((starts_with(${names}[*], "x") xor ${values}[*] == "x"))`,
    'any(http.request.headers[*][*] == "x")',
    'all(http.request.headers[*][0] in {"x"})',
    'any(http.request.body.multipart.names[*][*] == "x")',
    "any(cf.llm.prompt.custom_topic_categories[*] gt 50)",
    `any(starts_with(${names}[*], "x-"))`,
    `any(len(${values}[*])[*] > 1000)`,
    `any(http.request.body.multipart.names[*][0] eq "a")`,
  ])("%s is valid", (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test.each([
    [
      `${names}[*] == "x"`,
      "1:1 UNPACK_INVALID: [*] yields many values and stands outside of a function; expected any(…) or all(…) around it",
    ],
    [
      `not ${names}[*] == "x"`,
      "1:1 UNPACK_INVALID: [*] yields many values and stands outside of a function; expected any(…) or all(…) around it",
    ],
    [
      `any((${names}[*] == "x" or ssl))`,
      "1:46 TYPE_MISMATCH: this is of type Bool, and the terms before it are of type Array<Bool>; expected [*] in every term, or in none",
    ],
    [
      `ssl and ${names}[*] == "x"`,
      "1:9 TYPE_MISMATCH: this is of type Array<Bool>, and the terms before it are of type Bool; expected [*] in every term, or in none",
    ],
    [
      `join(${names}[*], ",") eq "a"`,
      "1:6 TYPE_MISMATCH: values cannot be of type String; expected Array<String>",
    ],
    [
      `any(starts_with(${names}[*], "x")[*])`,
      "1:5 TYPE_MISMATCH: values cannot be of type Bool; expected Array<Bool>",
    ],
    [`starts_with(${names}[*], "x")`, "1:1 RESULT_TYPE: the expression yields Array<Bool>; expected Bool"],
    [
      "http.request.headers.names[*]",
      "1:1 UNPACK_INVALID: [*] yields many values and stands outside of a function; expected any(…) or all(…) around it",
    ],
    [
      `starts_with(http.host, ${names}[*])`,
      "1:24 UNPACK_INVALID: [*] may stand only in the first argument of a function",
    ],
    [
      'any(http.request.headers[*] == "x")',
      "1:5 TYPE_MISMATCH: eq does not work on Array<String>; expected String or Integer or IP on the left",
    ],
    [
      'any(http.host[*] == "x")',
      "1:5 UNPACK_INVALID: [*] unpacks arrays and maps, and this is of type String",
    ],
    ["any(ssl)", "1:5 TYPE_MISMATCH: values cannot be of type Bool; expected Array<Bool>"],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

describe("arguments", () => {
  const rewrite: CheckContext = { ...everything, phase: "http_request_transform", use: "value" };
  const answer: CheckContext = { ...everything, phase: "http_response_headers_transform" };

  test.each([
    [
      'split(http.host, http.referer, 2)[0] eq "a"',
      "1:18 ARGUMENT_LITERAL: separator must be a literal; expected a value written out",
    ],
    ['split(http.host, "", 2)[0] eq "a"', "1:18 ARGUMENT_INVALID: separator must not be empty"],
    ['split(http.host, ".", 0)[0] eq "a"', "1:23 ARGUMENT_INVALID: limit must be from 1 to 128"],
    ['split(http.host, ".", 129)[0] eq "a"', "1:23 ARGUMENT_INVALID: limit must be from 1 to 128"],
    [
      'split(http.host, ".", cf.waf.score)[0] eq "a"',
      "1:23 ARGUMENT_LITERAL: limit must be a literal; expected a value written out",
    ],
  ])("%s", (text, problem) => {
    expect(problemsOf(text, answer)).toEqual([problem]);
  });

  test.each([
    ['lower("A") eq "a"', "1:7 ARGUMENT_LITERAL: text must not be a literal; expected a field or a function"],
    [
      'starts_with("abc", "a")',
      "1:13 ARGUMENT_LITERAL: source must not be a literal; expected a field or a function",
    ],
    ["len() eq 1", "1:1 ARGUMENT_COUNT: len takes 1 arguments, and 0 stand here; expected len(value)"],
    [
      'lookup_json_string(http.host) eq "a"',
      "1:1 ARGUMENT_COUNT: lookup_json_string takes at least 2 arguments, and 1 stand here; expected lookup_json_string(json, key, …)",
    ],
    [
      'substring(http.host, 1, 2, 3) eq "a"',
      "1:1 ARGUMENT_COUNT: substring takes 2 to 3 arguments, and 4 stand here; expected substring(text, start, end?)",
    ],
    [
      'lookup_json_string(http.host, http.host) eq "a"',
      "1:31 ARGUMENT_LITERAL: key must be a literal; expected a value written out",
    ],
    [
      'url_decode(http.host, "x") eq "a"',
      "1:23 ARGUMENT_INVALID: flags must be made of the flags r, u, each at most once",
    ],
    ["cidr(ip.src, 33, 64) eq 1.2.3.4", "1:14 ARGUMENT_INVALID: ipv4Bits must be from 1 to 32"],
    ["cidr(ip.src, 0, 64) eq 1.2.3.4", "1:14 ARGUMENT_INVALID: ipv4Bits must be from 1 to 32"],
    ["cidr(ip.src, 24, 129) eq 1.2.3.4", "1:18 ARGUMENT_INVALID: ipv6Bits must be from 1 to 128"],
    ["cidr6(ip.src, 0) eq 1.2.3.4", "1:15 ARGUMENT_INVALID: ipv6Bits must be from 1 to 128"],
    [
      'concat(http.host) eq "a"',
      "1:1 ARGUMENT_COUNT: concat takes at least 2 arguments, and 1 stand here; expected concat(value, value, …)",
    ],
    [
      'has_value(http.request.headers, "a")',
      "1:33 ARGUMENT_INVALID: value must be of the type of the values, Array<String>",
    ],
    [
      "has_value(http.request.headers.names, 5)",
      "1:39 ARGUMENT_INVALID: value must be of the type of the values, String",
    ],
    [
      "cidr(1.2.3.4, 24, 64) eq 1.2.3.0",
      "1:6 ARGUMENT_LITERAL: address must not be a literal; expected a field or a function",
    ],
    [
      'concat(http.host, http.request.headers.names) eq "a"',
      "1:19 TYPE_MISMATCH: concat joins strings, or arrays of one type; expected String",
    ],
    [
      "is_timed_hmac_valid_v0(http.host, http.request.uri, 60, http.request.timestamp.sec)",
      "1:24 ARGUMENT_LITERAL: key must be a literal; expected a value written out",
    ],
    [
      'is_timed_hmac_valid_v0("k", http.request.uri, cf.waf.score, http.request.timestamp.sec)',
      "1:47 ARGUMENT_LITERAL: ttl must be a literal; expected a value written out",
    ],
    [
      'is_timed_hmac_valid_v0("k", "/a", 60, http.request.timestamp.sec)',
      "1:29 ARGUMENT_LITERAL: messageMac must not be a literal; expected a field or a function",
    ],
    [
      'is_timed_hmac_valid_v0("k", http.request.uri, 60, http.request.timestamp.sec, "s")',
      "1:79 TYPE_MISMATCH: lengthOfSeparator cannot be of type String; expected Integer",
    ],
    [
      'is_timed_hmac_valid_v0("k", http.request.uri, 60, http.request.timestamp.sec, 8, "x")',
      "1:82 ARGUMENT_INVALID: flags must be made of the flags s, each at most once",
    ],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test.each([
    ['any(url_decode(http.request.headers.names[*])[*] eq "a")', 'url_decode(lower(http.host)) eq "a"'],
    ['url_decode(http.request.headers["a"][0]) eq "a"', 'url_decode(concat(http.host, "a")) eq "a"'],
    [
      'any(decode_base64(http.request.headers["a"][*])[*] eq "a")',
      'decode_base64(url_decode(http.host)) eq "a"',
    ],
    ["cidr(ip.src, 8, 8) eq 1.0.0.0", "cidr(cidr6(ip.src, 8), 8, 8) eq 1.0.0.0"],
    ["cidr6(ip.src, 8) eq 1.0.0.0", "cidr6(cidr6(ip.src, 9), 8) eq 1.0.0.0"],
    ['substring(http.host, 1) eq "a"', 'substring(lower(http.host), 1) eq "a"'],
  ])("%s, and where the page says field no function of one: %s", (taken, refused) => {
    expect(problemsOf(taken)).toEqual([]);
    expect(problemsOf(refused)).toEqual([
      expect.stringMatching(/ ARGUMENT_INVALID: (?:text|address) must be a field, not a function of one$/),
    ]);
  });

  test("the replacers stand once, together", () => {
    const of = (text: string) => check(parseValue(text), rewrite).map((problem) => problem.code);
    expect(of('regex_replace(http.host, "a", "b")')).toEqual([]);
    expect(of('remove_query_args(http.request.uri.query, "a")')).toEqual([]);
    expect(of('remove_query_args(raw.http.request.uri.query, "a")')).toEqual([]);
    expect(of('remove_query_args(http.request.uri, "a")')).toEqual(["ARGUMENT_INVALID"]);
    expect(of('concat(regex_replace(http.host, "a", "b"), wildcard_replace(http.host, "*", "b"))')).toEqual([
      "FUNCTION_ONCE",
    ]);
    expect(of('regex_replace(regex_replace(http.host, "a", "b"), "a", "b")')).toEqual(["FUNCTION_ONCE"]);
    expect(of('regex_replace(http.host, "(", "b")')).toEqual(["ARGUMENT_INVALID"]);
    expect(of('wildcard_replace(http.host, "**", "b")')).toEqual(["ARGUMENT_INVALID"]);
  });

  test("is_jwt_valid takes the id of a configuration, written out", () => {
    const tokens: CheckContext = { ...everything, phase: TOKEN_RULES_PHASE };
    expect(problemsOf('is_jwt_valid("abc")', tokens)).toEqual([
      "1:14 ARGUMENT_INVALID: configuration must be the id of a token configuration, 36 characters such as 51231d16-01f1-48e3-93f8-91c99e81288e",
    ]);
    expect(problemsOf("is_jwt_valid(http.host)", tokens)).toEqual([
      "1:14 ARGUMENT_LITERAL: configuration must be a literal; expected a value written out",
    ]);
  });
});

describe("availability", () => {
  const hmac = 'is_timed_hmac_valid_v0("k", http.request.uri, 60, http.request.timestamp.sec, 8)';
  const rate = { ...everything, phase: "http_ratelimit" } as const;
  const free = { plan: "free", addOns: [] } as const;
  test.each<[string, Partial<CheckContext>, string[]]>([
    [
      hmac,
      { plan: "free" },
      ["1:1 FUNCTION_NOT_AVAILABLE: is_timed_hmac_valid_v0 needs the plan pro, and this is free"],
    ],
    [hmac, { plan: "pro" }, []],
    [
      hmac,
      { phase: "http_ratelimit" },
      ["1:1 FUNCTION_NOT_AVAILABLE: is_timed_hmac_valid_v0 is available only in custom rules"],
    ],
    [
      'http.host matches "a"',
      { plan: "pro" },
      [
        "1:1 OPERATOR_NOT_AVAILABLE: matches needs the plan business, and this is pro; expected wildcard, contains, starts_with or ends_with",
      ],
    ],
    ['http.host matches "a"', { plan: "business" }, []],
    [
      'http.request.cookies["a"][0] eq "b"',
      { plan: "free" },
      ["1:1 FIELD_NOT_AVAILABLE: http.request.cookies needs the plan pro, and this is free"],
    ],
    [
      'http.request.body.raw contains "b"',
      { plan: "business" },
      ["1:1 FIELD_NOT_AVAILABLE: http.request.body.raw needs the plan enterprise, and this is business"],
    ],
    [
      `len(${claims}) gt 0`,
      { addOns: [] },
      ["1:5 FIELD_NOT_AVAILABLE: http.request.jwt.claims needs the add-on api_shield"],
    ],
    [
      `len(${claims}) gt 0`,
      { plan: "business" },
      ["1:5 FIELD_NOT_AVAILABLE: http.request.jwt.claims needs the plan enterprise, and this is business"],
    ],
    [
      `len(${claims}) gt 0`,
      { phase: "http_request_transform" },
      [
        "1:5 FIELD_NOT_AVAILABLE: http.request.jwt.claims is available only in custom rules, rate limiting rules and request header transform rules",
      ],
    ],
    [
      `len(${claims}) gt 0`,
      { phase: TOKEN_RULES_PHASE },
      [
        "1:5 FIELD_NOT_AVAILABLE: http.request.jwt.claims is available only in custom rules, rate limiting rules and request header transform rules",
      ],
    ],
    [`len(${claims}) gt 0`, { phase: "http_ratelimit", addOns: ["api_shield"] }, []],
    [
      `is_jwt_valid("${configurationA}")`,
      {},
      ["1:1 FUNCTION_NOT_AVAILABLE: is_jwt_valid is available only in token validation rules"],
    ],
    [
      `is_jwt_valid("${configurationA}")`,
      { phase: TOKEN_RULES_PHASE, addOns: [] },
      ["1:1 FUNCTION_NOT_AVAILABLE: is_jwt_valid needs the add-on api_shield"],
    ],
    [
      'to_string(cf.waf.score) eq "1"',
      {},
      [
        "1:1 FUNCTION_NOT_AVAILABLE: to_string is available only in rewrite expressions of transform rules and target expressions of redirects",
      ],
    ],
    [
      "http.response.code eq 400",
      {},
      [
        "1:1 FIELD_NOT_AVAILABLE: http.response.code is available only in phases after the origin's answer and counting expressions",
      ],
    ],
    [
      "http.response.code eq 400",
      rate,
      [
        "1:1 FIELD_NOT_AVAILABLE: http.response.code is available only in phases after the origin's answer and counting expressions",
      ],
    ],
    ["http.response.code eq 400", { ...rate, use: "counting" }, []],
    ["http.response.code eq 400", { phase: "http_log_custom_fields" }, []],
    ['http.request.uri.path eq "/"', { ...rate, ...free }, []],
    [
      'http.host eq "/"',
      { ...rate, ...free },
      ["1:1 FIELD_NOT_AVAILABLE: http.host needs the plan pro in rate limiting, and this is free"],
    ],
    [
      'http.request.method eq "GET"',
      { ...rate, plan: "pro", addOns: [] },
      [
        "1:1 FIELD_NOT_AVAILABLE: http.request.method needs the plan business in rate limiting, and this is pro",
      ],
    ],
    [
      'http.request.headers["a"][0] eq ""',
      { ...rate, plan: "business", addOns: [] },
      [
        "1:1 FIELD_NOT_AVAILABLE: http.request.headers needs the plan enterprise in rate limiting, and this is business",
      ],
    ],
    [
      'http.request.body.raw eq ""',
      { ...rate, addOns: [] },
      ["1:1 FIELD_NOT_AVAILABLE: http.request.body.raw needs the add-on advanced_rate_limiting"],
    ],
    [
      'cf.colo.id eq "AMS"',
      rate,
      ["1:1 FIELD_NOT_AVAILABLE: cf.colo.id is a characteristic of rate limiting, not for expressions"],
    ],
  ])("%s in %o", (text, changes, problems) => {
    expect(problemsOf(text, { ...everything, ...changes })).toEqual(problems);
  });

  test.each<[string, Partial<CheckContext>, string[]]>([
    ["ip.src", { plan: "free", addOns: [] }, []],
    ["cf.colo.id", { plan: "free", addOns: [] }, []],
    ["cf.unique_visitor_id", { plan: "pro", addOns: [] }, ["FIELD_NOT_AVAILABLE"]],
    ["cf.unique_visitor_id", { plan: "business", addOns: [] }, []],
    ['http.request.headers["x-api-key"]', { addOns: [] }, ["FIELD_NOT_AVAILABLE"]],
    ['http.request.headers["x-api-key"]', {}, []],
    [`lookup_json_string(${claims}, "sub")`, {}, []],
    [`lookup_json_string(${claims}, "sub")`, { addOns: ["api_shield"] }, ["FIELD_NOT_AVAILABLE"]],
    ["http.request.headers", {}, ["RESULT_TYPE"]],
  ])("the characteristic %s with %o", (text, changes, codes) => {
    const context: CheckContext = {
      ...everything,
      phase: "http_ratelimit",
      use: "characteristic",
      ...changes,
    };
    expect(check(parseValue(text), context).map((problem) => problem.code)).toEqual(codes);
  });

  test("a header value is a String in the late transform", () => {
    const context: CheckContext = { ...everything, phase: "http_request_late_transform", use: "value" };
    const of = (text: string) => check(parseValue(text), context).map((problem) => problem.code);
    expect(of(`lookup_json_string(${claims}, "sub")`)).toEqual([]);
    expect(of(`lookup_json_integer(${claims}, "iat")`)).toEqual(["RESULT_TYPE"]);
    expect(of(`to_string(lookup_json_integer(${claims}, "iat"))`)).toEqual([]);
    expect(
      check(parseValue(claims), { ...context, result: "Integer" }).map((problem) => problem.expected),
    ).toEqual(["Integer"]);
  });
});

describe("length", () => {
  const filler = (length: number) => `http.host eq "${"a".repeat(length - 15)}"`;
  test("4,096 characters are the most, counted in bytes unless switched", () => {
    expect(filler(4096)).toHaveLength(4096);
    expect(problemsOf(filler(4096))).toEqual([]);
    const [problem] = check(parse(filler(4097)), everything);
    expect(problem).toMatchObject({ code: "EXPRESSION_TOO_LONG", offset: 4096, expected: "at most 4096" });
    const umlauts = filler(4096).replace("aa", "ää");
    expect(check(parse(umlauts), everything).map(({ message }) => message)).toEqual([
      "the expression has 4098 bytes",
    ]);
    expect(check(parse(umlauts), { ...everything, choices: { lengthUnit: "characters" } })).toEqual([]);
  });

  test("a context may set another limit", () => {
    const short = { ...everything, limits: { expressionLength: 10 } };
    expect(check(parse("ssl and ssl"), short).map(({ code }) => code)).toEqual(["EXPRESSION_TOO_LONG"]);
  });
});

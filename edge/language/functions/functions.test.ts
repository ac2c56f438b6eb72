// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${1} is a placeholder of the language under test.
import { describe, expect, test } from "vitest";
import { type IpAddress, ipText } from "../ip.ts";
import { configurationA, configurationB, decide, evaluate, sampleRequest } from "../testing/sample.ts";

const claims = `http.request.jwt.claims["${configurationA}"][0]`;

function shown(text: string, request = sampleRequest()): unknown {
  const value = evaluate(text, request);
  return typeof value === "object" && "words" in value ? ipText(value as IpAddress) : value;
}

describe("strings", () => {
  test.each([
    ["lower(http.request.uri.path)", "/orders/7.json"],
    ["upper(http.request.uri.path)", "/ORDERS/7.JSON"],
    ["len(http.host)", 15],
    ['len(http.request.headers["x-tag"])', 2],
    ["len(http.request.uri.args)", 4],
    ['starts_with(http.host, "api.")', true],
    ['starts_with(http.host, "API.")', false],
    ["starts_with(http.request.full_uri, http.request.uri)", false],
    ['ends_with(http.host, ".com")', true],
    ["ends_with(http.request.full_uri, http.request.uri)", true],
    ["substring(http.host, 4)", "example.com"],
    ["substring(http.host, 4, 11)", "example"],
    ["substring(http.host, -3)", "com"],
    ["substring(http.host, 0, -4)", "api.example"],
    ["substring(http.host, 9, 4)", ""],
    ["substring(http.host, 0, 99)", "api.example.com"],
    ['split(http.host, ".", 2)', ["api", "example.com"]],
    ['split(http.host, ".", 3)', ["api", "example", "com"]],
    ['split(http.host, ".", 1)', ["api.example.com"]],
    ['split(http.host, "--", 9)', ["api.example.com"]],
    ['split(http.request.uri.args["flag"][0], ",", 9)', [""]],
    ['concat("a", cf.waf.score, http.host)', "a35api.example.com"],
    ['concat("a", http.request.headers["none"][0], "b")', "ab"],
    ['concat(http.request.headers["none"][0], http.request.headers["none"][0])', undefined],
    [
      'concat(http.request.headers["x-tag"], http.request.headers["none"], http.request.headers["host"])',
      ["one", "two", "api.example.com"],
    ],
    ['concat(http.request.headers["none"], http.request.headers["none"])', undefined],
    ['remove_bytes(http.host, ".e")', "apixamplcom"],
    ["to_string(cf.waf.score)", "35"],
    ["to_string(ssl)", "true"],
    ["to_string(ip.src)", "192.0.2.7"],
    ['regex_replace(http.host, "^([a-z]+)\\\\.(.*)$", "${2}/${1}")', "example.com/api"],
    ['regex_replace(http.host, "[aeiou]", "_")', "_pi.example.com"],
    ['regex_replace(http.host, "zzz", "_")', "api.example.com"],
    ['wildcard_replace(http.request.uri.path, "/orders/*.json", "/o/${1}")', "/o/7"],
    ['wildcard_replace(http.request.uri.path, "/orders/*", "/o/${1}", "s")', "/Orders/7.JSON"],
    ['wildcard_replace(http.host, "*.*", "${2}-${1}-${3}")', "example.com-api-"],
    ['wildcard_replace(http.host, "*.*", "$$ ${2} $${1}")', "$ example.com ${1}"],
    ['regex_replace(http.host, "^([a-z]+)", "$$${1}")', "$api.example.com"],
    ['remove_query_args(http.request.uri.query, "tag", "flag")', "page=2&q=a%20b"],
    ['remove_query_args(http.request.uri.query, "ta")', "page=2&tag=a&tag=b&flag&q=a%20b"],
  ])("%s", (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test("letters beyond ASCII keep their case", () => {
    const request = sampleRequest({ path: "/\u00c3\u0089A" });
    expect(evaluate("lower(http.request.uri.path)", request)).toBe("/\u00c3\u0089a");
    expect(evaluate("upper(http.request.uri.path)", request)).toBe("/\u00c3\u0089A");
  });
});

describe("missing arguments", () => {
  const none = 'http.request.headers["none"][0]';
  test.each([
    `lower(${none})`,
    `upper(${none})`,
    `len(${none})`,
    `starts_with(${none}, "a")`,
    `starts_with(http.host, ${none})`,
    `ends_with(http.host, ${none})`,
    `substring(${none}, 1)`,
    `split(${none}, ".", 2)`,
    'join(http.request.headers["none"], ",")',
    `join(http.request.headers["x-tag"], ${none})`,
    `remove_bytes(${none}, "a")`,
    `url_decode(${none})`,
    `decode_base64(${none})`,
    `encode_base64(${none})`,
    `sha256(${none})`,
    `lookup_json_string(${none}, "a")`,
    `lookup_json_integer(${none}, "a")`,
    `has_key(http.request.uri.args, ${none})`,
    'has_value(http.request.headers["none"], "a")',
    `regex_replace(${none}, "a", "b")`,
    `uuidv4(cf.random_seed)`,
  ])("%s is missing", (text) => {
    expect(evaluate(text)).toBeUndefined();
  });
});

describe("collections", () => {
  test.each([
    ['join(http.request.headers["x-tag"], ", ")', "one, two"],
    ['has_key(http.request.uri.args, "flag")', true],
    ['has_key(http.request.uri.args, "Flag")', false],
    ['has_key(http.request.uri.args, "toString")', false],
    ['has_value(http.request.headers["x-tag"], "two")', true],
    ['has_value(http.request.headers["x-tag"], "tw")', false],
    ['has_value(http.request.headers.names, "X-Tag")', true],
    ['any(starts_with(http.request.headers["x-tag"][*], "t"))', true],
    ['all(starts_with(http.request.headers["x-tag"][*], "t"))', false],
    ['all(starts_with(http.request.headers["x-tag"][*], "")) ', true],
  ])("%s is %j", (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  test("join of no elements is the empty string", () => {
    expect(evaluate('join(http.request.uri.args.names, ",")', sampleRequest({ query: "" }))).toBe("");
  });
});

describe("encodings", () => {
  const withHeader = (value: string) => sampleRequest({ headers: [["x", value]] });
  const x = 'http.request.headers["x"][0]';
  test.each([
    [`url_decode(${x})`, "a%20b+c", "a b c"],
    [`url_decode(${x})`, "%C3%a9", "\u00c3\u00a9"],
    [`url_decode(${x})`, "%2520", "%20"],
    [`url_decode(${x}, "r")`, "%252520", " "],
    [`url_decode(${x})`, "%zz%4", "%zz%4"],
    [`url_decode(${x})`, "%u00e9", "%u00e9"],
    [`url_decode(${x}, "u")`, "%u00e9", "\u00c3\u00a9"],
    [`url_decode(${x}, "ur")`, "%25u00e9", "\u00c3\u00a9"],
    [`url_decode(${x}, "u")`, "%ud83d%ude00", "\u00f0\u009f\u0098\u0080"],
    [`decode_base64(${x})`, "aGk=", "hi"],
    [`decode_base64(${x})`, "aGk", "hi"],
    [`decode_base64(${x})`, "a-k=", undefined],
    [`decode_base64(${x})`, "aGk=aGk=", undefined],
    [`decode_base64(${x})`, "", ""],
    [`encode_base64(${x})`, "hi??>", "aGk/Pz4"],
    [`encode_base64(${x}, "u")`, "hi??>", "aGk_Pz4"],
    [`encode_base64(${x}, "p")`, "h", "aA=="],
    [`encode_base64(${x}, "up")`, "hi??>", "aGk_Pz4="],
    [`encode_base64(sha256(${x}))`, "abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"],
    [`bit_slice(${x}, 4, 12)`, "AB", 20],
    [`bit_slice(${x}, 8, 24)`, "AB", undefined],
  ])("%s of %j", (text, header, expected) => {
    expect(evaluate(text, withHeader(header))).toBe(expected);
  });

  test("uuidv4 sets version and variant of the seed it is given", () => {
    const seed = "\u00ff".repeat(16);
    const request = sampleRequest({ others: { "cf.random_seed": seed } });
    expect(evaluate("uuidv4(cf.random_seed)", request)).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
  });
});

describe("addresses", () => {
  test.each([
    ["cidr(ip.src, 24, 64)", "192.0.2.77", "192.0.2.0"],
    ["cidr(ip.src, 32, 64)", "192.0.2.77", "192.0.2.77"],
    ["cidr(ip.src, 1, 64)", "192.0.2.77", "128.0.0.0"],
    ["cidr(ip.src, 24, 48)", "2001:db8:1:2:3::4", "2001:db8:1::"],
    ["cidr6(ip.src, 64)", "2001:db8:1:2:3::4", "2001:db8:1:2::"],
    ["cidr6(ip.src, 1)", "192.0.2.77", "192.0.2.77"],
  ])("%s of %s is %s", (text, ip, expected) => {
    expect(shown(text, sampleRequest({ ip }))).toBe(expected);
  });
});

describe("tokens", () => {
  test("is_jwt_valid and is_jwt_present ask the pipeline", () => {
    expect(decide(`is_jwt_valid("${configurationA}")`)).toBe(true);
    expect(decide(`is_jwt_valid("${configurationB}")`)).toBe(false);
    expect(decide(`is_jwt_present("${configurationB}")`)).toBe(true);
    expect(decide(`is_jwt_valid("${configurationB}") or not is_jwt_present("${configurationB}")`)).toBe(
      false,
    );
  });

  test("claims are read along a path", () => {
    expect(evaluate(`lookup_json_string(${claims}, "tenant", "name")`)).toBe("blue");
    expect(evaluate(`lookup_json_integer(${claims}, "tenant", "ids", 1)`)).toBe(8);
    expect(evaluate(`lookup_json_string(${claims}, "aud", 0)`)).toBe("api");
    expect(evaluate(`lookup_json_string(${claims}, "aud")`)).toBeUndefined();
    expect(evaluate(`lookup_json_string(${claims}, "tenant", "ids", 1)`)).toBeUndefined();
    expect(
      evaluate(`lookup_json_string(http.request.jwt.claims["${configurationB}"][0], "sub")`),
    ).toBeUndefined();
  });

  test("is_timed_hmac_valid_v0 of a missing message is false, so not of it is true", () => {
    const text =
      'is_timed_hmac_valid_v0("k", http.request.headers["none"][0], 60, http.request.timestamp.sec)';
    expect([decide(text), decide(`not ${text}`)]).toEqual([false, true]);
  });

  test("is_timed_hmac_valid_v0 takes its message from headers by concat", () => {
    const message =
      'concat(http.request.uri, http.request.headers["timestamp"][0], "-", http.request.headers["mac"][0])';
    const text = `is_timed_hmac_valid_v0("mysecretkey", ${message}, 60, http.request.timestamp.sec)`;
    const headers = [
      ["Timestamp", "1484063787"],
      ["Mac", "JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D"],
    ] as const;
    const request = { path: "/download/cat.jpg", query: "", timestampMs: 1_484_063_800_000 };
    expect(decide(text, sampleRequest({ ...request, headers }))).toBe(true);
    expect(decide(text, sampleRequest({ ...request, headers: headers.slice(0, 1) }))).toBe(false);
  });
});

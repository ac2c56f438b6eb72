import { describe, expect, test } from "vitest";
import { type Node, namesIn } from "./ast.ts";
import { parse, parseValue } from "./parser.ts";
import { printNode } from "./print.ts";
import { ExpressionError } from "./problems.ts";

/** A tree with every operator's terms in brackets, so that precedence can be read. */
function shape(node: Node): string {
  if (node.kind === "logical") return `[${node.terms.map(shape).join(` ${node.operator} `)}]`;
  if (node.kind === "not") return `[not ${shape(node.operand)}]`;
  return printNode(node);
}

/** What the error shows a person. */
function failure(text: string, read = parse): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error.format();
    throw error;
  }
  return "no error";
}

describe("parse", () => {
  test.each([
    ["ssl or ssl xor ssl and not ssl", "[ssl or [ssl xor [ssl and [not ssl]]]]"],
    ["not ssl and ssl xor ssl or ssl", "[[[[not ssl] and ssl] xor ssl] or ssl]"],
    ["ssl && ssl || ssl && ssl", "[[ssl and ssl] or [ssl and ssl]]"],
    ["ssl ^^ ssl || ssl ^^ ssl", "[[ssl xor ssl] or [ssl xor ssl]]"],
    ["ssl and ssl and ssl", "[ssl and ssl and ssl]"],
    ["ssl and (ssl and ssl)", "[ssl and [ssl and ssl]]"],
    ["(ssl or ssl) and ssl", "[[ssl or ssl] and ssl]"],
    ["not not ssl", "[not [not ssl]]"],
    ["!ssl&&!ssl", "[[not ssl] and [not ssl]]"],
    ["not (ssl or ssl)", "[not [ssl or ssl]]"],
    ['not http.host eq "a" and ssl', '[[not http.host eq "a"] and ssl]'],
    ["((ssl))", "ssl"],
  ])("%s binds as %s", (text, expected) => {
    expect(shape(parse(text).body)).toBe(expected);
  });

  test.each([
    ["==", "eq"],
    ["!=", "ne"],
    ["<", "lt"],
    ["<=", "le"],
    [">", "gt"],
    [">=", "ge"],
    ["~", "matches"],
  ])("%s is %s", (sign, word) => {
    const operator = (text: string) => (parse(text).body as { operator?: string }).operator;
    expect(operator(`http.host ${sign} "a"`)).toBe(word);
    expect(operator(`http.host${sign}"a"`)).toBe(word);
    expect(operator(`http.host ${word} "a"`)).toBe(word);
  });

  test.each([
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    [String.raw`r"a\"`, "a\\"],
    [`r#"say "hi""#`, 'say "hi"'],
    [`r##"a"#b"##`, 'a"#b'],
    ['"two\nlines"', "two\nlines"],
    ['"ünï"', "\u00c3\u00bcn\u00c3\u00af"],
    [String.raw`"\x41\x7f\xFF"`, "A\u007f\u00ff"],
    [String.raw`"\101\000\3777"`, "A\u0000\u00ff7"],
  ])("the literal %s, in bytes", (literal, value) => {
    expect(parse(`http.host eq ${literal}`).body).toMatchObject({ right: { kind: "string", value } });
  });

  test("after matches a quoted string keeps its backslashes", () => {
    const right = (text: string) => (parse(text).body as { right?: { value?: string } }).right?.value;
    expect(right(String.raw`http.host matches "a\.b\"\\"`)).toBe(String.raw`a\.b"\\`);
    expect(right(String.raw`http.host matches r"a\.b"`)).toBe(String.raw`a\.b`);
  });

  test("a class of a regular expression may hold a quote", () => {
    const right = (text: string) => (parse(text).body as { right?: { value?: string } }).right?.value;
    expect(right('http.host ~ "[^"]+"')).toBe('[^"]+');
    expect(right(String.raw`http.host matches "[\"]\""`)).toBe(String.raw`[\"]"`);
    expect(failure('http.host eq "[^"]+"')).toContain("1:19 UNEXPECTED_CHARACTER");
    expect(failure('http.host matches "[a"')).toContain("UNTERMINATED_STRING");
  });

  test("lists hold literals, ranges and blocks, or are named", () => {
    const items = (text: string) => {
      const { right } = parse(text).body as { right?: { items: { kind: string }[] } };
      return right?.items.map((item) => item.kind);
    };
    expect(items('http.host in {"a" "b" "a"}')).toEqual(["string", "string", "string"]);
    expect(items("ip.src.asnum in {1..5 8 -3..-1}")).toEqual(["range", "integer", "range"]);
    expect(items("ip.src in {192.0.2.0/24 198.51.100.3..198.51.100.7 ::1 2001:db8::/32 ::1..::5}")).toEqual([
      "cidr",
      "range",
      "ip",
      "cidr",
      "range",
    ]);
    expect(parse("ip.src in $office_network").body).toMatchObject({
      right: { kind: "namedList", name: "office_network" },
    });
  });

  test("a blank may stand before the parenthesis of a call", () => {
    expect(parse('is_jwt_valid ("a")').body).toMatchObject({ kind: "call", name: "is_jwt_valid" });
  });

  test("integers keep all 64 bits", () => {
    expect(parse("cf.waf.score eq 9007199254740993").body).toMatchObject({
      right: { value: 9007199254740993n },
    });
    expect(parse("cf.waf.score eq -9223372036854775808").body).toMatchObject({
      right: { value: -(2n ** 63n) },
    });
    expect(failure("cf.waf.score eq 9223372036854775808")).toContain("INVALID_INTEGER");
  });

  test.each([
    ["0x1F", 31],
    ["0x7fffffffffffffff", 2n ** 63n - 1n],
    [`0x${"0".repeat(100)}a`, 10],
    ["017", 15],
    ["00", 0],
    ["-0", 0],
    ["-017", -17],
  ])("the integer %s", (literal, value) => {
    expect(parse(`cf.waf.score eq ${literal}`).body).toMatchObject({ right: { value } });
    expect(parse(`cf.waf.score in {${literal}..${literal} 7}`).body).toMatchObject({
      right: { items: [{ from: { value } }, { value: 7 }] },
    });
  });

  test("an index may be written as other integers are", () => {
    expect(
      parse("http.request.uri.args.names[0x10] eq http.host".replace("http.host", '"a"')).body,
    ).toMatchObject({
      left: { index: 16 },
    });
  });

  test("parseValue takes one operand and nothing else", () => {
    expect(parseValue('http.request.headers["x"]').body.kind).toBe("index");
    expect(parseValue('concat("a", http.host)').body.kind).toBe("call");
    expect(failure('http.host eq "a"', parseValue)).toContain(
      "1:11 UNEXPECTED_TOKEN: eq cannot stand here; expected the end of the value",
    );
  });
});

describe("syntax errors", () => {
  test.each([
    [
      "an operator in capitals",
      'http.host eq "a" AND ssl',
      [
        "1:18 UNEXPECTED_TOKEN: AND cannot stand here; expected an operator or the end of the expression; did you mean and?",
        '  http.host eq "a" AND ssl',
        "                   ^^^",
      ],
    ],
    [
      "a single equals sign",
      'http.host = "a"',
      [
        "1:11 UNEXPECTED_CHARACTER: the character = starts nothing here; did you mean ==?",
        '  http.host = "a"',
        "            ^",
      ],
    ],
    [
      "the second line",
      "ssl and\n  ip.src eq 1.2.3",
      [
        "2:13 INVALID_IP: this is not an IPv4 or IPv6 address; expected an address such as 192.0.2.1 or 2001:db8::1",
        "    ip.src eq 1.2.3",
        "              ^^^^^",
      ],
    ],
    [
      "a function written as an operator",
      'http.host starts_with "a"',
      [
        '1:11 UNEXPECTED_TOKEN: starts_with cannot stand here; expected an operator or the end of the expression; did you mean the function starts_with(field, "…")?',
        '  http.host starts_with "a"',
        "            ^^^^^^^^^^^",
      ],
    ],
    [
      "a field on the right side",
      "http.host eq http.referer",
      [
        "1:14 UNEXPECTED_TOKEN: http.referer cannot stand here; expected a literal on the right side of eq",
        "  http.host eq http.referer",
        "               ^^^^^^^^^^^^",
      ],
    ],
    [
      "a list after eq",
      'http.host eq {"a"}',
      [
        "1:14 UNEXPECTED_TOKEN: { cannot stand here; expected a literal on the right side of eq; did you mean in?",
        '  http.host eq {"a"}',
        "               ^",
      ],
    ],
    [
      "a comma in a list",
      'http.host in {"a", "b"}',
      [
        "1:18 UNEXPECTED_TOKEN: , cannot stand here; expected a literal or }; items are parted by blanks",
        '  http.host in {"a", "b"}',
        "                   ^",
      ],
    ],
    [
      "a missing parenthesis",
      "(ssl and ssl",
      [
        "1:13 UNEXPECTED_TOKEN: the end of the expression cannot stand here; expected an operator, or ) for the ( at offset 0",
        "  (ssl and ssl",
        "              ^",
      ],
    ],
    [
      "an escape that does not exist",
      String.raw`http.host eq "a\n"`,
      [
        String.raw`1:16 INVALID_ESCAPE: no such escape in a quoted string; expected \", \\, \x and two hexadecimal or \ and three octal digits, or a raw string r"…"`,
        String.raw`  http.host eq "a\n"`,
        "                 ^^",
      ],
    ],
    [
      "a Bool that is compared",
      "ssl == true",
      [
        "1:8 UNEXPECTED_TOKEN: a Bool is not compared; expected the Bool alone, or not before it",
        "  ssl == true",
        "         ^^^^",
      ],
    ],
    [
      "a negative index",
      "http.request.uri.args.names[-1]",
      [
        "1:29 UNEXPECTED_TOKEN: a number cannot stand here; expected a key in quotes, a number from 0, or *",
        "  http.request.uri.args.names[-1]",
        "                              ^^",
      ],
    ],
    [
      "nothing",
      "  ",
      [
        "1:3 EXPRESSION_EMPTY: the expression is empty; expected a comparison or a Bool field",
        "    ",
        "    ^",
      ],
    ],
  ])("%s", (_, text, lines) => {
    expect(failure(text).split("\n")).toEqual(lines);
  });

  test.each([
    ["ip.src in {1.2.3.4/33}", "CIDR_INVALID"],
    ["ip.src in {1.2.3.4..5}", "RANGE_INVALID"],
    ["ip.src in {1.2.3.0/24::1}", "INVALID_IP"],
    ["ip.src in {1.2.3.0/24..1.2.4.0/24}", "RANGE_INVALID"],
    ["ip.src.asnum in {1..::1}", "RANGE_INVALID"],
    ["ip.src.asnum eq 08", "INVALID_INTEGER"],
    ["ip.src.asnum eq 0x", "INVALID_INTEGER"],
    ["ip.src.asnum eq 1f", "INVALID_INTEGER"],
    ["ip.src.asnum eq 0x8000000000000000", "INVALID_INTEGER"],
    ["ip.src.asnum eq -0x1", "UNEXPECTED_TOKEN"],
    ["ip.src.asnum in {1 ..5}", "UNEXPECTED_TOKEN"],
    ["ip.src.asnum in {1.. 5}", "UNEXPECTED_TOKEN"],
    ["ip.src in $Office", "UNEXPECTED_TOKEN"],
    ["ip.src in $office.", "UNEXPECTED_TOKEN"],
    ["ip.src in $.office", "UNEXPECTED_TOKEN"],
    [String.raw`http.host eq "\400"`, "INVALID_ESCAPE"],
    [String.raw`http.host eq "\x4"`, "INVALID_ESCAPE"],
    ["ssl\tor ssl", "UNEXPECTED_CHARACTER"],
    ['http.request.headers[r"a"][0] eq "b"', "UNEXPECTED_TOKEN"],
    [String.raw`http.request.headers["\xff"][0] eq "b"`, "UNEXPECTED_TOKEN"],
    ['http.request.headers ["a"][0] eq "b"', "UNEXPECTED_TOKEN"],
    ['http.request.uri.args.names[4294967296] eq "b"', "UNEXPECTED_TOKEN"],
    ['http.host strict  wildcard "a"', "UNEXPECTED_TOKEN"],
    ['any(http.request.headers.names[*] eq "a" or http.request.headers.names[*] eq "b")', "UNEXPECTED_TOKEN"],
    ['http.host eq "a', "UNTERMINATED_STRING"],
    ['http.host eq r#"a"', "UNTERMINATED_STRING"],
    [`http.host eq r${"#".repeat(256)}"a"${"#".repeat(256)}`, "UNEXPECTED_TOKEN"],
    ["ip.src eq fe80::1%eth0", "UNEXPECTED_CHARACTER"],
    ["not", "UNEXPECTED_TOKEN"],
    ["ssl ssl", "UNEXPECTED_TOKEN"],
    ["http.host strict", "UNEXPECTED_TOKEN"],
    [`${"(".repeat(129)}ssl${")".repeat(129)}`, "EXPRESSION_TOO_DEEP"],
    [`${"not ".repeat(129)}ssl`, "EXPRESSION_TOO_DEEP"],
    [`${"lower(".repeat(129)}http.host${")".repeat(129)}`, "EXPRESSION_TOO_DEEP"],
    [`http.host${"[0]".repeat(9)}`, "EXPRESSION_TOO_DEEP"],
  ])("%s is %s", (text, code) => {
    expect(failure(text)).toContain(` ${code}: `);
  });

  test.each([
    `${"(".repeat(128)}ssl${")".repeat(128)}`,
    `${"not ".repeat(128)}ssl`,
    `${"lower(".repeat(128)}http.host${")".repeat(128)}`,
  ])("128 levels are fine: %s", (text) => {
    expect(failure(text)).toBe("no error");
  });

  test("a tab may stand around an expression, not in it", () => {
    expect(failure("\t ssl \t")).toBe("no error");
    expect(failure("ssl\tor ssl")).toContain(
      "1:4 UNEXPECTED_CHARACTER: the character tab starts nothing here; did you mean a blank?",
    );
  });

  test("an argument with several conditions says what to write", () => {
    expect(failure('any(http.request.headers.names[*] eq "a" or ssl)')).toContain(
      "UNEXPECTED_TOKEN: or cannot stand here; expected parentheses around the whole argument, as in any((… or …))",
    );
  });
});

test("fields and lists are found at every depth, and not in strings", () => {
  const text =
    'not (ip.src in $office or any(lower(http.request.headers.names[*])[*] eq "http.response.code")) and len(http.request.uri.args["http.host"]) in {1..2}';
  const { fields, lists } = namesIn(parse(text));
  expect([...fields]).toEqual(["ip.src", "http.request.headers.names", "http.request.uri.args"]);
  expect([...lists]).toEqual(["office"]);
});

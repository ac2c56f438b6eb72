import { describe, expect, test } from "vitest";
import type { Node } from "./ast.ts";
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
    ['"ünï"', "ünï"],
  ])("the literal %s", (literal, value) => {
    expect(parse(`http.host eq ${literal}`).body).toMatchObject({ right: { kind: "string", value } });
  });

  test("after matches a quoted string keeps its backslashes", () => {
    const right = (text: string) => (parse(text).body as { right?: { value?: string } }).right?.value;
    expect(right(String.raw`http.host matches "a\.b\"\\"`)).toBe(String.raw`a\.b"\\`);
    expect(right(String.raw`http.host matches r"a\.b"`)).toBe(String.raw`a\.b`);
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
        String.raw`1:16 INVALID_ESCAPE: no such escape in a quoted string; expected \" or \\, or a raw string r"…" without escapes`,
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
    ["ip.src in {1.2.3.0/24..1.2.4.0/24}", "RANGE_INVALID"],
    ["ip.src.asnum in {1..::1}", "RANGE_INVALID"],
    ["ip.src.asnum eq 007", "INVALID_INTEGER"],
    ['http.host eq "a', "UNTERMINATED_STRING"],
    ['http.host eq r#"a"', "UNTERMINATED_STRING"],
    [`http.host eq r${"#".repeat(256)}"a"${"#".repeat(256)}`, "UNEXPECTED_TOKEN"],
    ["ip.src eq fe80::1%eth0", "UNEXPECTED_CHARACTER"],
    ["not", "UNEXPECTED_TOKEN"],
    ["ssl ssl", "UNEXPECTED_TOKEN"],
    ["http.host strict", "UNEXPECTED_TOKEN"],
    [`${"(".repeat(33)}ssl${")".repeat(33)}`, "EXPRESSION_TOO_DEEP"],
    [`${"not ".repeat(33)}ssl`, "EXPRESSION_TOO_DEEP"],
    [`${"lower(".repeat(33)}http.host${")".repeat(33)}`, "EXPRESSION_TOO_DEEP"],
    [`http.host${"[0]".repeat(9)}`, "EXPRESSION_TOO_DEEP"],
  ])("%s is %s", (text, code) => {
    expect(failure(text)).toContain(` ${code}: `);
  });

  test("32 levels are fine, and the depth is an option", () => {
    const text = `${"(".repeat(32)}ssl${")".repeat(32)}`;
    expect(failure(text)).toBe("no error");
    expect(failure(text, (source) => parse(source, { nestingDepth: 31 }))).toContain("EXPRESSION_TOO_DEEP");
    expect(failure(`(${text})`, (source) => parse(source, { nestingDepth: 33 }))).toBe("no error");
  });
});

import { expect, test } from "vitest";
import { parse } from "./parser.ts";
import { print } from "./print.ts";

test.each([
  ["ssl&&!(ssl||ssl)", "ssl and not (ssl or ssl)"],
  ["((ssl) ^^ (ssl and ssl))", "ssl xor ssl and ssl"],
  ["(ssl or ssl) xor ssl", "(ssl or ssl) xor ssl"],
  ["ssl and (ssl and ssl)", "ssl and (ssl and ssl)"],
  ["not (not (ssl))", "not not ssl"],
  ['!(http.host == "a")', 'not http.host eq "a"'],
  [String.raw`http.host=="a\"b"`, 'http.host eq r#"a"b"#'],
  [String.raw`http.host eq "a\\b"`, String.raw`http.host eq r"a\b"`],
  [String.raw`http.host ~ "^a\.b$"`, String.raw`http.host matches r"^a\.b$"`],
  ['http.host ~ r"^a$"', 'http.host matches "^a$"'],
  ['http.host   strict wildcard\n"*"', 'http.host strict wildcard "*"'],
  [String.raw`http.host ~ "[^\"]"`, String.raw`http.host matches r#"[^\"]"#`],
  ['http.host ~ r"["', 'http.host matches r"["'],
  [String.raw`http.host eq "\x61\377"`, String.raw`http.host eq "a\xff"`],
  ["ip.src.asnum eq 0x1F", "ip.src.asnum eq 31"],
  ["ip.src.asnum bitwise_and 017", "ip.src.asnum & 15"],
  ["ip.src in { }", "ip.src in {}"],
  [
    'any((http.request.headers.names[*]=="a"||http.request.headers.names[*]=="b"))',
    'any((http.request.headers.names[*] eq "a" or http.request.headers.names[*] eq "b"))',
  ],
  [
    'any(not http.request.headers.names[*]=="a" || not http.request.headers.names[*]=="b")',
    'any((not http.request.headers.names[*] eq "a" or not http.request.headers.names[*] eq "b"))',
  ],
  ['any(not(http.request.headers.names[*]=="a"))', 'any(not http.request.headers.names[*] eq "a")'],
  [
    "ip.src in { 1.2.3.4   2001:DB8:0:0::/32 1.1.1.1..1.1.1.9 }",
    "ip.src in {1.2.3.4 2001:db8::/32 1.1.1.1..1.1.1.9}",
  ],
  ["ip.src.asnum in{1..5 8}", "ip.src.asnum in {1..5 8}"],
  ["ip.src in $office", "ip.src in $office"],
  ['any ( http.request.headers[ "a" ][ * ] == "b" )', 'any(http.request.headers["a"][*] eq "b")'],
  [String.raw`http.request.headers["a\"b"][0] eq "x"`, String.raw`http.request.headers["a\"b"][0] eq "x"`],
  ['concat ( "a" , http.host,3 ) eq ""', 'concat("a", http.host, 3) eq ""'],
  ["true", "true"],
])("%s is printed as %s", (text, printed) => {
  expect(print(parse(text))).toBe(printed);
  expect(print(parse(printed))).toBe(printed);
});

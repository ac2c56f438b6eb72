import { describe, expect, test } from "vitest";
import { parsePath } from "../definition/paths.ts";
import type { Match } from "../definition/types.ts";
import { all, any, not, quote } from "./expressions.ts";
import { guards } from "./matches.ts";

function match(path: string, methods?: readonly string[]): Match {
  const parsed = parsePath(path);
  if ("message" in parsed) throw new Error(parsed.message);
  return { path: parsed, ...(methods === undefined ? {} : { methods }) };
}

describe("building blocks", () => {
  test("quotes and backslashes are escaped", () => {
    expect(quote('a"b\\c')).toBe('"a\\"b\\\\c"');
  });

  test("all leaves out what is empty", () => {
    expect(all("a", undefined, "", "b")).toBe("a and b");
  });

  test("any groups what has an and, and drops repeats", () => {
    expect(any(["a and b", "c", "c"])).toBe("((a and b) or c)");
    expect(any(["a"])).toBe("a");
    expect(any(["(a and b)", "(a) and (b)"])).toBe("((a and b) or ((a) and (b)))");
  });

  test("parentheses inside a literal are text", () => {
    expect(any(['(x eq ")" and y)', "z"])).toBe('((x eq ")" and y) or z)');
    expect(not('(x eq "\\")" or y)')).toBe('not (x eq "\\")" or y)');
  });

  test("not encloses all of it", () => {
    expect(not("a or b")).toBe("not (a or b)");
    expect(not("(a) or (b)")).toBe("not ((a) or (b))");
    expect(not("(a or b)")).toBe("not (a or b)");
  });
});

describe("guards", () => {
  const path = "lower(url_decode(http.request.uri.path))";
  test.each([
    ["/", `${path} eq "/"`],
    ["/Orders", `${path} in {"/orders" "/orders/"}`],
    ["/orders/*", `starts_with(concat(${path}, "/"), "/orders/")`],
    ["/a.b/{id}", `${path} matches r"^/a\\.b/[^/]+/?$"`],
    ["/{id}/*", `${path} matches r"^/[^/]+(/|$)"`],
    ["/$x/{id}", `${path} matches r"^/\\$x/[^/]+/?$"`],
  ])("%s", (text, expected) => {
    expect(guards([match(text)])).toBe(expected);
  });

  test("every path of every method needs no condition", () => {
    expect(guards([match("/*")])).toBeUndefined();
    expect(guards([match("/*", ["PUT"])])).toBe('http.request.method eq "PUT"');
  });

  test("matches with the same methods share them, and exact paths share a list", () => {
    expect(guards([match("/a", ["PUT"]), match("/b"), match("/c", ["PUT"]), match("/d/*", ["PUT"])])).toBe(
      `((http.request.method eq "PUT" and (${path} in {"/a" "/a/" "/c" "/c/"} or starts_with(concat(${path}, "/"), "/d/"))) or ${path} in {"/b" "/b/"})`,
    );
    expect(guards([match("/a"), match("/*")])).toBeUndefined();
  });
});

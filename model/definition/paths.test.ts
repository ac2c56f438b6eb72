import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, overlap, parsePath } from "./paths.ts";
import type { Match, PathPattern } from "./types.ts";

function pattern(text: string): PathPattern {
  const parsed = parsePath(text);
  if ("message" in parsed) throw new Error(parsed.message);
  return parsed;
}

function match(path: string, ...methods: string[]): Match {
  return { path: pattern(path), ...(methods.length === 0 ? {} : { methods }) };
}

describe("parsePath", () => {
  test.each([
    ["/", [], false],
    ["/*", [], true],
    ["/a", ["a"], false],
    ["/a/{id}/b/*", ["a", null, "b"], true],
    ["/a/{order-id}/{x.y}/{2}/{größe}", ["a", null, null, null, null], false],
    ["/items:batch/$metadata", ["items:batch", "$metadata"], false],
    ["/A.b_c~(x),y=1:2@3!$&'", ["A.b_c~(x),y=1:2@3!$&'"], false],
  ])("%s", (text, segments, rest) => {
    expect(parsePath(text)).toEqual({ text, segments, rest });
  });

  test.each([
    "",
    "a",
    "/a/",
    "//",
    "/a//b",
    "/.",
    "/a/..",
    "/*/a",
    "/a*",
    "/{}",
    "/{a}b",
    "/{a b}",
    "/{a?b}",
    "/{+a}",
    "/a b",
    "/ä",
    "/a%20",
    "/a?b",
    "/a#b",
    '/"',
    "/a\\b",
    "/a;b",
    "/a+b",
  ])("%j is none", (text) => {
    expect(parsePath(text)).toHaveProperty("message");
  });
});

describe("how other routers write a path", () => {
  test.each([
    ["/orders/:id", "/orders/{id}"],
    ["/orders/:id?", "/orders/{id}"],
    ["/orders/:id(\\d+)", "/orders/{id}"],
    ["/orders/<id>", "/orders/{id}"],
    ["/orders/<int:order_id>/lines", "/orders/{order_id}/lines"],
    ["/orders/[id]", "/orders/{id}"],
    ["/files/[...slug]", "/files/*"],
    ["/files/[[...slug]]", "/files/*"],
    ["/orders/{id:[0-9]+}", "/orders/{id}"],
    ["/files/{path...}", "/files/*"],
    ["/files/{*path}", "/files/*"],
    ["/files/**", "/files/*"],
    ["/files/*path", "/files/*"],
    ["orders/:id", "/orders/{id}"],
    ["/orders/:id/", "/orders/{id}"],
  ])("%s is refused, and what to write is %s", (text, advised) => {
    const fault = parsePath(text);
    expect(fault).toHaveProperty("hint", expect.stringMatching(/^write /));
    expect("hint" in fault && fault.hint.replace(", which covers a trailing / too", "")).toBe(
      `write ${advised}`,
    );
    expect(parsePath(advised)).not.toHaveProperty("message");
  });

  test("no path is advised that would be refused", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "a",
            "/",
            ":id",
            "<id>",
            "[id]",
            "{id}",
            "*",
            "**",
            "%20",
            ";",
            "..",
            "{",
            "",
            "//",
          ),
        ),
        (parts) => {
          const fault = parsePath(parts.join(""));
          if (!("hint" in fault)) return;
          const advised = /^write (\/\S*?)(,|$)/.exec(fault.hint)?.[1];
          if (advised !== undefined) expect(parsePath(advised)).not.toHaveProperty("message");
        },
      ),
    );
  });
});

describe("overlap and covers", () => {
  test.each([
    ["/a", "/A", true, true],
    ["/a", "/b", false, false],
    ["/a/*", "/a", true, true],
    ["/a", "/a/*", true, false],
    ["/a/*", "/a/b/c", true, true],
    ["/a/b", "/a", false, false],
    ["/a/{x}", "/a/b", true, true],
    ["/a/b", "/a/{x}", true, false],
    ["/{x}/b", "/a/{y}", true, false],
    ["/{x}/*", "/a/*", true, true],
    ["/{x}/*", "/*", true, false],
    ["/a/b/*", "/a/*", true, false],
    ["/*", "/", true, true],
  ])("%s and %s", (a, b, overlapping, covering) => {
    expect([overlap(match(a), match(b)), covers(match(a), match(b))]).toEqual([overlapping, covering]);
  });

  test("methods part what paths do not", () => {
    expect(overlap(match("/a", "GET"), match("/a", "PUT"))).toBe(false);
    expect(overlap(match("/a", "GET"), match("/a"))).toBe(true);
    expect(covers(match("/a", "GET", "PUT"), match("/a", "PUT"))).toBe(true);
    expect(covers(match("/a", "PUT"), match("/a", "GET", "PUT"))).toBe(false);
    expect(covers(match("/a", "PUT"), match("/a"))).toBe(false);
    expect(covers(match("/a"), match("/a", "PUT"))).toBe(true);
  });

  const segment = fc.constantFrom("a", "b", "{x}");
  const path = fc
    .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
    .map(([parts, rest]) => match(`/${[...parts, ...(rest ? ["*"] : [])].join("/")}`));
  const concrete = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 });
  const takes = ({ path: { segments, rest } }: Match, parts: readonly string[]) =>
    (rest ? parts.length >= segments.length : parts.length === segments.length) &&
    segments.every((each, index) => each === null || each === parts[index]);

  test("they agree with what the patterns take", () => {
    let shared = 0;
    fc.assert(
      fc.property(path, path, concrete, (a, b, parts) => {
        if (takes(a, parts) && takes(b, parts)) {
          shared += 1;
          expect(overlap(a, b)).toBe(true);
        }
        if (covers(a, b) && takes(b, parts)) expect(takes(a, parts)).toBe(true);
        expect(overlap(a, b)).toBe(overlap(b, a));
        if (covers(a, b)) expect(overlap(a, b)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(shared).toBeGreaterThan(100);
  });
});

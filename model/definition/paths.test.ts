import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareSpecificity, covers, overlap, parsePath } from "./paths.ts";
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
    ["/{id}.json", [{ pieces: ["", ".json"] }], false],
    ["/{job}:cancel/v{n}", [{ pieces: ["", ":cancel"] }, { pieces: ["v", ""] }], false],
    ["/{a}-{b}/Orders({id})/*", [{ pieces: ["", "-", ""] }, { pieces: ["Orders(", ")"] }], true],
    ["/{order id}/{a?b}/{$id}/{a%b}/{x,y}/{[z]}", [null, null, null, null, null, null], false],
    ["/a/*/b/*", ["a", null, "b"], true],
    ["/*/a", [null, "a"], false],
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
    "/a*",
    "/{}",
    "/{a}{b}",
    "/{a",
    "/a}",
    "/{{a}}",
    "/{a/b}",
    "/v{n}%20",
    "/{a}/..",
    "/{a}ä",
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
    ["/{x}.json", "/a.JSON", true, true],
    ["/{x}.json", "/.json", false, false],
    ["/{x}.json", "/a.json.txt", false, false],
    ["/{x}", "/{x}.json", true, true],
    ["/{x}.json", "/{x}", true, false],
    ["/{x}.json", "/v{x}", true, false],
    ["/{x}.json", "/{x}.xml", false, false],
    ["/{x}.json", "/{x}.n.json", true, true],
    ["/{a}-{b}", "/{a}-{b}-{c}", true, true],
    ["/{a}-{b}-{c}", "/{a}-{b}", true, false],
    ["/{a}-{b}", "/x-{b}", true, true],
    ["/a{x}a", "/aa", false, false],
    ["/a{x}a", "/aaa", true, true],
    ["/{a}bb{c}", "/xbbb", true, true],
    ["/v{n}/*", "/v1/b", true, true],
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

  const segment = fc.oneof(
    fc.constantFrom("a", "b", "ab", "{x}"),
    fc
      .array(fc.constantFrom("a", "b", "-", "{x}"), { minLength: 2, maxLength: 5 })
      .map((parts) => parts.join("").replaceAll(/(?:\{x\})+/g, "{x}")),
  );
  const path = fc
    .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
    .map(([parts, rest]) => match(`/${[...parts, ...(rest ? ["*"] : [])].join("/")}`));
  const concrete = fc.array(
    fc.array(fc.constantFrom("a", "b", "-", "c"), { minLength: 1, maxLength: 4 }).map((all) => all.join("")),
    { maxLength: 4 },
  );
  const takes = ({ path: { text, rest } }: Match, parts: readonly string[]) => {
    const wanted = text.slice(1).split("/");
    if (rest || text === "/") wanted.pop();
    if (rest ? parts.length < wanted.length : parts.length !== wanted.length) return false;
    return wanted.every((each, index) =>
      new RegExp(`^${each.replaceAll("{x}", ".+")}$`).test(parts[index] ?? ""),
    );
  };

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
      { numRuns: 6000 },
    );
    expect(shared).toBeGreaterThan(100);
  });

  // All texts of up to five letters: what takes longer ones alone cannot be told apart by three pieces.
  const longer = (all: string[]) => all.flatMap((word) => ["a", "b", "~"].map((letter) => word + letter));
  const words = Array.from({ length: 5 })
    .reduce<string[][]>((all) => [...all, longer(all.at(-1) ?? [])], [[""]])
    .flat();
  test("two segments overlap where some text fits both, and one covers the other where every text does", () => {
    const seen = { apart: 0, partly: 0, covered: 0 };
    const takenBy = (each: Match) => new Set(words.filter((word) => word !== "" && takes(each, [word])));
    const single = fc
      .array(fc.constantFrom("a", "b", "{x}"), { minLength: 1, maxLength: 3 })
      .map((parts) => match(`/${parts.join("").replaceAll(/(?:\{x\})+/g, "{x}")}`));
    fc.assert(
      fc.property(single, single, (a, b) => {
        const [ofA, ofB] = [takenBy(a), takenBy(b)];
        const covered = [...ofB].every((word) => ofA.has(word));
        expect([a, b, covers(a, b)]).toEqual([a, b, covered]);
        const meeting = [...ofA].some((word) => ofB.has(word));
        expect([a, b, overlap(a, b)]).toEqual([a, b, meeting]);
        if (!meeting) seen.apart += 1;
        seen[covered ? "covered" : "partly"] += 1;
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  test("specificity is a strict total order, 0 for equal patterns alone, and a covered pattern goes first", () => {
    const mixed = path.chain((each) =>
      fc
        .boolean()
        .map((upper) =>
          match(upper ? each.path.text.replaceAll(/[ab]/g, (x) => x.toUpperCase()) : each.path.text),
        ),
    );
    const order = (a: Match, b: Match) => Math.sign(compareSpecificity(a.path, b.path));
    const seen = { equal: 0, apart: 0, covered: 0 };
    fc.assert(
      fc.property(mixed, mixed, mixed, (a, b, c) => {
        const equal = a.path.text.toLowerCase() === b.path.text.toLowerCase();
        expect([a, b, order(a, b) === 0]).toEqual([a, b, equal]);
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0)
          expect([a, b, c, order(a, c) <= 0]).toEqual([a, b, c, true]);
        if (!equal && covers(a, b)) {
          seen.covered += 1;
          expect([a, b, order(b, a)]).toEqual([a, b, -1]);
        }
        seen[equal ? "equal" : "apart"] += 1;
      }),
      { numRuns: 6000 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  test("a literal goes before a partly variable segment, that before a variable one, that before the rest", () => {
    const sorted = [
      "/",
      "/a/b",
      "/a/b/*",
      "/a/vv{n}",
      "/a/{n}.",
      "/a/v{n}",
      "/a/{n}",
      "/a/*",
      "/{x}/a",
      "/*",
    ];
    const shuffled = [...sorted].reverse().map((text) => pattern(text));
    expect(shuffled.sort(compareSpecificity).map(({ text }) => text)).toEqual(sorted);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { link, NOW, verdict } from "./testing/verdict.ts";
import type { DesiredState } from "./types.ts";

/*
 * Cloudflare's function signs message and time, but not the separator between them: who has one link might move it.
 * A link opens its own URL, letter by letter, and no other.
 */

function desiredFor(bind: readonly string[], parameter = "verify"): DesiredState {
  const file = {
    keys: { downloads: { hmac: { parameter, lifetime: "3h", bind }, rotation: { every: "90d" } } },
    host: "files.example.com",
    rules: [{ id: "files", match: { path: "/files/*" }, require: { link: "downloads" } }],
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  expect(problems).toEqual([]);
  const desired = compile(definitions, enterprise, assumedRingStates(definitions));
  expect(desired.problems).toEqual([]);
  return desired;
}

const desired = { path: desiredFor(["path"]), query: desiredFor(["path", "query"]) };
const opens = (bind: "path" | "query", path: string) =>
  verdict(desired[bind], { host: "files.example.com", path }) === "passes";
const REFUSED = "403 files.example.com/link/downloads/block/all";

const good = link("/files/a.pdf");
const value = good.slice("/files/a.pdf?verify=".length);

describe("one valid link opens nothing else", () => {
  test.each([
    ["the separator inside the path", `/files/a.pdf-secret/${value}`],
    ["the parameter under another name of other length", `/files/a.pdf?dl=1&v=${value}`],
    ["other parameters before it", `/files/a.pdf?id=5&id=6&a=${value}`],
    ["another name of the same length", `/files/a.pdf?varify=${value}`],
    ["the name in capitals", `/files/a.pdf?VERIFY=${value}`],
    ["an encoded letter in the name", `/files/a.pdf?%76erify=${value}`],
    ["& for ?", `/files/a.pdf&verify=${value}`],
    ["; for ?", `/files/a.pdf;verify=${value}`],
    ["an encoded ?", `/files/a.pdf%3Fverify=${value}`],
    ["a second ?", `/files/a.pdf??verify=${value}`],
    ["an empty parameter before it", `/files/a.pdf?&verify=${value}`],
    ["an empty parameter behind it", `${good}&`],
    ["another parameter before it", `/files/a.pdf?dl=1&verify=${value}`],
    ["another parameter behind it", `${good}&dl=1`],
    ["the parameter twice, the good one last", `/files/a.pdf?verify=1&verify=${value}`],
    ["the parameter twice, the good one first", `${good}&verify=${value}`],
    ["a part of the path in the value", `/files/a?verify=.pdf${value}`],
    ["the separator in the value", `/files/a.pdf?verify=?verify=${value}`],
    ["a longer time", `/files/a.pdf?verify=1${value}`],
    ["a shorter path with a longer value", `/files/a.pd?verify=f${value}`],
  ])("%s", (_name, path) => {
    for (const bind of ["path", "query"] as const) {
      const answer = verdict(desired[bind], { host: "files.example.com", path });
      expect([bind, answer]).toEqual([bind, path.includes(";") || path.includes("%3F") ? answer : REFUSED]);
      expect(answer).not.toBe("passes");
    }
  });

  test("the link itself opens its path, under both bindings", () => {
    expect(opens("path", good)).toBe(true);
    expect(opens("query", good)).toBe(true);
  });
});

describe("a query", () => {
  const signed = link("/files/a.pdf?id=5&x=?y");

  test("is refused where it is not bound, even when it was signed", () => {
    expect(opens("path", signed)).toBe(false);
  });

  test("opens as it was signed where it is bound", () => {
    expect(opens("query", signed)).toBe(true);
  });

  test.each([
    ["another value", signed.replace("id=5", "id=6")],
    ["one more parameter", signed.replace("id=5", "id=5&id=6")],
    ["without the parameters", signed.replace("id=5&x=?y&", "")],
    ["the separator as the value's last letters", signed.replace("&verify=", "?verify=")],
    ["the parameter under another name", signed.replace("&verify=", "&x=12345=")],
  ])("does not open with %s", (_name, path) => {
    expect(opens("query", path)).toBe(false);
  });

  test("holds the parameter once, even when it was signed twice", () => {
    expect(opens("query", link("/files/a.pdf?verify=1"))).toBe(false);
  });
});

test("a parameter's name of any length cuts the message where the path ends", () => {
  for (const parameter of ["v", "verify-me_please", "x".repeat(31)]) {
    const own = desiredFor(["path"], parameter);
    const path = `/files/a.pdf?${parameter}=${value}`;
    expect(verdict(own, { host: "files.example.com", path })).toBe("passes");
    expect(verdict(own, { host: "files.example.com", path: path.replace("a.pdf", "a.pd") })).toBe(REFUSED);
  }
});

test("of all URLs made from the parts of valid links, those alone open that were issued", () => {
  const paths = ["/files/a", "/files/a.pdf", "/files/a.pdf/verify=", "/files/a-1800000000-b"];
  const queries = ["/files/a?b", "/files/a?b=1&c=2", "/files/a.pdf?verifyx"];
  const issued = {
    path: paths.map((path) => link(path)),
    query: [...paths, ...queries].map((path) => link(path)),
  };
  const values = [...issued.query, link("/files/a", NOW - 60)].map((each) => each.slice(-54));
  const piece = fc.oneof(
    fc.constantFrom(...paths, ...queries, ...values, ...issued.query),
    fc.constantFrom("?", "&", "verify=", "?verify=", "&verify=", "/", "1", "b", "=", ".pdf", "?b", "&c=2"),
  );
  let opened = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => `/files/${pieces.join("")}`),
        fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join("")),
        fc
          .tuple(fc.constantFrom(...issued.query), fc.nat(90), fc.nat(4), piece)
          .map(([url, at, gone, more]) => url.slice(0, at) + more + url.slice(at + gone)),
      ),
      (url) => {
        fc.pre(url.startsWith("/files/"));
        for (const bind of ["path", "query"] as const) {
          const answer = opens(bind, url);
          if (answer) opened += 1;
          // The older time of the same path was issued as well.
          const known = [...issued[bind], link("/files/a", NOW - 60)].includes(url);
          expect([bind, url, answer]).toEqual([bind, url, known]);
        }
      },
    ),
    { numRuns: 3000 },
  );
  expect(opened).toBeGreaterThan(50);
});

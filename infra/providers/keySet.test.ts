import { describe, expect, test } from "vitest";
import { checkKeys, type Inputs, identity, isOurDoing, keySet, names, type PublishedKey } from "./keySet.ts";

const key = (kid: string, change: object = {}) =>
  ({
    name: `name of ${kid}`,
    kid,
    alg: "ES256",
    kty: "EC",
    crv: "P-256",
    x: "x",
    y: "y",
    ...change,
  }) as PublishedKey;
const [A, B, C] = [key("a"), key("b"), key("c")];

test("a key is its kid, algorithm, type and public members, and nothing that keyturn says of it", () => {
  expect(identity({ ...A, state: "ACTIVE" })).toBe(identity({ ...A, name: "other", state: "RETIRING" }));
  for (const member of ["kid", "alg", "kty", "crv", "x", "y", "n", "e"])
    expect(identity({ ...A, [member]: "other" })).not.toBe(identity(A));
});

test("a set has no order, and every key counts", () => {
  expect(keySet([A, B])).toBe(keySet([B, A]));
  expect(keySet([A, B])).not.toBe(keySet([A]));
  expect(names([A, B])).toBe("a (ES256), b (ES256)");
  expect(names([])).toBe("no key");
});

test.each<[string, PublishedKey[], PublishedKey[], { keys: PublishedKey[]; known: PublishedKey[] }, boolean]>(
  [
    ["what was there", [A], [A], { keys: [A, B], known: [] }, true],
    ["what is to come", [A, B], [A], { keys: [A, B], known: [] }, true],
    ["nothing where nothing was before", [], [], { keys: [A], known: [] }, true],
    ["a key that exists and stands nowhere", [A, C], [A], { keys: [A, B], known: [C] }, true],
    ["a key that goes, gone already", [A], [A, B], { keys: [A], known: [] }, true],
    ["a key that nobody knows", [A, C], [A], { keys: [A, B], known: [] }, false],
    ["a key that stays, missing", [B], [A], { keys: [A, B], known: [] }, false],
    ["other material under a known kid", [key("a", { x: "z" })], [A], { keys: [A], known: [] }, false],
  ],
)("a run that died may have left %s: not always ours", (_label, actual, before, after, expected) => {
  expect(isOurDoing(actual, before, after)).toBe(expected);
});

describe("checkKeys", () => {
  const inputs = (keys: readonly PublishedKey[], change: Partial<Inputs> = {}) =>
    ({ ring: "shop", keys, secrets: {}, keyLimit: 2, ended: [], ...change }) as unknown as Inputs;
  const codes = (olds: Partial<Inputs>, news: Inputs, over = false) =>
    checkKeys(olds, news, over).map(({ property, reason }) => `${property} ${/^\w+(?=:)/.exec(reason)?.[0]}`);

  test.each<[string, Partial<Inputs>, Inputs, string[]]>([
    ["a first set", {}, inputs([A]), []],
    ["as many as there may be", inputs([A]), inputs([A, B]), []],
    ["one more", inputs([A]), inputs([A, B, C]), ["serial KEY_LIMIT"]],
    ["none", {}, inputs([]), ["serial EMPTY_KEY_SET"]],
    ["a live key less", inputs([A, B]), inputs([B]), ["serial KEY_IN_USE"]],
    ["an ended key less", inputs([A, B]), inputs([B], { ended: ["a"] }), []],
    ["another algorithm", inputs([A]), inputs([key("a", { alg: "ES384" })]), ["serial KEY_IN_USE"]],
    ["other public material", inputs([A]), inputs([key("a", { x: "z" })]), ["serial OTHER_MATERIAL"]],
    [
      "other material, though ended",
      inputs([A]),
      inputs([key("a", { x: "z" })], { ended: ["a"] }),
      ["serial OTHER_MATERIAL"],
    ],
    [
      "another secret",
      inputs([A], { secrets: { a: "1" } }),
      inputs([A], { secrets: { a: "2" } }),
      ["serial OTHER_MATERIAL"],
    ],
    [
      "the same secret and a new one",
      inputs([A], { secrets: { a: "1" } }),
      inputs([A, B], { secrets: { a: "1", b: "2" } }),
      [],
    ],
    ["keys that a preview does not know yet", inputs([A]), inputs([undefined] as never), []],
    ["a set that a preview does not know yet", inputs([A]), inputs("unknown" as never), []],
  ])("%s", (_label, olds, news, expected) => {
    expect(codes(olds, news)).toEqual(expected);
  });

  test("what writes over everything may take a half-done move's key away, and no other material in", () => {
    expect(codes(inputs([A, B]), inputs([B]), true)).toEqual([]);
    expect(codes(inputs([A]), inputs([key("a", { x: "z" })]), true)).toEqual(["serial OTHER_MATERIAL"]);
  });
});

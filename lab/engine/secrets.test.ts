import { describe, expect, test } from "vitest";
import {
  annotate,
  containsSecret,
  containsUnknown,
  isSecret,
  plain,
  seal,
  unknown,
  unseal,
  wrapSecret,
} from "./secrets.ts";

const VALUE = { plainKey: 1, list: ["a", wrapSecret("hidden"), { deep: wrapSecret({ k: "hidden too" }) }] };

describe("secrets on the wire", () => {
  test("are found at any depth and unwrapped whole", () => {
    expect([isSecret(VALUE), containsSecret(VALUE), containsSecret(VALUE.plainKey)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(plain(VALUE)).toEqual({ plainKey: 1, list: ["a", "hidden", { deep: { k: "hidden too" } }] });
    expect(wrapSecret(wrapSecret("x"))).toEqual(wrapSecret("x"));
  });

  test("have the signature that the SDK writes", () => {
    expect(wrapSecret("x")).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: "x",
    });
  });
});

describe("a sealed state", () => {
  test("holds no secret, says where one is, and opens with the passphrase alone", () => {
    const sealed = seal(VALUE, "passphrase");
    const text = JSON.stringify(sealed);
    expect(text).not.toMatch(/hidden|aGlkZGVu|68696464656e/);
    expect(text).toContain('"plainKey":1');
    expect(unseal(JSON.parse(text), "passphrase")).toEqual(VALUE);
    expect(() => unseal(JSON.parse(text), "another")).toThrow();
  });

  test("is the same text for the same state, so that two states can be compared", () => {
    expect(JSON.stringify(seal(VALUE, "p"))).toBe(JSON.stringify(seal(VALUE, "p")));
    expect(JSON.stringify(seal(VALUE, "p"))).not.toBe(JSON.stringify(seal(VALUE, "q")));
  });

  test("does not open once it was changed", () => {
    const sealed = seal(wrapSecret("hidden"), "p") as { ciphertext: string };
    const changed = { ...sealed, ciphertext: sealed.ciphertext.replace(/.{4}$/, "AAAA") };
    expect(() => unseal(changed, "p")).toThrow();
  });
});

describe("outputs of a provider that gets its secrets in plain", () => {
  test("are secret under the name of a secret input and where the resource says so, and nowhere else", () => {
    const inputs = { token: wrapSecret("t"), nested: { k: wrapSecret("n") }, open: "o" };
    const outputs = { token: "t", nested: { k: "n" }, open: "o", copy: "t", made: "m" };
    expect(annotate(outputs, inputs, ["made"])).toEqual({
      token: wrapSecret("t"),
      nested: wrapSecret({ k: "n" }),
      open: "o",
      copy: "t",
      made: wrapSecret("m"),
    });
  });
});

test("an unknown value is found at any depth", () => {
  expect([containsUnknown({ a: [{ b: unknown }] }), containsUnknown({ a: "b" })]).toEqual([true, false]);
});

import { expect, test } from "vitest";
import { compileSelector, normalizeHost } from "./selector.ts";

test.each([
  ["API.Example.com", "api.example.com"],
  ["{tenant}.{region}.example.com", "{hostVar2}.{hostVar1}.example.com"],
  ["foo.{x}.example.com", "foo.{hostVar1}.example.com"],
])("host %s becomes %s", (host, normalized) => {
  expect(normalizeHost(host)).toBe(normalized);
});

test("an operation is included by one of its hosts and excluded by its id", () => {
  const selector = {
    include: [{ host: ["V1.example.com"] }, {}, { host: ["{t}.example.com"] }],
    exclude: [{ operation_ids: ["b"] }, {}],
  };
  const stateOf = compileSelector(selector);
  expect(stateOf("a", "v1.example.com")).toBe("included");
  expect(stateOf("b", "v1.example.com")).toBe("excluded");
  expect(stateOf("b", "v2.example.com")).toBe("ignored");
  expect(stateOf("a", "v2.example.com", "{hostVar1}.example.com")).toBe("included");
});

test.each([{}, { include: null, exclude: null }, { include: [] }])("%j includes nothing", (selector) => {
  expect(compileSelector(selector)("a", "v1.example.com")).toBe("ignored");
});

import { expect, test } from "vitest";
import { linkPrefix, separatorLength } from "./links.ts";

test("the separator is ? or &, the parameter and =", () => {
  expect(linkPrefix("/files/a.pdf", "verify")).toBe("/files/a.pdf?verify=");
  expect(linkPrefix("/files/a.pdf?x=1", "verify")).toBe("/files/a.pdf?x=1&verify=");
});

test("Cloudflare's own example has a separator of eight bytes", () => {
  expect(separatorLength("verify")).toBe(8);
});

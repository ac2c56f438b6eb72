import { expect, test } from "vitest";
import {
  configurationPlaceholder,
  realLength,
  ringsIn,
  secretPlaceholder,
  withStandIns,
} from "./placeholders.ts";

const text = `a("${configurationPlaceholder("shop")}", "${secretPlaceholder("files", "k12")}", "${configurationPlaceholder("shop")}")`;

test("placeholders name their ring", () => {
  expect(ringsIn(text)).toEqual(["files", "shop"]);
});

test("lengths are those at Cloudflare: 36 for an id, 64 for a secret", () => {
  expect(realLength(text)).toBe('a("", "", "")'.length + 36 + 64 + 36);
  expect(withStandIns(text)).not.toContain("$");
});

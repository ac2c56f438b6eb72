import { describe, expect, it } from "vitest";
import { explainedCodes, nearestCode } from "./explainedCodes.ts";

describe("explainedCodes", () => {
  it("has each code once, in capitals, with a sentence", () => {
    const codes = explainedCodes.map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].sort());
    for (const { code, meaning, remedy } of explainedCodes) {
      expect(code).toMatch(/^[A-Z][A-Z_]+[A-Z]$/);
      for (const text of [meaning, remedy ?? "x."]) expect(text).toMatch(/\.$/);
    }
  });

  it("has the codes of every owner", () => {
    const about = (code: string) => explainedCodes.find((row) => row.code === code)?.about;
    expect(
      [
        "USAGE",
        "YAML_SYNTAX",
        "RING_UNUSED",
        "TOKEN_EXPIRED",
        "LINK_EXPIRED",
        "KEY_KID_ASSUMED",
        "KEY_UNREADABLE",
      ].map(about),
    ).toEqual([
      "exit code 2",
      "error in a definition",
      "warning in a definition",
      "refused token",
      "refused link",
      "warning about a token, link or key",
      "unusable key, claim or path",
    ]);
  });

  it("finds the code that was meant", () => {
    expect(nearestCode("TOKEN_EXPIRD")).toBe("TOKEN_EXPIRED");
    expect(nearestCode("QQQQQQQQQQ")).toBeUndefined();
  });
});

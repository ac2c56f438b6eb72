import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeNamedIn, explainedCode, explainedCodes } from "./codeTable.ts";

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
      "command or rotation",
      "error in a definition",
      "warning in a definition",
      "refused token",
      "refused link",
      "warning about a token, link or key",
      "unusable key, claim or path",
    ]);
  });

  it("finds the code that an update's text names", () => {
    expect(codeNamedIn("rules: API_FORBIDDEN: PUT /x: 403. DRIFT: no")).toBe("API_FORBIDDEN");
    expect(codeNamedIn("ring a: HTTP: nothing of ours")).toBeUndefined();
  });

  it("gives every owner's codes their exit code", () => {
    const codes = [
      "USAGE",
      "YAML_SYNTAX",
      "RING_UNUSED",
      "TOKEN_EXPIRED",
      "KEY_UNREADABLE",
      "STACK_NOT_FOUND",
    ];
    expect(codes.map((code) => explainedCode(code)?.exit)).toEqual([2, 2, 0, 3, 2, 6]);
    expect(explainedCode("toString")).toBeUndefined();
  });
});

describe("every code in the sources", () => {
  const root = join(import.meta.dirname, "..", "..");
  const files = ["infra", "infra/providers", "model/ring", "model/update", "scripts/rotate"].flatMap(
    (folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
        .map((name) => join(root, folder, name)),
  );
  /** `"CODE",` as the first argument of what refuses, `CODE: …` at the start of a message, and `code: "CODE"`. */
  const raised =
    /(?:\b(?:refuse|stop|problem|failure|fail|Problem|Error|Refused)\(\s*|code: |code = )"([A-Z]+(?:_[A-Z]+)*)"|[`"]([A-Z]+(?:_[A-Z]+)*): /g;

  it("is explained", () => {
    const known = new Set(explainedCodes.map(({ code }) => code));
    const found = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(raised)].map((match) => match[1] ?? match[2]),
    );
    expect(new Set(found).size).toBeGreaterThan(20);
    expect(found.filter((code) => code && !known.has(code))).toEqual([]);
  });
});

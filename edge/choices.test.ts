import { describe, expect, it } from "vitest";
import { CHOICES, type Choices, resolveChoices } from "./choices.ts";

describe("resolveChoices", () => {
  it("takes the first value of each row, or its number", () => {
    const choices = resolveChoices();
    expect(Object.keys(choices)).toEqual(Object.keys(CHOICES));
    expect([choices.tokenSource, choices.leewayEdge, choices.tokenMaxBytes]).toEqual([
      "first",
      "exclusive",
      16_384,
    ]);
  });

  it("takes overrides", () => {
    expect(resolveChoices({ tokenSource: "last", jsonMaxDepth: 8 })).toEqual({
      ...resolveChoices(),
      tokenSource: "last",
      jsonMaxDepth: 8,
    });
  });

  it("refuses names and values that are not in the table", () => {
    expect(() => resolveChoices({ tokenSorce: "last" } as unknown as Choices)).toThrow(
      new RangeError("there is no choice named tokenSorce"),
    );
    expect(() => resolveChoices({ tokenSource: "middle" } as unknown as Choices)).toThrow(
      new RangeError("middle is no value of the choice tokenSource"),
    );
    expect(() => resolveChoices({ jsonMaxDepth: "8" } as unknown as Choices)).toThrow(
      new RangeError("8 is no value of the choice jsonMaxDepth"),
    );
  });
});

describe("the table", () => {
  it("uses every row somewhere outside the table", async () => {
    const { globSync, readFileSync } = await import("node:fs");
    const sources = globSync(["createEdge.ts", "{pipeline,token}/*.ts"], { cwd: import.meta.dirname })
      .filter((name) => !name.endsWith(".test.ts"))
      .map((name) => readFileSync(`${import.meta.dirname}/${name}`, "utf8"))
      .join("\n");
    const switchable = Object.entries(CHOICES).filter(([, row]) => "number" in row || row.values.length > 1);
    const unused = switchable.map(([name]) => name).filter((name) => !sources.includes(`choices.${name}`));
    expect(unused).toEqual([]);
  });
});

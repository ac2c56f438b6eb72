import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isLeftOut, withFormer } from "./leftOut.ts";

function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

const unknown = pulumi.output(pulumi.unknown);

describe("isLeftOut", () => {
  afterEach(() => vi.restoreAllMocks());

  test("tells an unknown output from a known one", async () => {
    expect(await isLeftOut(unknown)).toBe(true);
    expect(await isLeftOut(pulumi.all({ a: unknown, b: 1 }))).toBe(true);
    expect(await isLeftOut(pulumi.output({ a: 1 }))).toBe(false);
  });

  test("is never true in a preview", async () => {
    vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    expect(await isLeftOut(unknown)).toBe(false);
  });
});

describe("withFormer", () => {
  test("keeps what was before of a name that is left out, and has nothing of a new one", async () => {
    const current = { kept: pulumi.output("now"), left: unknown, fresh: unknown };
    const before = { kept: "then", left: "then" };
    expect(await settled(withFormer(current, new Set(["left", "fresh"]), before))).toEqual({
      kept: "now",
      left: "then",
    });
  });

  test("needs nothing from before", async () => {
    expect(await settled(withFormer({ a: 1 }, new Set(), undefined))).toEqual({ a: 1 });
  });
});

import { describe, expect, it } from "vitest";
import { paint, wantsColor } from "./color.ts";

describe("wantsColor", () => {
  it.each([
    [undefined, {}, true, true],
    [undefined, {}, false, false],
    [undefined, { TERM: "dumb" }, true, false],
    [undefined, { NO_COLOR: "1" }, true, false],
    [undefined, { NO_COLOR: "" }, true, true],
    [undefined, { FORCE_COLOR: "1" }, false, true],
    [undefined, { FORCE_COLOR: "0" }, true, false],
    [undefined, { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [true, { NO_COLOR: "1" }, false, true],
    [false, { FORCE_COLOR: "1" }, true, false],
  ])("flag %s, environment %j, terminal %s: %s", (flag, env, terminal, wanted) => {
    expect(wantsColor(flag, env, terminal)).toBe(wanted);
  });
});

describe("paint", () => {
  it("styles only where colour is wanted", () => {
    expect(paint("red", "x", true)).toBe("\u001b[31mx\u001b[39m");
    expect(paint("red", "x", false)).toBe("x");
  });
});

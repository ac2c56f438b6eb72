import { expect, test } from "vitest";
import { explainedCodes } from "../../model/codes/codeTable.ts";
import { reportOf } from "../cli/errors.ts";
import { failuresOf } from "./outcome.ts";

const advance = { step: "advance", reason: "it is due" };

test("a tick that waits or succeeds has no failures", () => {
  const steps = [
    { ring: "a", decision: { step: "wait", reason: "W" } },
    { ring: "b", decision: advance, run: { ok: true, diagnostics: [] } },
  ];
  expect(failuresOf(steps, undefined)).toEqual([]);
});

test("what was refused, rings that stopped and updates that failed each keep their code", () => {
  const steps = [
    { ring: "a", decision: { step: "stop", code: "DRIFT", reason: "1 of 2 keys unknown" } },
    { ring: "b", decision: advance, run: { ok: false, diagnostics: ["rules: API_FORBIDDEN: PUT /x: 403"] } },
    { decision: advance, run: { ok: false, diagnostics: ["the disk is full", "HTTP: no"] } },
  ];
  expect(failuresOf(steps, { code: "STACK_LOCKED", message: "by ci" })).toEqual([
    { code: "STACK_LOCKED", message: "by ci" },
    { code: "DRIFT", message: "ring a: 1 of 2 keys unknown" },
    { code: "API_FORBIDDEN", message: "ring b: rules: API_FORBIDDEN: PUT /x: 403" },
    { code: "UPDATE_FAILED", message: "the disk is full; HTTP: no" },
  ]);
});

test("every code exits with what `explain` says of it, refused or in the text of an update", () => {
  for (const { code, exit } of explainedCodes) {
    const [refused] = failuresOf([], { code, message: "m" });
    const [run] = failuresOf(
      [{ decision: advance, run: { ok: false, diagnostics: [`${code}: m`] } }],
      undefined,
    );
    expect([code, reportOf(refused as never).exitCode, reportOf(run as never).exitCode]).toEqual([
      code,
      exit,
      exit,
    ]);
  }
});

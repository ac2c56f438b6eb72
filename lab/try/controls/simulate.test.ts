import { describe, expect, it } from "vitest";
import { definitions, environment, usageOf } from "../testing/example.ts";
import { CONTROLS, FULL } from "./rows.ts";
import { runControls } from "./runControls.ts";
import { simulate } from "./simulate.ts";

describe.each(["internal", "downloads"])("ring %s", (ring) => {
  const usage = usageOf(ring);

  it("refuses no valid request with the full formulas, and accepts none that ended", async () => {
    const tally = await simulate(usage, definitions, environment, FULL);
    expect(tally).toMatchObject({ refusedValid: 0, acceptedInvalid: 0, refusals: [], undecided: 0 });
    expect(tally.valid).toBeGreaterThan(400);
    expect(tally.invalid).toBeGreaterThan(100);
  });

  it.each(CONTROLS.filter((control) => usage.ring.kind === "jwt" || !control.tokensOnly))(
    "refuses valid requests: $name",
    async (control) => {
      const { refusedValid, refusals } = await simulate(usage, definitions, environment, control);
      expect(refusedValid).toBeGreaterThan(0);
      const late = control.lead !== undefined || control.early === "published";
      expect(new Set(refusals.map((refusal) => refusal.kid))).toEqual(
        new Set([`${ring}-${late ? "k2" : "k1"}`]),
      );
    },
  );
});

it("a control that hides nothing is told apart from one that works", async () => {
  const results = await runControls([usageOf("internal")], definitions, environment, [
    { name: "nothing left out" },
    { name: "O without L", overlap: { signerLag: 0 } },
  ]);
  expect(results.map(({ name, ok }) => [name, ok])).toEqual([
    ["full formulas", true],
    ["nothing left out", false],
    ["O without L", true],
  ]);
});

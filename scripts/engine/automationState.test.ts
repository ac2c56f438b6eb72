import { expect, test } from "vitest";
import { shownResources } from "./automationState.ts";

const SECRET = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:x:y",
};

test("shows live resources without their secrets", () => {
  const resources = [
    { urn: "u1", type: "t", id: "1", inputs: { serial: 2, secrets: SECRET }, outputs: { serial: 2 } },
    { urn: "u1", type: "t", id: "0", inputs: { serial: 1 }, outputs: {}, delete: true },
    { urn: "u2", type: "pulumi:pulumi:Stack", outputs: { signers: SECRET, ledger: { format: 1 } } },
  ];
  expect(shownResources({ resources })).toEqual([
    { urn: "u1", type: "t", id: "1", inputs: { serial: 2 }, outputs: { serial: 2 } },
    { urn: "u2", type: "pulumi:pulumi:Stack", id: undefined, inputs: {}, outputs: { ledger: { format: 1 } } },
  ]);
});

test("a stack without resources has none", () => {
  expect(shownResources({})).toEqual([]);
});

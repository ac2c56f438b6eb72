import { expect, test } from "vitest";
import { scanForSecrets } from "./secretScan.ts";

const text = "QmFzZTY0IGlzIG5vdCBlbmNyeXB0aW9uLCBub3IgaXM/".padEnd(64, "Z");
const k = Buffer.from(text).toString("base64url");
const oct = { kty: "oct", kid: "h1", alg: "HS256", k };
const d = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => 250 - index)).toString("base64url");
const ec = { kty: "EC", crv: "P-256", kid: "e1", alg: "ES256", x: "public-x", y: "public-y", d };

test.each([
  ["k raw", text],
  ["k base64url", k],
  ["k base64", Buffer.from(text).toString("base64")],
  ["k hex", Buffer.from(text).toString("hex")],
  ["k URL-encoded", encodeURIComponent(Buffer.from(text).toString("base64"))],
])("a secret is found as %s", (form, written) => {
  const { findings } = scanForSecrets({ log: `before ${written} after`, clean: "nothing" }, [ec, oct]);
  expect(findings).toContainEqual({ channel: "log", kid: "h1", form });
  expect(new Set(findings.map((found) => found.channel))).toEqual(new Set(["log"]));
});

test.each([
  ["d base64url", d],
  ["d base64", Buffer.from(d, "base64url").toString("base64")],
  ["d hex", Buffer.from(d, "base64url").toString("hex")],
  ["d URL-encoded", encodeURIComponent(Buffer.from(d, "base64url").toString("base64"))],
])("a private key is found as %s", (form, written) => {
  const { findings } = scanForSecrets({ state: JSON.stringify({ value: written }) }, [ec]);
  expect(findings).toContainEqual({ channel: "state", kid: "e1", form });
});

test("public members and kids are no secrets", () => {
  const { findings, keys, blind, channels } = scanForSecrets({ log: "public-x public-y e1 h1" }, [ec, oct]);
  expect({ findings, keys, blind, channels }).toEqual({
    findings: [],
    keys: 2,
    blind: [],
    channels: { log: 23 },
  });
});

test("a scan without keys sees nothing, and says so", () => {
  expect(scanForSecrets({ log: "anything" }, []).blind).toEqual(["log"]);
});

import { expect, test } from "vitest";
import { readBound } from "../environment/bound.ts";
import type { DeploymentSettings } from "../environment/settings.ts";
import { massChange } from "./massChange.ts";
import { planUpdate } from "./plan.ts";

const endpoints = (count: number) => Array.from({ length: count }, (_, id) => `a.example e${id}`);
const diff = (opened: number, closed: number, of = 10) => ({
  changes: [],
  endpoints: of,
  requests: 0,
  verdicts: [],
  opened: endpoints(opened),
  closed: endpoints(closed),
});
const said = (bound: string, opened: number, closed: number, of?: number) => {
  const read = readBound(bound);
  return read && massChange(diff(opened, closed, of), read)?.message.replace(/[0-9a-f]{16}/, "D");
};

test.each([
  ["0", 0, 0, undefined],
  ["2", 2, 2, undefined],
  ["20%", 2, 0, undefined],
  ["1", 0, 2, "2 endpoints close (a.example e0, a.example e1), and 1 may at once (digest D)"],
  [
    "10%",
    1,
    2,
    "1 endpoint opens (a.example e0), 2 endpoints close (a.example e0, a.example e1), and 10 % of 10 may at once (digest D)",
  ],
  [
    "3",
    5,
    0,
    "5 endpoints open (a.example e0, a.example e1, a.example e2 and 2 more), and 3 may at once (digest D)",
  ],
])("at most %s, where %i open and %i close", (bound, opened, closed, message) => {
  expect(said(bound, opened, closed)).toBe(message);
});

test.each(["", "-1", "1.5", "ten", "10 %", "%"])("%j is no bound", (text) => {
  expect(readBound(text)).toBeUndefined();
});

const SETTINGS: DeploymentSettings = {
  environment: {
    stack: "dev",
    zones: [{ id: "0".repeat(32), name: "example.com", plan: "enterprise", addOns: ["api_shield"] }],
    hosts: {},
    mode: "block",
  },
  accountId: "0".repeat(32),
  deletable: false,
};
const definitions = (scope: string, comment = "") => `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m }, rotation: { every: 30d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: orders, match: { path: /orders }, require: { scope: ${scope} } }
  - { id: users, match: { path: /users }, require: { scope: ${scope} } }
${comment}`;

/** What an update says, and the outputs that it leaves. */
function up(text: string, last: object, { settings = SETTINGS, confirm = "", amount = 1 } = {}) {
  try {
    const { ledger, deployed, record } = planUpdate({
      source: () => ({
        files: [{ path: "api.yaml", text }],
        settings,
        changesAtMost: { amount, unit: "endpoints" },
      }),
      stack: "organization/keyturn/dev",
      last: last as Record<string, unknown>,
      advance: undefined,
      confirm: confirm || undefined,
    });
    return { outputs: JSON.parse(JSON.stringify({ ledger, deployed, ...record })) as object, refused: "" };
  } catch (error) {
    return { outputs: {}, refused: (error as Error).message };
  }
}

const { outputs: DEPLOYED } = up(definitions("read"), {});
const digestIn = (message: string) => /KEYTURN_CONFIRM=([0-9a-f]{16})$/.exec(message)?.[1] ?? "none";

test("an update that opens or closes more endpoints than may change is refused, unless that change is confirmed", () => {
  const { refused } = up(definitions("write"), DEPLOYED);
  const digest = digestIn(refused);
  expect(refused.replaceAll(digest, "D")).toBe(
    "CHANGES_TOO_MANY: 2 endpoints open (api.example.com orders, api.example.com users), 2 endpoints close (api.example.com orders, api.example.com users), and 1 may at once (digest D), as keyturn:changesAtMost says. `keyturn diff` shows the requests. Where all of it is meant, run this once with KEYTURN_CONFIRM=D",
  );
  expect(up(definitions("write"), DEPLOYED, { confirm: digest }).refused).toBe("");
  expect(up(definitions("write", "# why\n"), DEPLOYED, { confirm: digest }).refused).toBe("");
  const { refused: other } = up(definitions("other"), DEPLOYED, { confirm: digest });
  expect(other).toContain(
    ", as keyturn:changesAtMost says. KEYTURN_CONFIRM is the digest of another change. ",
  );
  expect(digestIn(other)).not.toBe(digest);
});

test("the settings change what is let through, too", () => {
  const settings: DeploymentSettings = {
    ...SETTINGS,
    environment: { ...SETTINGS.environment, mode: "log" },
  };
  expect(up(definitions("read"), DEPLOYED, { settings }).refused).toMatch(
    /^CHANGES_TOO_MANY: 2 endpoints open \(/,
  );
});

test("a first deploy, one that changes nothing, and one within the bound are not refused", () => {
  expect(up(definitions("read"), {}, { amount: 0 }).refused).toBe("");
  expect(up(definitions("read"), DEPLOYED, { amount: 0 }).refused).toBe("");
  expect(up(definitions("read", "# a comment\n"), DEPLOYED, { amount: 0 }).refused).toBe("");
  expect(up(definitions("write"), DEPLOYED, { amount: 2 }).refused).toBe("");
});

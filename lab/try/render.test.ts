import { expect, test } from "vitest";
import { emptyTally } from "./front.ts";
import {
  columns,
  renderControls,
  renderDeployment,
  renderLoad,
  renderPlainUps,
  renderRevocation,
  renderRotation,
  renderSecrets,
  renderVerdict,
  renderVerdicts,
} from "./render.ts";
import type { Step } from "./rotation.ts";

test("columns are as wide as their widest cell, and no line ends in blanks", () => {
  expect(
    columns([
      ["a", "bcd", ""],
      ["longer", "e", "end"],
    ]),
  ).toBe("  a       bcd\n  longer  e    end");
});

test("what is deployed", () => {
  const text = renderDeployment({
    ok: true,
    resources: 20,
    zones: [
      {
        name: "example.com",
        tokenConfigurations: 2,
        rules: { http_request_firewall_custom: 18, http_ratelimit: 1 },
      },
    ],
    rings: [
      {
        id: "shop",
        algorithm: "ES256",
        lifetime: 900,
        every: 7_776_000,
        lead: 86_460,
        overlap: 86_400,
        rotated: true,
        mirrored: false,
        loaded: true,
      },
    ],
    hosts: [{ host: "api.example.com", rules: ["orders", "reports (log)"] }],
  });
  expect(
    text,
  ).toBe(`Deployed 20 resources to a local Cloudflare. example.com: 2 token configurations, 18 custom rules, 1 rate limit
  shop  ES256  live 15m  rotate every 90d  W 1d 1m  O 1d
  api.example.com  orders, reports (log)
`);
});

test("a group is named once, and a wrong verdict says what was expected", () => {
  const row = { group: "times", name: "expired", expected: [{ status: 401, by: "orders" }] };
  const text = renderVerdicts([
    { ...row, seen: { status: 401, by: "orders" }, ok: true },
    { ...row, name: "valid", seen: { status: 200, by: "origin" }, ok: false },
  ]);
  expect(text).toBe(`Verdicts over HTTP: 1 of 2 as expected
         request  expected  seen  decided by
  times  expired  401       401   orders
         valid    401       200   origin      WRONG, expected 401 by orders
`);
});

test("a rotation shows when each state was reached, in virtual time", () => {
  const step = (move: Step["move"], ended: string): Step => ({
    ring: "shop",
    move,
    key: "k2",
    began: "",
    ended,
    reason: "",
  });
  const text = renderRotation(
    [step("promote", "2026-11-23T12:02:27.694Z")],
    [step("publish", "2026-11-24T01:02:03.000Z"), step("retire", "2026-11-25T01:02:03.000Z")],
    3,
  );
  expect(
    text,
  ).toBe(`Rotation of 1 rings, each by the gates of \`rotate\`, in virtual time, 3 points of presence
        first key signs  published    proved  signs  old one retired  old one refused
  shop  11-23 12:02      11-24 01:02  -       -      11-25 01:02      -
`);
});

test("counts of requests", () => {
  const ordinary = { ...emptyTally(), sent: 24_723, valid: 18_558, invalid: 6165 };
  const text = renderLoad(ordinary, { ...emptyTally(), sent: 1020, valid: 1020 }, emptyTally());
  expect(
    text,
  ).toBe(`Load during the rotation: tokens and links of late issuers with wrong clocks, used until they expire
                         sent    valid   valid refused  invalid  invalid accepted
  in process             24,723  18,558  0              6,165    0
  over HTTP              1,020   1,020   0              0        0
  stolen, of ended keys  0       0       0              0        0
`);
});

test("plain ups, the revocation, secrets and the last line", () => {
  expect(
    renderPlainUps([
      { when: "after publish", ok: true, same: 20 },
      { when: "at the end", ok: false, same: 19 },
    ]),
  ).toBe("Plain `up` in between: 1 of 2 changed nothing (after publish; at the end)");
  const revocation = {
    ring: "shop",
    key: "k2",
    substitute: "k3",
    began: "2026-11-22T12:00:00.000Z",
    ended: "2026-11-22T12:01:11.400Z",
    ok: true,
  };
  expect(renderRevocation({ ...revocation, proved: false })).toBe(
    "Emergency: k2 of shop revoked after 1m 11s; k3 took over (published, not yet everywhere)\n",
  );
  expect(renderSecrets({ keys: 7, forms: 35, channels: { log: 1, state: 2 }, findings: [], blind: [] })).toBe(
    "Secrets: 7 keys in 35 forms, 0 found in log, state; a planted one is found in each",
  );
  expect(renderVerdict(["one", "two"])).toBe("NOT OK: 2 problems\n  one\n  two");
  expect(renderVerdict([])).toMatch(/^OK: /);
});

test("controls by ring; what does not apply is left blank", () => {
  const text = renderControls([
    { name: "full", ring: "a", valid: 5, refusedValid: 0, ok: true },
    { name: "full", ring: "b", valid: 5, refusedValid: 1, ok: false },
    { name: "no leeway", ring: "a", valid: 5, refusedValid: 2, ok: true },
  ]);
  expect(
    text,
  ).toBe(`Controls: the same decisions with a term left out, at the worst clocks and lags; valid requests refused
             a       b
  full       0 of 5  1 of 5 WRONG
  no leeway  2 of 5  -
`);
});

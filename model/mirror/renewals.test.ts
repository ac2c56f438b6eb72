import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { formatProblems } from "../problem/problem.ts";
import { renewalsDue } from "./renewals.ts";

const text = `keys:
  hsm:
    from: { file: hsm.pem, renewBy: 2027-06-30 }
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 1h }
  own: { algorithm: ES256, tokens: { issuer: a, audience: api, lifetime: 15m }, rotation: { every: 90d } }
`;
const { definitions } = loadDefinitions([{ path: "keys.yaml", text }], { stack: "dev", zones: [] });
const on = (today: string) => formatProblems(renewalsDue(definitions.rings, today));

test("a ring's day is told from that day on, and of no other ring", () => {
  expect([on("2027-06-29"), on("2027-06-30")]).toEqual([
    "",
    "keys.yaml:2:3 warning KEY_RENEWAL_DUE: the keys of ring hsm were to be renewed by 2027-06-30\n    have another key made where the private one is, publish it beside the old one with `keyturn jwks fetch hsm`, let the signer use it after `keyturn rotate`, and write the next day",
  ]);
});

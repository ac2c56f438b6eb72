import { expect, test } from "vitest";
import type { PolicyTest } from "../../../model/policyTests/types.ts";
import { notSent } from "./sendable.ts";

const plain: PolicyTest = {
  name: "a test",
  host: "api.example.com",
  method: "GET",
  path: "/orders/../1?a=%20",
  headers: { "x-tenant": "a" },
  after: 0,
  times: 1,
  expected: { status: "passes" },
  at: { file: "api.test.yaml", line: 1, column: 1 },
};
const token = { ring: "main", claims: {} };

test.each<[string, Partial<PolicyTest>]>([
  ["as it is written", {}],
  ["with a token", { token }],
  [
    "with a method that changes something, where it is refused",
    { method: "POST", expected: { status: 401 } },
  ],
  ["with a method that changes nothing", { method: "OPTIONS" }],
])("a test is sent %s", (_name, parts) => {
  expect(notSent({ ...plain, ...parts }, "api.example.com", true)).toBeUndefined();
});

test.each<[string, Partial<PolicyTest>]>([
  ["it is for www.example.com", { host: "www.example.com" }],
  ["it happens at another time", { instant: 1 }],
  ["its token or link is from another time", { after: 1, token }],
  ["it is sent many times", { times: 2 }],
  ["its link is signed with a secret of links", { link: "links" }],
  ["its token is wrong: expired", { token: { ...token, fault: "expired" } }],
  ["its header Host is not a client's to choose", { headers: { Host: "a" } }],
  [
    "its header cf-connecting-ip is not a client's to choose",
    { headers: { "cf-connecting-ip": "192.0.2.1" } },
  ],
  ["POST would change something at the origin", { method: "POST" }],
  ["its path cannot be sent as it is written", { path: "/ä" }],
  ["its path cannot be sent as it is written", { path: "/a b" }],
])("a test is not sent, since %s", (reason, parts) => {
  expect(notSent({ ...plain, ...parts }, "api.example.com", true)).toBe(reason);
});

test("without a command there is no token; a server of this machine has every host", () => {
  expect(notSent({ ...plain, token }, "api.example.com", false)).toBe(
    "it needs a token: give --token-command",
  );
  expect(notSent(plain, undefined, false)).toBeUndefined();
});

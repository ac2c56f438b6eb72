import { expect, test } from "vitest";
import { emptyTally } from "./front.ts";
import { problemsOf } from "./problems.ts";

type Report = Parameters<typeof problemsOf>[0];

const ring = {
  id: "a",
  algorithm: "ES256",
  lifetime: 900,
  every: 86_400,
  lead: 900,
  overlap: 86_400,
  rotated: true,
  loaded: true,
  mirrored: false,
};
const right: Report = {
  deployment: { ok: true, resources: 1, zones: [], rings: [ring], hosts: [] },
  verdicts: [
    {
      group: "g",
      name: "n",
      expected: [{ status: 200, by: "origin" }],
      seen: { status: 200, by: "origin" },
      ok: true,
    },
  ],
  firstKeys: [],
  rotation: [{ ring: "a", move: "confirm", key: "k1", began: "", ended: "", reason: "" }],
  load: {
    ordinary: { ...emptyTally(), sent: 5_000, valid: 5_000 },
    http: { ...emptyTally(), sent: 330, valid: 330 },
    retired: { ...emptyTally(), sent: 9, invalid: 9 },
  },
  plainUps: [{ when: "now", ok: true, same: 1 }],
  revocation: { ring: "a", key: "k2", substitute: "k3", proved: true, began: "", ended: "", ok: true },
  mirrored: {
    issuer: "https://id.example/",
    answers: [{ when: "then", token: "of it", expected: 200, seen: [200, 200], ok: true }],
  },
  controls: [{ name: "O without L", ring: "a", valid: 5, refusedValid: 2, ok: true }],
  secrets: { keys: 1, forms: 5, channels: { log: 3 }, findings: [], blind: [] },
};

test("a report in which all is right has no problem", () => {
  expect(problemsOf(right)).toEqual([]);
});

const refusal = { ring: "a", kid: "k1", pop: "AMS", at: "T", status: 401, problem: "expired" };
const { ordinary, http, retired } = right.load;

test.each<[string, Partial<Report>, string[]]>([
  ["a failed deploy", { deployment: { ...right.deployment, ok: false } }, ["the first deploy failed"]],
  [
    "a wrong verdict",
    { verdicts: [{ ...right.verdicts[0]!, seen: { status: 401, by: "b" }, ok: false }] },
    ["g, n: expected 200 by origin, seen 401 by b"],
  ],
  ["a ring that did not turn", { rotation: [] }, ["the rotation of ring a did not come to its end"]],
  [
    "a valid request refused",
    { load: { http, retired, ordinary: { ...ordinary, refusedValid: 1, refusals: [refusal] } } },
    ["ordinary: 1 valid requests were refused", "ordinary: a k1 refused at AMS, T: expired"],
  ],
  [
    "an invalid request accepted",
    { load: { ordinary, retired, http: { ...http, acceptedInvalid: 2 } } },
    ["http: 2 invalid requests were accepted"],
  ],
  [
    "too few requests",
    { load: { retired, ordinary: { ...ordinary, sent: 4_990 }, http: { ...http, sent: 329 } } },
    ["only 4999 requests in process, fewer than 5000", "only 329 requests over HTTP, fewer than 330"],
  ],
  [
    "no request of a retired key",
    { load: { ordinary, http, retired: emptyTally() } },
    ["no request carried a retired key"],
  ],
  [
    "a plain up that moved something",
    { plainUps: [{ when: "after publish", ok: false, same: 1 }] },
    ["a plain up changed something: after publish"],
  ],
  [
    "a revocation that failed",
    { revocation: { ...right.revocation!, ok: false } },
    ["k2 of ring a could not be revoked"],
  ],
  [
    "a mirrored key that is refused",
    {
      mirrored: {
        ...right.mirrored,
        answers: [{ ...right.mirrored.answers[0]!, seen: [200, 401], ok: false }],
      },
    },
    ["a mirrored ring, then, a token of it: expected 200, seen 200, 401"],
  ],
  [
    "a control that shows nothing",
    { controls: [{ ...right.controls[0]!, refusedValid: 0, ok: false }] },
    ["O without L, ring a: 0 valid requests refused"],
  ],
  [
    "a secret, and a scan that sees none",
    {
      secrets: {
        ...right.secrets,
        findings: [{ channel: "log", kid: "k1", form: "k hex" }],
        blind: ["state"],
      },
    },
    ["key material of k1 (k hex) in the log", "a secret planted in the state was not found"],
  ],
])("%s is a problem", (_name, part, expected) => {
  expect(problemsOf({ ...right, ...part })).toEqual(expected);
});

test("a ring that no host uses need not turn, and without a ring under load nothing is asked of the load", () => {
  const unused = { ...ring, id: "b", rotated: false, loaded: false };
  const deployment = { ...right.deployment, rings: [unused] };
  const load = { ordinary: emptyTally(), http: emptyTally(), retired: emptyTally() };
  expect(problemsOf({ ...right, deployment, load, rotation: [], revocation: undefined })).toEqual([]);
});

import { expect, test } from "vitest";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { formatProblems } from "../problem/problem.ts";
import { loadDefinitions } from "./load.ts";
import { stagesDue } from "./stagesDue.ts";

const said = (text: string, today: string) => {
  const { definitions } = loadDefinitions([{ path: "api.yaml", text }], enterprise);
  return formatProblems(stagesDue(definitions, today));
};
const one = (mode: string, today: string) =>
  said(
    `host: api.example.com
rules:
  - { id: plain, match: { path: /a }, expression: "not ssl", mode: ${mode} }
`,
    today,
  );
const STAGES = "{ first: log, challenge: 2026-12-01T00:00:00Z, block: 2027-01-01T12:00:00Z }";

test.each([
  ["a mode without dates", "log", "2030-01-01", ""],
  ["before the first date", STAGES, "2026-11-25", ""],
  ["between two dates", STAGES, "2026-12-24", ""],
  ["on the day of the last", STAGES, "2027-01-01", ""],
  [
    "after the last",
    STAGES,
    "2027-01-02",
    "api.yaml:3:68 warning MODE_STAGES_PAST: plain is in mode block for good since 2027-01-01T12:00:00Z\n    write mode: block",
  ],
  [
    "at the instant of the last",
    "{ first: log, block: 2027-01-01T00:00:00Z }",
    "2027-01-01",
    "api.yaml:3:68 warning MODE_STAGES_PAST: plain is in mode block for good since 2027-01-01T00:00:00Z\n    write mode: block",
  ],
  ["183 days before the last", STAGES, "2026-07-03", ""],
  [
    "long before the last",
    STAGES,
    "2026-07-01",
    "api.yaml:3:68 warning MODE_STAGES_FAR: plain begins in mode log and is in mode block only from 2027-01-01T12:00:00Z on\n    let it end within half a year, or write the mode that it has until then",
  ],
])("%s", (_name, mode, today, expected) => {
  expect(one(mode, today)).toBe(expected);
});

test("what a file says for all its rules is told once, and what a limit says of itself beside its rule", () => {
  const stages = "{ first: log, block: 2026-01-01T00:00:00Z }";
  expect(
    said(
      `host: api.example.com
mode: ${stages}
rules:
  - { id: a, match: { path: /a }, expression: "not ssl" }
  - { id: b, match: { path: /b }, rateLimit: { per: ip, requests: 5, every: 1m } }
  - { id: c, match: { path: /c }, rateLimit: { per: ip, requests: 5, every: 1m, mode: ${stages} } }
`,
      "2026-02-01",
    ),
  ).toBe(`api.yaml:1:7 warning MODE_STAGES_PAST: api.example.com is in mode block for good since 2026-01-01T00:00:00Z
    write mode: block
api.yaml:6:46 warning MODE_STAGES_PAST: the limit of c is in mode block for good since 2026-01-01T00:00:00Z
    write mode: block`);
});

import { expect, test } from "vitest";
import { createTestApi, zoneId } from "./testing.ts";

/** What is sent here took from 20 seconds to hours, or the memory of the process, where work was not bounded. */
const rulesOf = (rule: string, bytes: number) => `{"rules":[${repeated(`${rule},`, bytes)}${rule}]}`;

function repeated(unit: string, bytes: number): string {
  return unit.repeat(Math.floor(bytes / unit.length));
}

const mebibyte = 1024 * 1024;
const wrongExpression = `{"action":"block","expression":"${"x or ".repeat(800)}x"}`;

test.each<[what: string, status: number, code: number, body: string]>([
  ["8 MB of wrong elements", 413, 10414, rulesOf("1", 7.9 * mebibyte)],
  ["as many wrong elements as are looked at", 400, 10016, rulesOf("1", 99_000)],
  ["9 MB", 413, 10413, rulesOf("1", 9 * mebibyte)],
  [
    "1,000 rules wrong at 800 places each",
    400,
    20127,
    rulesOf(wrongExpression, 999 * wrongExpression.length),
  ],
  ["30,000 rules that are well formed", 400, 190102, rulesOf('{"action":"block","expression":"ssl"}', 4e5)],
  ["4 MB of open brackets", 400, 6008, "[".repeat(4 * mebibyte)],
  ["4 MB of quotes that end no string", 400, 6007, '\\"'.repeat(2 * mebibyte)],
  ["an expression of 4 MB", 400, 20127, rulesOf(`{"action":"block","expression":"${"(".repeat(4e6)}"}`, 0)],
])("%s: %i with code %i", async (_what, status, code, body) => {
  const { send } = createTestApi();
  const path = `/zones/${zoneId}/rulesets/phases/http_request_firewall_custom/entrypoint`;
  const answer = await send("PUT", path, body);
  expect([answer.status, answer.json.errors[0].code]).toEqual([status, code]);
  expect(answer.json.errors.length).toBeLessThanOrEqual(50);
});

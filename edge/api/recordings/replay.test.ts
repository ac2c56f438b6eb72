import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createTestApi } from "../testing.ts";
import { type DifferenceRow, differenceTable } from "./differences.ts";
import { type RecordedCall, replay, type SeenDifference } from "./replay.ts";

const calls = readFileSync(`${import.meta.dirname}/provider.jsonl`, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as RecordedCall);

function isRow(row: DifferenceRow, seen: SeenDifference): boolean {
  return (
    row.call === seen.call &&
    row.at === seen.at.replace(/\/\d+(?=\/|$)/g, "/*") &&
    isAs(row.recorded, seen.recorded) &&
    isAs(row.answered, seen.answered)
  );
}

/** `present`, `<secret>` and `counted` stand for texts that are long or differ from line to line. */
function isAs(wanted: string, seen: string): boolean {
  if (wanted === "present") return seen !== "absent" && seen !== "null";
  if (wanted === "<secret>") return /^<secret-(base64url-)?\d+>$/.test(seen);
  if (wanted === "counted") return /^([2-9]|[0-9a-f]{64})$/.test(seen);
  return wanted === seen;
}

test("every recorded call is answered as recorded, but for the differences in the table", async () => {
  const seen = await replay(createTestApi(), calls);
  const unexpected = seen.filter((each) => !differenceTable.some((row) => isRow(row, each)));
  expect(unexpected).toEqual([]);
  const lines = differenceTable.map((row) => ({
    ...row,
    lines: new Set(seen.filter((each) => isRow(row, each)).map((each) => each.line)).size,
  }));
  expect(lines).toEqual(differenceTable);
});

test("an answer that is not in the table is noticed", async () => {
  const [first] = calls;
  const seen = await replay(createTestApi(), [
    { ...first, answer: { success: false, extra: [1] } } as unknown as RecordedCall,
  ]);
  expect(seen.map(({ at, recorded }) => ({ at, recorded }))).toEqual([
    { at: "/success", recorded: "false" },
    { at: "/extra", recorded: "[1]" },
    { at: "/result", recorded: "absent" },
    { at: "/errors", recorded: "absent" },
    { at: "/messages", recorded: "absent" },
  ]);
});

test("the recordings are whole", () => {
  expect(calls.length).toBe(70);
  expect([...new Set(calls.map((call) => call.step))]).toEqual([
    "create",
    "refresh",
    "update",
    "rotate",
    "destroy",
    "stock-create",
    "stock-key-change",
  ]);
});

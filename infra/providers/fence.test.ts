import { expect, test } from "vitest";
import { type Fenced, fence, writesOver } from "./fence.ts";

const at = (serial: number, move: object = {}) =>
  ({ serial, move: { kind: "publish", key: "k2", at: "T1", ...move } }) as Fenced;

test.each<[string, Fenced | undefined, Fenced | undefined, boolean]>([
  ["nothing before", undefined, at(3), true],
  ["nothing after", at(3), undefined, true],
  ["a higher serial, whatever the move", at(3), at(4, { kind: "retire" }), true],
  ["the same move again", at(3), at(3, { at: "T2", over: true }), true],
  ["a lower serial", at(3), at(2), false],
  ["the same serial with another move", at(3), at(3, { kind: "retire" }), false],
  ["the same serial with another key", at(3), at(3, { key: "k3" }), false],
])("fence: %s", (_label, before, after, passes) => {
  const failures = fence("shop", before, after, "serial");
  expect(failures.map(({ property, reason }) => [property, reason?.split(":")[0]])).toEqual(
    passes ? [] : [["serial", "FENCED"]],
  );
});

test.each<[string, Fenced | undefined, Fenced, boolean]>([
  ["a publication", at(3), at(4), false],
  ["a restoration", at(3), at(4, { kind: "restore" }), true],
  ["what says so", at(3), at(4, { over: true }), true],
  ["the same once more", at(4, { over: true }), at(4, { over: true }), false],
  ["the same begun at another time", at(4, { over: true }), at(4, { over: true, at: "T2" }), true],
  ["a first one", undefined, at(1, { over: true }), true],
])("writesOver: %s", (_label, before, after, expected) => {
  expect(writesOver(before, after)).toBe(expected);
});

import { expect, test } from "vitest";
import { parseDuration } from "../facts/durations.ts";
import { errorsOf } from "../problem/problem.ts";
import { loadDefinitions } from "./load.ts";
import { FAULTS, type Fault, filesWith, STACK } from "./testing/faults.ts";

/*
 * What a hint says to write is taken when it is written: in place of the member's name or value, as the hint means it.
 */

const more: readonly Fault[] = [
  ["keys.yaml", "      every: 90d", "      every: 90 days"],
  ["keys.yaml", "      every: 90d", "      every: 90D"],
  ["keys.yaml", "      every: 90d", "      every: 12 weeks"],
  ["keys.yaml", "      lifetime: 15m", "      lifetime: 15"],
  ["keys.yaml", "      lifetime: 15m", "      lifetime: 15min"],
  ["keys.yaml", "      lifetime: 15m", '      lifetime: "900"'],
  ["keys.yaml", "      lifetime: 15m", "      lifetime: 90 seconds"],
  ["api.yaml", "      path: /orders/*", "      path: /orders/:id"],
  ["api.yaml", "      path: /orders/*", "      path: orders/<id>/"],
  ["api.yaml", "      path: /orders/*", "      path: /orders/"],
  ["api.yaml", "      method: GET", "      method: get"],
  ["api.yaml", "        role: [admin]", "        kubernetes.io: x"],
].map(([file = "", line = "", becomes = ""]) => ({ file, line, becomes, code: "" }));

function hintsOf(faults: readonly Fault[]): readonly string[] {
  return errorsOf(loadDefinitions(filesWith(faults), STACK).problems).map(({ hint }) => hint);
}

/** The texts to write that a hint names: alone, in quotes, or one of two. */
function textsIn(hint: string): readonly string[] {
  const meant = /did you mean (\S+)\?/.exec(hint)?.[1];
  if (meant !== undefined) return [meant];
  const [, first = "", second] =
    /^write ('[^']+'|\d\w*(?: \d\w*)*|\/\S*[^\s,])(?:.*, or ('[^']+'))?/.exec(hint) ?? [];
  return [first, ...(second === undefined ? [] : [second])].filter((text) => text !== "");
}

const advised = [...FAULTS, ...more].flatMap((fault) =>
  hintsOf([fault]).flatMap((hint) =>
    textsIn(hint).map((text) => [fault.becomes.trim(), text, fault] as const),
  ),
);

test("most of these have a text to write", () => {
  expect(advised.length).toBeGreaterThan(20);
});

test.each(advised)("%s: %s is taken", (_line, text, fault) => {
  const [, indent = "", name = "", value = ""] = /^( *(?:- )?)([^:]+): (.*)$/.exec(fault.becomes) ?? [];
  const candidates = [
    `${indent}${name}: ${text}`,
    `${indent}${name}: [${text}]`,
    `${indent}${text}: ${value}`,
  ];
  const left = candidates.map((becomes) => hintsOf([{ ...fault, becomes }]).length);
  expect(Math.min(...left)).toBe(0);
});

test("durations are taken as they are clear", () => {
  expect(["90d 1h", "1h 30m", "1h30m", "45s"].map(parseDuration)).toEqual([7_779_600, 5400, 5400, 45]);
});

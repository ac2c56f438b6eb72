import { expect, test } from "vitest";
import { patiently } from "./patience.ts";

const PATIENCE = { retries: 3, first: 500, longest: 1500 };

type Given = Error | readonly [status: number, headers?: Record<string, string>];

/** What comes of these answers in turn, and the waits in between. */
async function of(...answers: readonly Given[]): Promise<[outcome: number | string, waits: number[]]> {
  const waits: number[] = [];
  let asked = 0;
  const call = async () => {
    const given = answers[asked++] ?? [200];
    if (given instanceof Error) throw given;
    return new Response(null, { status: given[0], headers: given[1] ?? {} });
  };
  const found = await patiently(call, PATIENCE, (milliseconds) => void waits.push(milliseconds));
  return [found instanceof Error ? found.message : found.status, waits];
}

test.each([
  ["what succeeds is called once", [[200]], [200, []]],
  ["what is refused is called once", [[400]], [400, []]],
  [
    "no answer, 408, 409, 429 and 5xx are tried again",
    [new Error("cut"), [408], [409]],
    [200, [500, 1000, 1500]],
  ],
  [
    "by the answer's own wait",
    [
      [429, { "retry-after": "7" }],
      [500, { "retry-after": "0" }],
    ],
    [200, [7000, 0]],
  ],
  ["but for one of a minute or more", [[429, { "retry-after": "60" }]], [200, [500]]],
  ["and not for ever", [[503], [503], [503], [502]], [502, [500, 1000, 1500]]],
  ["an error stays one", Array.from({ length: 4 }, () => new Error("cut")), ["cut", [500, 1000, 1500]]],
  ["x-should-retry decides for", [[400, { "x-should-retry": "true" }]], [200, [500]]],
  ["and against", [[503, { "x-should-retry": "false" }]], [503, []]],
] as const)("%s", async (_label, answers, expected) => {
  expect(await of(...answers)).toEqual(expected);
});

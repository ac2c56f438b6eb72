import { expect, test, vi } from "vitest";
import { native } from "../../tests/support/native.ts";

const { tryMirrored } = native<typeof import("./mirrored.ts")>("lab/try/mirrored.ts");
const { renderMirrored } = native<typeof import("./render.ts")>("lab/try/render.ts");

vi.setConfig({ testTimeout: 120_000 });

test("a provider's set is discovered and mirrored; a key that nobody fetched is refused, one that was is accepted", async () => {
  const mirrored = await tryMirrored();
  expect(mirrored.answers.map(({ expected, seen, ok }) => [expected, seen, ok])).toEqual([
    [200, [200, 200, 200], true],
    [401, [401, 401, 401], true],
    [401, [401, 401, 401], true],
    [200, [200, 200, 200], true],
    [200, [200, 200, 200], true],
  ]);
  expect(
    renderMirrored(mirrored),
  ).toBe(`An identity provider's keys (examples/staff): https://login.example.com/ is discovered, its set fetched and deployed, at every point of presence
  fetched, deployed and known  a token of the provider                 200
                               a token of somebody else, with its kid  401
  the provider has a new key   a token of the new key                  401
  fetched again and known      a token of the new key                  200
                               a token of the first key                200
`);
});

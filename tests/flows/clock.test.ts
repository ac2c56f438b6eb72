import { expect, test } from "vitest";
import { native } from "../support/native.ts";

const { atStage, leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");

test("rotate moves nothing by a clock that Cloudflare's does not confirm", { timeout: 120_000 }, async () => {
  const world = await atStage("asymmetric", "publish k2");
  const { serverTime } = world.rotation;
  for (const off of [-40_000, 40_000, undefined]) {
    const shifted = {
      ...world.rotation,
      serverTime: async () => (off === undefined ? undefined : Number(await serverTime()) + off),
    };
    let refused: unknown;
    const changed = await leftAsItWas(world, async () => {
      refused = (await rotate(shifted)).refused;
    });
    expect([changed, refused]).toMatchObject([[], { code: "CLOCK_SKEW" }]);
  }
  expect(await rotate(world.rotation)).toMatchObject({ ok: true, rings: [{ run: { ok: true } }] });
});

import { afterAll, afterEach, expect, test } from "vitest";
import { native } from "../support/native.ts";

const { openWorld } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { checkout } = native<typeof import("../support/checkouts.ts")>("tests/support/checkouts.ts");
const { removeTemporaryFolders } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

afterAll(removeTemporaryFolders);
afterEach(() => {
  delete process.env.KEYTURN_CONFIRM;
});

test("an up that changes too much is refused before any call, and goes through where it is confirmed", async () => {
  const local = { config: { "keyturn:changesAtMost": "0" } };
  const first = await openWorld({ kind: "asymmetric", local });
  expect((await first.local.runner.up()).ok).toBe(true);
  const changed = checkout("asymmetric", (text) => text.replaceAll("/orders/*", "/orders/new"));
  const world = await openWorld({ kind: "asymmetric", local, from: first.save(), checkout: changed });
  const calls = world.calls.length;
  const { ok, diagnostics } = await world.local.runner.up();
  const said = diagnostics.join("\n");
  const digest = /KEYTURN_CONFIRM=([0-9a-f]{16})$/.exec(said)?.[1] ?? "none";
  expect([ok, said.replaceAll(digest, "D"), world.calls.length - calls]).toEqual([
    false,
    "CHANGES_TOO_MANY: 1 endpoint opens (api.example.com orders), and 0 may at once (digest D), as keyturn:changesAtMost says. `keyturn diff` shows the requests. Where all of it is meant, run this once with KEYTURN_CONFIRM=D",
    0,
  ]);
  process.env.KEYTURN_CONFIRM = digest;
  expect((await world.local.runner.up()).diagnostics).toEqual([]);
  expect(world.calls.length).toBeGreaterThan(calls);
});

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { openWorld, rulesOf } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { activate } = native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { revoke } = native<typeof import("../../scripts/rotate/revoke.ts")>("scripts/rotate/revoke.ts");
const { removeTemporaryFolders, temporaryFolder } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 120_000 });
afterAll(removeTemporaryFolders);

type World = Awaited<ReturnType<typeof openWorld>>;

/** The example's definitions, with one file edited. */
function checkout(edit: (text: string, file: string) => string): string {
  const folder = temporaryFolder("rules");
  cpSync(rulesOf("example"), folder, { recursive: true });
  for (const file of ["keys.yaml", "api.yaml", "downloads.yaml", "internal.yaml"]) {
    const path = join(folder, file);
    writeFileSync(path, edit(readFileSync(path, "utf8"), file));
  }
  return folder;
}

async function admin(world: World): Promise<number> {
  const { status } = await world.edge.handle(new Request("https://api.example.com/admin/users"), {
    pop: "AMS",
  });
  return status;
}

test("a revocation of links from a checkout without the admin rule leaves the admin path closed", async () => {
  const origin = await openWorld({ kind: "example" });
  await origin.local.runner.up();
  await activate(origin, ["storefront", "internal", "downloads"]);
  const rules = checkout((text) =>
    text
      .replace(/ {2}- id: admin\n.*\n.*\n/, "")
      .replace("except:", "except:\n  - { id: admin, match: { path: /admin/* } }"),
  );
  const world = await openWorld({ kind: "example", from: origin.save(), seed: 9, local: { rules } });
  world.clock.advance(600_000);
  expect(await admin(world)).toBe(401);
  const result = await revoke(world.rotation, {
    ring: "downloads",
    key: "k1",
    pause: async (seconds) => void world.clock.advance(1000 * seconds),
  });
  expect(result).toMatchObject({ ok: true });
  world.clock.advance(600_000);
  expect(await admin(world)).toBe(401);
});

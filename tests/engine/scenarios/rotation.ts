import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scanForSecrets } from "../../../lab/try/secretScan.ts";
import type { SignerJwk } from "../../../scripts/token/signers.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import type { Report } from "../report.ts";
import { activate, atTheEdge, isActive, keysOf, ledgerOf, plainUp, rotateUntil, states } from "../steps.ts";
import type { World } from "../world.ts";

const RINGS = ["storefront", "internal", "downloads"] as const;

/** Every key of every ring in its order of states, by `rotate` alone, with a clock that jumps to each wait's end. */
export async function rotationScenarios(report: Report, world: World): Promise<void> {
  const seen: SignerJwk[] = [];
  let logs = "";

  await report.scenario("rotate proves and activates the first key of a ring", async () => {
    const rings = ["storefront"];
    const moves = await rotateUntil(world, { rings }, (ledger) => isActive(ledger, "storefront", "k1"));
    assert.deepEqual(moves, ["storefront announce k1", "storefront verify k1", "storefront promote k1"]);
    // The others by the same advances without their waits, to save minutes.
    await activate(world, "internal");
    await activate(world, "downloads");
  });

  await report.scenario("rotate --force moves three rings from their first key to their second", async () => {
    for (const ring of RINGS) seen.push(...Object.values(await keysOf(world, ring)).flat());
    const begin = await rotateUntil(world, { force: true }, (ledger) =>
      RINGS.every((ring) => (ledger.rings[ring]?.keys.length ?? 0) > 1),
    );
    const rest = await rotateUntil(world, {}, (ledger) =>
      RINGS.every((ring) => ledger.rings[ring]?.keys[0]?.confirmedAt !== undefined),
    );
    for (const ring of RINGS) {
      assert.deepEqual(
        [...begin, ...rest].filter((move) => move.startsWith(`${ring} `)),
        [
          "generate k2",
          "publish k2",
          // The ring whose public keys are published too: its lead counts from when they are.
          ...(ring === "storefront" ? ["announce k2"] : []),
          "verify k2",
          "promote k2",
          "acknowledge k1",
          "retire k1",
          "confirm k1",
        ].map((move) => `${ring} ${move}`),
      );
    }
    const { rings } = await ledgerOf(world);
    assert.deepEqual(Object.values(rings).map(states), Array(3).fill("k1:RETIRED k2:ACTIVE"));
  });

  await report.scenario("the retired key of each ring is refused, the active one accepted", async () => {
    for (const ring of RINGS) {
      const { active } = await keysOf(world, ring);
      const old = seen.find((key) => key.kid !== active?.kid && sameKind(key, active));
      assert(active && old);
      assert.equal(await atTheEdge(world, ring, active), "accepted");
      assert.equal(await atTheEdge(world, ring, old), "refused");
      seen.push(active);
    }
  });

  await report.scenario("after the rotation: up, preview and refresh find nothing to do", async () => {
    const up = await plainUp(world, "--expect-no-changes", "--diff");
    assert.equal(up.code, 0, up.text);
    const drift = await pulumi(world.project, [
      "refresh",
      "--preview-only",
      "--expect-no-changes",
      "--diff",
      ...ON_STACK,
    ]);
    assert.equal(drift.code, 0, drift.text);
    logs = up.text + drift.text;
  });

  await report.scenario(
    "secrets: 0 plain bytes in exported state, backend files, previews and logs",
    async () => {
      const exported = await pulumi(world.project, ["stack", "export", ...ON_STACK]);
      const diff = await pulumi(world.project, ["preview", "--diff", ...ON_STACK]);
      const json = await pulumi(world.project, ["preview", "--json", ...ON_STACK]);
      const shown = await pulumi(world.project, ["stack", "output", ...ON_STACK]);
      const channels: Record<string, string> = {
        "stack export": exported.text,
        "preview --diff": diff.text,
        "preview --json": json.text,
        "stack output": shown.text,
        logs,
        "stack file": readFileSync(join(world.project.workDir, "Pulumi.dev.yaml"), "utf8"),
      };
      for (const file of filesBelow(world.project.backend)) channels[file] = readFileSync(file, "latin1");
      const scan = scanForSecrets(channels, seen);
      assert.equal(scan.keys >= 6, true, "keys of both generations are looked for");
      assert.equal(
        Object.keys(channels).some((name) => name.includes("history")),
        true,
      );
      assert.deepEqual([scan.findings, scan.blind], [[], []]);
    },
  );

  await report.scenario(
    "a destroyed key is gone from the state and still encrypted in the history",
    async () => {
      const gone = "::storefront.k1";
      const exported = await pulumi(world.project, ["stack", "export", ...ON_STACK]);
      assert.equal(exported.text.includes(`${gone}"`), false);
      const history = filesBelow(world.project.backend)
        .filter((file) => file.includes("history"))
        .map((file) => readFileSync(file, "utf8"))
        .filter((text) => text.includes(`${gone}"`));
      assert.equal(history.length > 0, true);
      assert.equal(
        history.every((text) => /"privateJwk":\s*\{[^}]*"ciphertext"/.test(text)),
        true,
      );
      const readme = readFileSync(join(import.meta.dirname, "..", "..", "..", "README.md"), "utf8");
      assert.match(readme, /destroyed[^.]*history/);
    },
  );
}

function sameKind(a: SignerJwk, b: SignerJwk | undefined): boolean {
  return a.alg === b?.alg && a.kty === b?.kty && (a.parameter === undefined) === (b?.parameter === undefined);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

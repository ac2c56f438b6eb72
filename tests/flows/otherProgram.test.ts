import { afterAll, describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { RING_KINDS } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { atStage, leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { editOutputs } = native<typeof import("../support/checkouts.ts")>("tests/support/checkouts.ts");
const { entryPoints, withoutSecrets } = native<typeof import("../support/entryPoints.ts")>(
  "tests/support/entryPoints.ts",
);
const { programCopy } = native<typeof import("../support/programCopy.ts")>("tests/support/programCopy.ts");
const { revokeFirst } = native<typeof import("../support/revokeWalk.ts")>("tests/support/revokeWalk.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { readStatus, renderStatus } =
  native<typeof import("../../scripts/status/status.ts")>("scripts/status/status.ts");
const { readRecord, recordOf } = native<typeof import("../../model/update/definitionRecord.ts")>(
  "model/update/definitionRecord.ts",
);
const { removeTemporaryFolders } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 240_000 });
afterAll(removeTemporaryFolders);

describe("a program that compiles the deployed definitions to other rules", () => {
  const program = programCopy("model/facts/answers.ts", (text) =>
    text.replace("in more than one way", "in two ways"),
  );

  test("moves no key by rotate and says what to do", async () => {
    const world = await atStage("links", "publish k2", { local: { program } });
    let said: unknown;
    const changed = await leftAsItWas(world, async () => {
      said = (await rotate(world.rotation)).rings[0]?.run?.diagnostics;
    });
    expect([changed, said]).toEqual([
      [],
      [
        expect.stringMatching(
          /^DEPLOYED_DIFFERS: .*run `pulumi up` first, or use the version that deployed them/,
        ),
      ],
    ]);
  });

  test("is refused by the command before the program runs", async () => {
    const world = await atStage("links", "publish k2");
    editOutputs(world, (outputs) => {
      const record = outputs.definitions as { digests: object };
      const digests = { ...record.digests, compiled: "0".repeat(16) };
      return { ...outputs, definitions: { ...record, digests } };
    });
    expect(
      await leftAsItWas(world, () => expect(rotate(world.rotation)).rejects.toThrow(/^DEPLOYED_DIFFERS: /)),
    ).toEqual([]);
    expect(renderStatus(await readStatus(world.rotation))).toMatch(
      /\nDEPLOYED_DIFFERS: .*\n\nshop \(hmac, serial \d+\)\n/,
    );
  });

  test.each([...RING_KINDS])("revokes all the same and touches what holds the key (%s)", async (kind) => {
    const world = await atStage(kind, "generate k2", { local: { program } });
    const before = entryPoints(world);
    expect(await revokeFirst(world)).toMatchObject({ ok: true, substituteProved: true });
    expect(withoutSecrets(entryPoints(world))).toEqual(withoutSecrets(before));
    expect(JSON.stringify(entryPoints(world))).not.toContain("in two ways");
    expect((await world.ring()).keys.map(({ state }) => state)).toEqual(["REVOKED", "ACTIVE"]);
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    if (kind !== "links") expect(JSON.stringify(entryPoints(world))).toContain("in two ways");
  });

  test("does not revoke where it would not find a token configuration any more", async () => {
    const other = programCopy("model/compile/compile.ts", (text) =>
      text.replace("tokenConfigurations: tokenConfigurations(input)", "tokenConfigurations: []"),
    );
    const world = await atStage("asymmetric", "generate k2", { local: { program: other } });
    const before = await world.ledger();
    const { ok, runs } = await revokeFirst(world);
    expect([ok, runs.at(-1)?.run.diagnostics.join()]).toEqual([
      false,
      expect.stringMatching(/^RING_LEFT_ZONE: ring shop has a token configuration in example\.com/),
    ]);
    expect(await world.ledger()).toEqual(before);
  });

  test("says so where it refuses the deployed definitions", async () => {
    const world = await atStage("asymmetric", "publish k2");
    const reading = readRecord(await world.local.runner.outputs());
    if (!reading.ok) throw new Error(reading.message);
    const { files, settings } = reading.source;
    const stricter = files.map(({ path, text }) => ({ path, text: text.replace("ES256", "ES999") }));
    const record = recordOf({ files: stricter, settings }, "0".repeat(16), {});
    editOutputs(world, (outputs) => ({ ...outputs, ...record }));
    await expect(rotate(world.rotation)).rejects.toThrow(
      /^DEPLOYED_UNREADABLE: .*Use the version that deployed them.*\nrules\/keys\.yaml:\d+:\d+ /,
    );
  });

  test("leaves a token configuration's metadata to the next plain up", async () => {
    const other = programCopy("model/compile/compile.ts", (text) =>
      text.replace("title: `keyturn ", "title: `ring "),
    );
    const world = await atStage("asymmetric", "generate k2", { local: { program: other } });
    const titles = () =>
      world.local.zones.flatMap(({ id }) =>
        world.edge.world.zone(id).tokenConfigurations.map(({ title }) => title),
      );
    expect(await revokeFirst(world)).toMatchObject({ ok: true });
    expect(titles()).toEqual(["keyturn shop"]);
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(titles()).toEqual(["ring shop"]);
  });
});

import { type Listening, listen } from "@keyturn/edge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { native } from "../../tests/support/native.ts";
import { mint } from "./credential.ts";
import { emptyTally, send } from "./front.ts";
import { createHttpClient, type HttpClient } from "./httpClient.ts";
import { type Load, startLoad } from "./load.ts";
import { type PlainUp, tryPlainUp } from "./plainUp.ts";
import { type Revocation, tryRevocation } from "./revocation.ts";
import { rotateAll, type Step } from "./rotation.ts";
import { scanForSecrets } from "./secretScan.ts";
import type { Stage } from "./stage.ts";

const { createStage } = native<typeof import("./stage.ts")>("lab/try/stage.ts");

const SMALL = { quietEvery: 6 * 3600, dense: 12, stragglers: 6, overlong: 1, http: 12 };

let stage: Stage;
let listening: Listening;
let client: HttpClient;
let load: Load;
let steps: Step[];
let revocation: Revocation;
const plainUps: PlainUp[] = [];
/** Which instance of the issuer has signed with which key. */
const signed = new Set<string>();

beforeAll(async () => {
  stage = (await createStage(undefined, { seed: 7 })).stage;
  listening = await listen(stage.local.edge);
  client = createHttpClient(listening);
  const rings = stage.definitions.rings.filter((ring) => ring.id !== "storefront");
  await rotateAll(stage, { rings });
  await stage.settle();
  const issuers = stage.issuers.map((issuer) => ({
    ...issuer,
    issue: async (...about: Parameters<typeof issuer.issue>) => {
      const credential = await issuer.issue(...about);
      signed.add(`lag ${issuer.fault.lag} skew ${issuer.fault.skew} ${credential.kid}`);
      return credential;
    },
  }));
  const usages = stage.usages.filter((usage) => usage.ring.id !== "storefront");
  load = startLoad({ ...stage, issuers, usages }, client, SMALL);
  steps = await rotateAll(stage, {
    rings,
    force: true,
    onStep: async (step, ring) => {
      await load.onStep(step, ring);
      if (step.ring === "downloads" && step.move === "promote")
        plainUps.push(await tryPlainUp(stage, "promoted"));
    },
  });
  load.stop();
  await stage.agenda.finish();
  const ring = rings.find((each) => each.id === "downloads");
  if (ring) revocation = await tryRevocation(stage, load, ring);
  await stage.agenda.finish();
}, 90_000);
afterAll(async () => {
  client.close();
  await listening.close();
});

describe("a rotation under load", () => {
  it("goes through every move, each ring by itself", () => {
    const moves = (ring: string) =>
      steps.filter((step) => step.ring === ring).map((step) => `${step.move} ${step.key}`);
    const rotation = [
      "generate k2",
      "publish k2",
      "verify k2",
      "promote k2",
      "acknowledge k1",
      "retire k1",
      "confirm k1",
    ];
    expect([moves("internal"), moves("downloads")]).toEqual([rotation, rotation]);
  });

  it("refuses no valid request and accepts no ended one, in process and over HTTP", () => {
    expect(load.ordinary).toMatchObject({ refusedValid: 0, acceptedInvalid: 0, refusals: [] });
    expect(load.ordinary.valid).toBeGreaterThan(400);
    expect(load.ordinary.invalid).toBeGreaterThan(100);
    expect(load.http).toMatchObject({ sent: 24, valid: 24, refusedValid: 0 });
  });

  it("comes from prompt and late issuers with clocks off both ways, with the old key and the new one", () => {
    const faults = stage.issuers.map(({ fault }) => `lag ${fault.lag} skew ${fault.skew}`);
    expect(faults).toEqual([
      "lag 0 skew 30000",
      "lag 900000 skew -30000",
      "lag 450000 skew 0",
      "lag 900000 skew 30000",
    ]);
    const byDownloads = [...signed].filter((entry) => entry.includes("downloads-")).sort();
    expect(byDownloads).toEqual(
      faults.flatMap((fault) => [`${fault} downloads-k1`, `${fault} downloads-k2`]).sort(),
    );
  });

  it("refuses what retired and revoked keys signed, once P is over", () => {
    expect(load.retired).toMatchObject({ acceptedInvalid: 0, valid: 0 });
    expect(load.retired.invalid).toBe(3 * 5 * 3);
  });

  it("is left alone by a plain up", () => {
    expect(plainUps.map(({ when, ok }) => [when, ok])).toEqual([["promoted", true]]);
  });

  it("revokes the active key and goes on with the substitute", () => {
    expect(revocation).toMatchObject({ ring: "downloads", key: "k2", substitute: "k3", ok: true });
  });

  it("stops with the reason when rotate refuses", async () => {
    stage.store.setLock({ who: "somebody", since: "2026-11-22T12:00:00Z" });
    const rotation = rotateAll(stage);
    await expect(rotation).rejects.toThrow("STACK_LOCKED: somebody has held the stack's lock");
    stage.store.setLock(undefined);
  });

  it("notices a key that goes too early", async () => {
    const usage = stage.usages.find((each) => each.ring.id === "internal");
    const { active } = usage ? await stage.keysOf(usage.ring) : {};
    if (usage === undefined || active === undefined) throw new Error("no active key");
    const front = { ...stage.front, tally: emptyTally() };
    const { edge } = stage.local;
    const zoneId = edge.world.zones[0]?.id ?? "";
    const { tokenConfigurations } = edge.world.zone(zoneId);
    const credential = await mint(usage, { jwk: active, now: stage.clock.now(), subject: "s" });
    edge.world.commitZone(
      zoneId,
      "tokenConfigurations",
      tokenConfigurations.map((each) => ({ ...each, keys: [] })),
    );
    await send(front, credential, "AMS");
    edge.world.commitZone(zoneId, "tokenConfigurations", tokenConfigurations);
    expect(front.tally).toMatchObject({ valid: 1, refusedValid: 1 });
    expect(front.tally.refusals[0]).toMatchObject({
      ring: "internal",
      kid: active.kid,
      problem: "noMatchingKey",
    });
  });

  it("keeps key material out of the stored state and the security events", () => {
    const found = scanForSecrets(
      { state: stage.store.load() ?? "", events: JSON.stringify(stage.local.edge.events.query()) },
      [...stage.material.values()],
    );
    expect(found).toMatchObject({ findings: [], blind: [] });
    expect(found.keys).toBe(6);
    expect(found.channels.state).toBeGreaterThan(10_000);
  });
});

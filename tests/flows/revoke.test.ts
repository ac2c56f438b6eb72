import { describe, expect, test } from "vitest";
import { native } from "../support/native.ts";

const { atStage } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { openWorld, RING } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { keysAtTheApi, secretOf } = native<typeof import("../support/shape.ts")>("tests/support/shape.ts");
const { activate, openProject, TWO_ZONES, ZONES } =
  native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { LOCAL_API_TOKEN } = native<typeof import("../../lab/local/cloudflare.ts")>("lab/local/cloudflare.ts");
const { cutShort } = native<typeof import("../support/cutShort.ts")>("tests/support/cutShort.ts");
const { revoke } = native<typeof import("../../scripts/rotate/revoke.ts")>("scripts/rotate/revoke.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");

type World = Awaited<ReturnType<typeof atStage>>;
type Saved = Awaited<ReturnType<typeof cutShort>>;

async function states(world: World, ring = RING): Promise<string> {
  return (await world.ring(ring)).keys.map((key) => `${key.name} ${key.state}`).join(", ");
}

function take(world: World, key?: string) {
  const pause = async (seconds: number) => {
    world.clock.advance(1000 * seconds);
  };
  return revoke(world.rotation, { ring: RING, ...(key === undefined ? {} : { key }), pause });
}

function moves(result: Awaited<ReturnType<typeof take>>): string[] {
  return result.runs.map(({ decision, run }) =>
    decision.step === "advance"
      ? `${decision.advance.move.kind} ${decision.advance.move.key}${run.ok ? "" : ` ${run.diagnostics}`}`
      : decision.step,
  );
}

/** Whose key the issuer signs with. */
async function signer(world: World): Promise<string | undefined> {
  const [secret = ""] = secretOf(world);
  return (await world.ring()).keys.find((key) => secret.includes(String(key.kid)))?.name;
}

describe("a revocation after a promotion whose last answer was lost", () => {
  // Made by whoever comes first: two programs never run in one process at once.
  let made: Promise<Saved> | undefined;
  const interrupted = () => {
    made ??= (async () => {
      const world = await atStage("asymmetric", "promote k2");
      const isSecret = (moment: string, method: string, path: string) =>
        moment === "effect" && method === "PATCH" && path.includes("secrets_store");
      return cutShort(world, () => rotate(world.rotation), isSecret);
    })();
    return made;
  };

  test("of the new key finishes the promotion first: the issuer is not left with a revoked key", async () => {
    const world = await openWorld({ kind: "asymmetric", from: await interrupted(), seed: 31 });
    expect([await states(world), await signer(world)]).toEqual(["k1 ACTIVE, k2 VERIFIED", "k2"]);
    const result = await take(world, "k2");
    expect(result.ok).toBe(true);
    expect(moves(result)).toEqual(["promote k2", "condemn k2", "substitute k3", "publish k3", "revoke k2"]);
    expect([await states(world), await signer(world)]).toEqual(["k1 RETIRING, k2 REVOKED, k3 ACTIVE", "k3"]);
  });

  test("of the active key takes that one, and the new one signs", async () => {
    const world = await openWorld({ kind: "asymmetric", from: await interrupted(), seed: 32 });
    expect(moves(await take(world))).toEqual(["condemn k1", "revoke k1"]);
    expect([await states(world), await signer(world)]).toEqual(["k1 REVOKED, k2 ACTIVE", "k2"]);
  });
});

describe("a substitute", () => {
  test("that nothing proves takes over all the same, and is not said to be proved", async () => {
    const world = await atStage("asymmetric", "promote k2");
    const rotation = { ...world.rotation, edge: async () => ({ status: 404, body: "", pop: "" }) };
    const result = await take({ ...world, rotation });
    expect(moves(result)).toEqual(["condemn k1", "revoke k1"]);
    expect([result.ok, result.substituteProved, result.revokedKey]).toEqual([true, false, "none"]);
  });

  test("that the edge accepts is said to be proved", async () => {
    const result = await take(await atStage("asymmetric", "promote k2"));
    expect([result.ok, result.substituteProved]).toEqual([true, true]);
  });
});

test("a second revocation finishes the first one: no key that was revoked comes back", async () => {
  const origin = await atStage("asymmetric", "verify k2");
  const [k1] = (await origin.ring()).keys;
  const isSecret = (moment: string, method: string, path: string) =>
    moment === "before" && method === "PATCH" && path.includes("secrets_store");
  const from = await cutShort(origin, () => take(origin, "k1"), isSecret);
  const world = await openWorld({ kind: "asymmetric", from, seed: 33 });
  expect(await states(world)).toBe("k1 ACTIVE, k2 PUBLISHED");
  let cameBack = 0;
  world.onMoment = (moment) => {
    if (moment === "effect" && JSON.stringify(keysAtTheApi(world)).includes(String(k1?.kid))) cameBack += 1;
    return undefined;
  };
  expect(moves(await take(world, "k2"))).toEqual([
    "revoke k1",
    "condemn k2",
    "substitute k3",
    "publish k3",
    "revoke k2",
  ]);
  expect([await states(world), await signer(world)]).toEqual(["k1 REVOKED, k2 REVOKED, k3 ACTIVE", "k3"]);
  expect(cameBack).toBe(0);
});

describe("a first key that was never active", () => {
  test("is taken away once another one is there, which then becomes the first active one", async () => {
    const world = await openWorld({ kind: "asymmetric", seed: 34 });
    await world.local.runner.up();
    const aborted = await rotate(world.rotation, { rings: [RING], abort: true });
    expect(aborted.rings[0]?.decision).toEqual({
      step: "stop",
      code: "NO_KEY_LEFT",
      reason:
        "k1 is the only published key of ring shop: `keyturn revoke shop --key k1 --yes` makes another one first",
    });
    const result = await take(world, "k1");
    expect(moves(result)).toEqual(["condemn k1", "substitute k2", "publish k2", "revoke k1"]);
    expect(await activate(world, [RING])).toEqual({ [RING]: "k1 REVOKED, k2 ACTIVE" });
    expect((await world.ring()).keys[0]?.confirmedAt).toBeDefined();
  });
});

test("--restore of a named ring writes a secret over another one under the same kid, which no read shows", async () => {
  const world = await atStage("symmetric", "generate k2");
  const before = keysAtTheApi(world) as { configurations: { id: string; keys: Record<string, string>[] }[] };
  const [{ id, keys } = { id: "", keys: [] }] = before.configurations;
  const k = Buffer.alloc(64, 7).toString("base64url");
  const answer = await world.edge.fetch(
    `https://local.invalid/client/v4/zones/${ZONES[0]?.id}/token_validation/config/${id}/credentials`,
    {
      method: "PUT",
      headers: { authorization: `Bearer ${LOCAL_API_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ keys: keys.map(({ kid, alg, kty }) => ({ kid, alg, kty, k })) }),
    },
  );
  expect(answer.status).toBe(200);
  expect(keysAtTheApi(world)).not.toEqual(before);
  expect(await rotate(world.rotation, { restore: true })).toMatchObject({
    ok: true,
    rings: [{ ring: RING }],
  });
  expect(keysAtTheApi(world)).not.toEqual(before);
  const asked = await rotate(world.rotation, { rings: [RING], restore: true });
  expect(asked.rings[0]?.run).toMatchObject({ ok: true });
  expect(keysAtTheApi(world)).toEqual(before);
});

test("a publication that reached one zone of two can be given up", async () => {
  const origin = await openProject({ files: TWO_ZONES });
  await origin.local.runner.up();
  await activate(origin, ["shop", "files"]);
  const tick = async () => {
    await rotate(origin.rotation, { rings: ["shop"], force: true });
    await rotate(origin.rotation, { rings: ["shop"] });
  };
  let puts = 0;
  const from = await cutShort(origin, tick, (moment, method, path) => {
    if (moment === "before" && method === "PUT" && path.endsWith("/credentials")) puts += 1;
    return puts === 2;
  });
  const world = await openProject({ files: TWO_ZONES, from });
  const kids = () =>
    ZONES.map(({ id }) =>
      world.edge.world
        .zone(id)
        .tokenConfigurations.flatMap(({ keys }) => keys.length)
        .join(),
    ).sort();
  expect([await states(world, "shop"), kids()]).toEqual(["k1 ACTIVE, k2 GENERATED", ["1", "2"]]);
  const result = await rotate(world.rotation, { rings: ["shop"], abort: true });
  expect(result.rings[0]?.run).toMatchObject({ ok: true });
  expect([await states(world, "shop"), kids()]).toEqual(["k1 ACTIVE, k2 ABORTED", ["1", "1"]]);
});

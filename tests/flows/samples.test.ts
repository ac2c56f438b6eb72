import { exportJWK, generateKeyPair, type JWK } from "jose";
import { describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { atStage } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { signJwt } = native<typeof import("../../scripts/token/signJwt.ts")>("scripts/token/signJwt.ts");

vi.setConfig({ testTimeout: 120_000 });

type World = Awaited<ReturnType<typeof atStage>>;
type Signers = Record<string, { active: JWK & { kty: string } }>;

/** An issuer whose n-th sample (from 0) is signed with `jwk(n)`, or with the active key where that answers none. */
async function withIssuer(
  world: World,
  { jwk = () => undefined, lifetimeSeconds = 900, status = () => 200 }: Issuer,
): Promise<World["rotation"]> {
  const { active } = ((await world.local.runner.outputs()).signers as Signers).shop as Signers[string];
  let count = 0;
  return {
    ...world.rotation,
    issuer: async () => {
      const key = (jwk(count, active) ?? active) as never;
      const code = status(count);
      count += 1;
      const claims = { iss: "https://auth.example.com/", aud: "api", sub: "sample" };
      const signed = { jwk: key, claims, lifetimeSeconds, now: new Date(world.clock.now()), jti: "1" };
      return { status: code, body: JSON.stringify({ token: (await signJwt(signed)).token }), pop: "" };
    },
  };
}

interface Issuer {
  readonly jwk?: (count: number, active: JWK) => JWK | undefined;
  readonly lifetimeSeconds?: number;
  readonly status?: (count: number) => number;
}

const stranger = (async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: "stranger", alg: "ES256" };
})();

async function tick(rotation: World["rotation"], options = {}) {
  const { decision } = (await rotate(rotation, options)).rings[0] ?? {};
  if (decision?.step === "advance") return `${decision.advance.move.kind} ${decision.advance.move.key}`;
  return decision?.step === "stop" ? `${decision.code}: ${decision.reason}` : decision?.step;
}

describe("the overlap is over, and the old key", () => {
  const states = async (world: World) => (await world.ring()).keys.map(({ state }) => state).join(" ");

  test("goes where every sample is signed with the active key", async () => {
    const world = await atStage("asymmetric", "retire k1");
    expect(await tick(await withIssuer(world, {}))).toBe("retire k1");
    expect(await states(world)).toBe("RETIRED ACTIVE");
  });

  test.each<[string, (other: JWK) => Issuer, RegExp]>([
    [
      "a later sample is of a key that nobody knows",
      (other) => ({ jwk: (count) => (count === 2 ? other : undefined) }),
      /^NO_SAMPLES: .*of 3 samples 2 carry it, and others did not count: its kid is unknown/,
    ],
    [
      "a sample only says the active key's kid",
      (other) => ({ jwk: (count, { kid = "" }) => (count === 1 ? { ...other, kid } : undefined) }),
      /^NO_SAMPLES: .*others did not count: the signature was not made with the key/,
    ],
    [
      "a later sample cannot be had",
      () => ({ status: (count) => (count === 1 ? 503 : 200) }),
      /^NO_SAMPLES: .*others did not count: HTTP 503/,
    ],
    [
      "its tokens live for a week where 15 minutes are declared",
      () => ({ lifetimeSeconds: 604_800 }),
      /^TOKENS_LIVE_LONGER: .* for 7d, declared are 15m/,
    ],
  ])("stays where %s", async (_label, issuer, said) => {
    const world = await atStage("asymmetric", "retire k1");
    expect(await tick(await withIssuer(world, issuer(await stranger)))).toMatch(said);
    expect(await states(world)).toBe("RETIRING ACTIVE");
  });
});

test("an address that is none is said where a sample is wanted, and nowhere else", async () => {
  const world = await atStage("asymmetric", "acknowledge k1");
  const { runner } = world.local;
  vi.spyOn(runner, "config").mockResolvedValue({ "keyturn:samples": '{"shop":"auth.example.com"}' });
  expect(await tick(world.rotation)).toBe("acknowledge k1");
  world.clock.advance(2 * 86_400_000);
  expect(await tick(world.rotation)).toMatch(
    /others did not count: keyturn:samples\.shop\.url does not fit \(expected an http or https URL\)/,
  );
});

test("without an address the old key stays until somebody attests, which the ledger keeps", async () => {
  const words = { reason: "500 tokens of today in the issuer's log", by: "A. Writer" };
  const local = { config: { "keyturn:samples": "{}" } };
  const world = await atStage("asymmetric", "retire k1", { local });
  expect(await tick(world.rotation)).toMatch(/^NO_SAMPLES: .*the ring has no sample address.* --attest /);
  expect(await tick(world.rotation, { rings: ["shop"], attest: words })).toBe("attest k1");
  expect((await world.ring()).move).toMatchObject({ kind: "attest", key: "k1", ...words });
  expect(await tick(world.rotation)).toBe("retire k1");
  expect((await world.ring()).keys.map(({ state }) => state)).toEqual(["RETIRED", "ACTIVE"]);
});

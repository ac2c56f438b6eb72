import { createRequire } from "node:module";
import { exportJWK } from "jose";
import { expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { answers, FILES, fetchFrom, makeKey, open, settle, states } = native<
  typeof import("../support/mirroredWorld.ts")
>("tests/support/mirroredWorld.ts");
const { leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { revoke } = native<typeof import("../../scripts/rotate/revoke.ts")>("scripts/rotate/revoke.ts");
const { readStatus, renderStatus } =
  native<typeof import("../../scripts/status/status.ts")>("scripts/status/status.ts");

const log: { warn: (message: string) => unknown } = createRequire(import.meta.url)("@pulumi/pulumi/log");

vi.setConfig({ testTimeout: 120_000 });

const keys = (async () => ({
  one: await makeKey("one"),
  two: await makeKey("two", "RS256"),
  three: await makeKey("three"),
}))();

/** Fetched, deployed and known everywhere. */
const active = (async () => {
  const { one, two } = await keys;
  const world = await open();
  await fetchFrom(world, [one, two]);
  await world.local.runner.up();
  const moves = await settle(world);
  world.clock.advance(600_000);
  return { moves, saved: world.save() };
})();

test("a new ring without keys stops a plain up before anything is changed, and the command is named", async () => {
  // One run of the program at a time: they share the environment.
  await active;
  const world = await open();
  const said = (await world.local.runner.up()).diagnostics.join();
  const types = (await world.local.runner.resources()).map(({ type }) => type);
  expect([world.writes, types]).toEqual([[], ["pulumi:pulumi:Stack"]]);
  expect(said).toContain(
    "MIRROR_WITHOUT_KEYS: ring staff takes its keys from somebody else, and the ledger has none of them yet: run `keyturn jwks fetch staff`, then `pulumi up` again",
  );
});

test("fetched, deployed and waited for, its tokens are accepted and all others refused", async () => {
  const { one, two, three } = await keys;
  const { moves, saved } = await active;
  expect(moves).toEqual(["trust"]);
  const world = await open();
  const dry = await fetchFrom(world, [one, two], true);
  expect(dry).toMatchObject({ ok: true, decision: { step: "advance" } });
  expect((await world.ledger().catch(() => undefined))?.rings ?? {}).toEqual({});
  const warn = vi.spyOn(log, "warn");
  const fetched = await fetchFrom(world, [one, two]);
  expect(warn.mock.calls).toEqual([]);
  warn.mockRestore();
  expect(fetched).toMatchObject({
    ok: true,
    run: { ok: true },
    next: "run `pulumi up`: it publishes them with the ring's definition",
  });
  expect(await states(world)).toEqual(["k1 one ES256 GENERATED", "k2 two RS256 GENERATED"]);
  expect(await fetchFrom(world, [two, one])).toEqual({ ok: true, notices: [], next: fetched.next });
  expect(world.writes).toEqual([]);

  expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  expect(await states(world)).toEqual(["k1 one ES256 PUBLISHED", "k2 two RS256 PUBLISHED"]);
  world.clock.advance(600_000);
  // Until the keys count as known its rules only log: a wrong token passes.
  expect(await answers(world, three)).toEqual([200, 200, 200]);

  const known = await open(saved);
  expect(await states(known)).toEqual(["k1 one ES256 ACTIVE", "k2 two RS256 ACTIVE"]);
  expect(await answers(known, one)).toEqual([200, 200, 200]);
  expect(await answers(known, two)).toEqual([200, 200, 200]);
  expect(await answers(known, three)).toEqual([401, 401, 401]);
  expect(await answers(known, one, { iss: "https://other.example.net/" })).toEqual([401, 401, 401]);
  const changed = await leftAsItWas(known, async () => {
    expect(await known.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  });
  expect(changed).toEqual([]);
});

test("a key that comes is accepted, one that left the set stays, and goes when it is revoked", async () => {
  const { one, two, three } = await keys;
  const world = await open((await active).saved);
  const fetched = await fetchFrom(world, [two, three]);
  expect(fetched).toMatchObject({
    ok: true,
    notices: [
      "k1 (one) is no longer in the set: it stays, since its tokens may be in use; `keyturn revoke staff --key k1 --yes` takes it away",
    ],
    decision: { reason: "new in the set: three (ES256)" },
  });
  expect(await settle(world)).toEqual(["trust"]);
  expect(await answers(world, one)).toEqual([200, 200, 200]);
  expect(await answers(world, three)).toEqual([200, 200, 200]);

  const pause = async () => undefined;
  const revoked = await revoke(world.rotation, { ring: "staff", key: "k1", pause });
  expect([revoked.ok, revoked.runs.map(({ run }) => run.ok)]).toEqual([true, [true, true]]);
  world.clock.advance(600_000);
  expect(await answers(world, one)).toEqual([401, 401, 401]);
  expect(await answers(world, two)).toEqual([200, 200, 200]);
  expect(await settle(world)).toEqual([]);
  // What an operator took away does not come back with the next answer.
  expect(await fetchFrom(world, [one, two, three])).toEqual({
    ok: true,
    notices: ["key one is in the set and was revoked here: it stays away"],
  });
});

test("the last key of a ring is not taken away, since nobody here can make another one", async () => {
  const { two } = await keys;
  const world = await open((await active).saved);
  const pause = async () => undefined;
  await revoke(world.rotation, { ring: "staff", key: "k1", pause });
  const last = await revoke(world.rotation, { ring: "staff", key: "k2", pause });
  expect([last.ok, last.refused?.code]).toEqual([false, "NO_KEY_LEFT"]);
  world.clock.advance(600_000);
  expect(await answers(world, two)).toEqual([200, 200, 200]);
});

test("a set with a private key, or another key under a known kid, changes nothing and is shown nowhere", async () => {
  const { one, two } = await keys;
  const world = await open((await active).saved);
  const secret = { ...(await exportJWK(one.privateKey)), kid: "leaked", alg: "ES256" };
  const other = { ...(await makeKey("one")).jwk, alg: "ES256" };
  const said: unknown[] = [];
  const changed = await leftAsItWas(world, async () => {
    said.push(await fetchFrom(world, [two.jwk, secret]), await fetchFrom(world, [two.jwk, other]));
  });
  expect(changed).toEqual([]);
  expect(said).toMatchObject([
    { ok: false, refused: { code: "KEY_SET_REFUSED" } },
    {
      ok: false,
      refused: {
        code: "KEY_SET_REFUSED",
        message: "the kid one is k1 of ring staff, and now stands at another key",
      },
    },
  ]);
  const seen = JSON.stringify([said, world.store.load(), world.writes]);
  expect(seen).not.toContain(String(secret.d));
});

/** Its provider moves to another address: the definitions have the new one alone. */
const MOVED = {
  ...FILES,
  "keys.yaml": FILES["keys.yaml"].replace("tokens: {", 'tokens: { issuer: "https://new.example.net/",'),
};
const NEW = { iss: "https://new.example.net/" };

test("tokens of an issuer that a deploy left out are accepted until they have ended, and refused after", async () => {
  const { one } = await keys;
  const world = await open((await active).saved, MOVED);
  expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  world.clock.advance(600_000);
  const of = async (claims: object) => answers(world, one, claims);
  expect([await of({}), await of(NEW)]).toEqual([
    [200, 200, 200],
    [200, 200, 200],
  ]);
  expect(await of({ iss: "https://other.example.net/" })).toEqual([401, 401, 401]);

  const [noted] = (await rotate(world.rotation)).rings;
  expect(noted?.decision).toMatchObject({
    step: "wait",
    reason: "tokens with iss https://id.example.net/ are accepted until then",
  });
  const until = Date.parse(noted?.decision.step === "wait" ? noted.decision.until : "");
  // The longest life of a token, and what issuers and clocks may be late.
  expect(until - world.clock.now()).toBeGreaterThan(3_600_000);
  expect(renderStatus(await readStatus(world.rotation))).toContain(
    `  still accepts iss https://id.example.net/ until ${new Date(until).toISOString()}\n`,
  );
  world.clock.set(until - 1);
  await rotate(world.rotation);
  // The first one brings the resources to the serial of what only the ledger noted.
  const { writes } = world;
  const before = writes.length;
  expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  expect(writes.slice(before)).toEqual([]);
  const kept = await leftAsItWas(world, async () => {
    expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  });
  expect([kept, await of({})]).toEqual([[], [200, 200, 200]]);

  world.clock.set(until);
  await rotate(world.rotation);
  expect((await world.ring("staff")).accepts).toEqual([
    { claim: "aud", value: "api" },
    { claim: "iss", value: NEW.iss },
  ]);
  expect(await of({})).toEqual([200, 200, 200]);
  expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  world.clock.advance(600_000);
  expect([await of({}), await of(NEW)]).toEqual([
    [401, 401, 401],
    [200, 200, 200],
  ]);
});

test("an issuer that must not be accepted any longer ends at once where it is asked for", async () => {
  const { one } = await keys;
  const world = await open((await active).saved, MOVED);
  await world.local.runner.up();
  const [asked] = (await rotate(world.rotation, { rings: ["staff"], end: true })).rings;
  expect(asked?.decision).toMatchObject({ step: "wait", reason: expect.stringContaining("accepts nothing") });
  await world.local.runner.up();
  world.clock.advance(600_000);
  expect([await answers(world, one), await answers(world, one, NEW)]).toEqual([
    [401, 401, 401],
    [200, 200, 200],
  ]);
});

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { openProject } = native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { revoke } = native<typeof import("../../scripts/rotate/revoke.ts")>("scripts/rotate/revoke.ts");
const { readStatus, renderStatus } =
  native<typeof import("../../scripts/status/status.ts")>("scripts/status/status.ts");
const { fetchKeys } = native<typeof import("../../scripts/jwks/fetchKeys.ts")>("scripts/jwks/fetchKeys.ts");

vi.setConfig({ testTimeout: 120_000 });

const ISSUER = "https://id.example.net/";
const FILES = {
  "keys.yaml": `keys:
  staff:
    from: { issuer: "${ISSUER}" }
    tokens: { audience: api, lifetime: 1h }
`,
  "api.yaml": `host: api.example.com
tokens: { ring: staff, in: [header authorization] }
rules:
  - id: orders
    match: { method: GET, path: /orders/* }
    require: { ring: staff, scope: orders }
`,
};

/** The checkout that the command reads a ring from which is not deployed yet. */
const rules = mkdtempSync(join(tmpdir(), "keyturn-mirror-"));
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(rules, name), text);

async function makeKey(kid: string, alg = "ES256") {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" } };
}

type Key = Awaited<ReturnType<typeof makeKey>>;

/** A provider with these keys: its discovery document and its set. */
function provider(keys: readonly object[]) {
  const answers: Record<string, object> = {
    "https://id.example.net/.well-known/openid-configuration": {
      issuer: ISSUER,
      jwks_uri: "https://keys.example.net/set",
      id_token_signing_alg_values_supported: ["RS256", "ES256"],
    },
    "https://keys.example.net/set": { keys },
  };
  return async (url: string) => {
    const found = answers[url];
    return found === undefined ? { reason: `${url} answers HTTP 404` } : { text: JSON.stringify(found) };
  };
}

type World = Awaited<ReturnType<typeof openProject>>;

const open = (from?: ReturnType<World["save"]>, files: Readonly<Record<string, string>> = FILES) =>
  openProject({ files, ...(from === undefined ? {} : { from }) });

function fetchFrom(world: World, keys: readonly Key[] | readonly object[], dryRun = false) {
  const set = keys.map((key) => ("jwk" in key ? (key.jwk as object) : key));
  return fetchKeys(world.rotation, { ring: "staff", rules, get: provider(set), read: provider([]), dryRun });
}

const states = async (world: World) =>
  (await world.ring("staff")).keys.map((key) => `${key.name} ${key.kid} ${key.algorithm} ${key.state}`);

/** What a request with a token of the key gets at each place. */
async function answers(world: World, key: Key, claims: object = {}): Promise<number[]> {
  const now = Math.floor(world.clock.now() / 1000);
  const token = await new SignJWT({ scope: "orders", iss: ISSUER, aud: "api", ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .setIssuedAt(now)
    .setExpirationTime(now + 3600)
    .sign(key.privateKey);
  const found: number[] = [];
  for (const { name } of world.edge.world.pops) {
    const headers = { authorization: `Bearer ${token}` };
    const request = new Request("https://api.example.com/orders/1", { headers });
    found.push((await world.edge.handle(request, { pop: name })).status);
  }
  return found;
}

/** Ticks from wait to wait until the ring's keys are all ACTIVE or gone. */
async function settle(world: World): Promise<string[]> {
  const moves: string[] = [];
  for (let tick = 0; tick < 6; tick += 1) {
    const { rings, refused } = await rotate(world.rotation);
    if (refused) throw new Error(refused.message);
    const decision = rings[0]?.decision;
    if (decision?.step === "stop") return [...moves, decision.code];
    if (decision?.step === "advance") moves.push(decision.advance.move.kind);
    else if (decision?.step === "wait") {
      if (/jwks fetch/.test(decision.reason)) return moves;
      world.clock.set(Date.parse(decision.until));
    }
  }
  return moves;
}

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
  const fetched = await fetchFrom(world, [one, two]);
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
    { claim: "iss", value: NEW.iss },
    { claim: "aud", value: "api" },
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

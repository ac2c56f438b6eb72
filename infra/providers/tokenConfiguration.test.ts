import { beforeEach, describe, expect, test } from "vitest";
import type { Provider } from "../../lab/engine/provider.ts";
import { native } from "../../tests/support/native.ts";

const { serialized } = native<typeof import("../../tests/support/serialized.ts")>(
  "tests/support/serialized.ts",
);
const { createLocal } = native<typeof import("../../lab/local/local.ts")>("lab/local/local.ts");
const { tokenConfigurationProvider } = native<typeof import("./tokenConfiguration.ts")>(
  "infra/providers/tokenConfiguration.ts",
);

const ZONE = "023e105f4ecef8ad9ca31a8372d0c353";
const K1 = { name: "k1", kid: "kid-1", alg: "HS256", kty: "oct", state: "ACTIVE" };
const K2 = { name: "k2", kid: "kid-2", alg: "HS256", kty: "oct", state: "PUBLISHED" };
const SECRETS = {
  "kid-1": Buffer.from("1".repeat(64)).toString("base64url"),
  "kid-2": Buffer.from("2".repeat(64)).toString("base64url"),
};

const INPUTS = {
  zoneId: ZONE,
  ring: "shop",
  owner: "keyturn organization/keyturn/dev shop",
  title: "keyturn shop",
  description: "keys of shop [keyturn organization/keyturn/dev shop]",
  tokenSources: ['http.request.headers["authorization"][0]'],
  keys: [K1],
  secrets: { "kid-1": SECRETS["kid-1"] },
  keyLimit: 4,
  serial: 1,
  move: { kind: "create", key: "k1" },
  known: [K1, K2],
  ended: [],
  deletable: false,
  revision: 1,
};

const PUBLISH = {
  ...INPUTS,
  keys: [K1, K2],
  secrets: SECRETS,
  serial: 2,
  move: { kind: "publish", key: "k2" },
};

let edge: ReturnType<typeof createLocal>["edge"];
let provider: Provider;

beforeEach(async () => {
  edge = createLocal().edge;
  provider = await serialized(tokenConfigurationProvider, edge);
});

const stored = () => edge.world.zone(ZONE).tokenConfigurations;
const calls = () => edge.faults.calls.map(({ method, path }) => `${method} ${path.split("/").at(-1)}`);

async function reasons(olds: object, news: object): Promise<string[]> {
  const { failures } = await provider.check(olds as never, news as never);
  // The engine prints the value of the property that a failure names, so it must never be a secret one.
  expect(new Set(failures.map(({ property }) => property))).toEqual(
    new Set(failures.length > 0 ? ["serial"] : []),
  );
  return failures.map(({ reason }) => reason?.split(":")[0] ?? "");
}

describe("check", () => {
  test.each([
    ["a first configuration", {}, INPUTS, []],
    ["the same again", INPUTS, INPUTS, []],
    ["a move", INPUTS, PUBLISH, []],
    ["a lower serial", PUBLISH, INPUTS, ["FENCED"]],
    [
      "the same serial with another move",
      INPUTS,
      { ...INPUTS, move: { kind: "create", key: "k9" } },
      ["FENCED"],
    ],
    ["an empty set", INPUTS, { ...INPUTS, keys: [], serial: 2, ended: ["kid-1"] }, ["EMPTY_KEY_SET"]],
    ["a set over the limit", INPUTS, { ...PUBLISH, keyLimit: 1 }, ["KEY_LIMIT"]],
    ["a key that goes while it lives", PUBLISH, { ...PUBLISH, keys: [K2], serial: 3 }, ["KEY_IN_USE"]],
    ["a key that goes and has ended", PUBLISH, { ...PUBLISH, keys: [K2], serial: 3, ended: ["kid-1"] }, []],
    [
      "another secret under a known kid",
      INPUTS,
      { ...INPUTS, secrets: { "kid-1": SECRETS["kid-2"] } },
      ["OTHER_MATERIAL"],
    ],
    [
      "other public material under a known kid",
      { ...INPUTS, keys: [{ ...K1, kty: "EC", alg: "ES256", x: "a" }] },
      { ...INPUTS, keys: [{ ...K1, kty: "EC", alg: "ES256", x: "b" }] },
      ["OTHER_MATERIAL"],
    ],
  ])("%s", async (_label, olds, news, expected) => {
    expect(await reasons(olds, news)).toEqual(expected);
    expect(calls()).toEqual([]);
  });
});

describe("diff", () => {
  test.each([
    ["nothing", {}, { changes: false, replaces: [] }],
    ["a serial", { serial: 2 }, { changes: true, replaces: [] }],
    ["a new revision of this code", { revision: 2 }, { changes: true, replaces: [] }],
    ["another zone", { zoneId: "other" }, { changes: true, replaces: ["zoneId"] }],
  ])("%s", async (_label, change, expected) => {
    expect(await provider.diff("id", INPUTS, { ...INPUTS, ...change })).toEqual(expected);
  });

  test("drift that a refresh noted is a change", async () => {
    expect(await provider.diff("id", { ...INPUTS, drift: "title" }, INPUTS)).toEqual({
      changes: true,
      replaces: [],
    });
  });
});

describe("create and update", () => {
  test("one POST, read back; then one PUT of the whole set; then a PATCH that sends no secret again", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    expect(stored().map((entry) => [entry.id, entry.keys.map(({ kid }) => kid)])).toEqual([[id, ["kid-1"]]]);
    expect(outputs).toMatchObject({ configurationId: id, serial: 1 });
    const first = (outputs.readBackAt as Record<string, string>)["kid-1"] ?? "";
    expect(Date.parse(first)).toBeGreaterThan(edge.clock.now());

    (edge.clock as { advance?(ms: number): void }).advance?.(60_000);
    const { outputs: published } = await provider.update(id, outputs, PUBLISH);
    expect(stored()[0]?.keys.map(({ kid, k }) => [kid, k])).toEqual(Object.entries(SECRETS));
    expect((published.readBackAt as Record<string, string>)["kid-1"]).toBe(first);

    const retire = {
      ...PUBLISH,
      keys: [K2],
      ended: ["kid-1"],
      serial: 3,
      move: { kind: "retire", key: "k1" },
    };
    await provider.update(id, published, retire);
    expect(stored()[0]?.keys.map(({ kid, k }) => [kid, k])).toEqual([["kid-2", SECRETS["kid-2"]]]);
    expect(calls()).toEqual([
      "GET config",
      "POST config",
      `GET ${id}`,
      `GET ${id}`,
      "PUT credentials",
      `GET ${id}`,
      `GET ${id}`,
      "PATCH credentials",
      `GET ${id}`,
    ]);
  });

  test("a create whose answer was lost takes its own configuration over", async () => {
    edge.faults.add({ kind: "lostAnswer", method: "POST", nth: 1 });
    const { id } = await provider.create(INPUTS);
    expect(stored().map((entry) => entry.id)).toEqual([id]);
  });

  test("a changed title is sent without the keys", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    const before = calls().length;
    await provider.update(id, outputs, { ...INPUTS, title: "keyturn store" });
    expect(calls().slice(before)).toEqual([`GET ${id}`, `PATCH ${id}`]);
    expect(stored()[0]).toMatchObject({ title: "keyturn store", keys: [{ kid: "kid-1" }] });
  });

  test("without a move keys are never written, whatever Cloudflare holds", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    const [entry] = stored();
    if (entry) edge.world.commitZone(ZONE, "tokenConfigurations", [{ ...entry, keys: [] }]);
    await expect(provider.update(id, outputs, { ...INPUTS, title: "x" })).rejects.toThrow(/^DRIFT: /);
    expect(calls().filter((call) => call.endsWith("credentials"))).toEqual([]);
  });

  test("without a move a set is not written over, though a dead run may have left it", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    await provider.update(id, outputs, PUBLISH);
    const [entry] = stored();
    await expect(provider.update(id, outputs, { ...INPUTS, title: "x" })).rejects.toThrow(/^DRIFT: /);
    expect(stored()).toEqual([entry]);
  });

  test("what was proved of a key is void once its set is written over, or was found changed", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    const stamps = async (olds: object, change: object) => {
      (edge.clock as { advance?(ms: number): void }).advance?.(60_000);
      const { outputs: updated } = await provider.update(id, { ...outputs, ...olds } as never, {
        ...INPUTS,
        ...change,
      });
      return updated.readBackAt as Record<string, string>;
    };
    const restore = { serial: 2, move: { kind: "restore", key: "k1" } };
    const former = (outputs.readBackAt as Record<string, string>)["kid-1"] ?? "";
    expect(await stamps({}, { title: "x" })).toEqual({ "kid-1": former });
    for (const found of [await stamps({}, restore), await stamps({ drift: "keys are no key" }, {})])
      expect(Date.parse(found["kid-1"] ?? "")).toBeGreaterThan(Date.parse(former));
  });

  test("a configuration that is gone is said to be gone", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    edge.world.commitZone(ZONE, "tokenConfigurations", []);
    await expect(provider.update(id, outputs, PUBLISH)).rejects.toThrow(
      `CONFIGURATION_GONE: token configuration ${id} of ring shop does not exist any more: run \`pulumi refresh\`, then \`pulumi up\``,
    );
  });

  test("two configurations of one ring stop it", async () => {
    await provider.create(INPUTS);
    const [entry] = stored();
    if (entry) edge.world.commitZone(ZONE, "tokenConfigurations", [entry, { ...entry, id: "second" }]);
    await expect(provider.create(INPUTS)).rejects.toThrow(/^TWO_CONFIGURATIONS: /);
  });
});

describe("read and delete", () => {
  test("a refresh says what differs, and nothing where nothing does", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    expect((await provider.read(id, outputs))?.properties.drift).toBeUndefined();
    const [entry] = stored();
    if (entry) edge.world.commitZone(ZONE, "tokenConfigurations", [{ ...entry, title: "theirs", keys: [] }]);
    expect((await provider.read(id, outputs))?.properties.drift).toBe("keys are no key; title");
    edge.world.commitZone(ZONE, "tokenConfigurations", []);
    expect(await provider.read(id, outputs)).toBeUndefined();
  });

  test("what is in use is not deleted", async () => {
    const { id, outputs } = await provider.create(INPUTS);
    await expect(provider.delete(id, outputs)).rejects.toThrow(/^NOT_DELETABLE: .*keyturn:deletable true/);
    expect(stored().length).toBe(1);
    const heal = edge.faults.add({ kind: "status", status: 403, method: "DELETE" });
    await expect(provider.delete(id, { ...outputs, deletable: true })).rejects.toThrow(/^API_FORBIDDEN: /);
    expect(stored().length).toBe(1);
    heal();
    await provider.delete(id, { ...outputs, deletable: true });
    expect(stored()).toEqual([]);
    await provider.delete(id, { ...outputs, deletable: true });
  });
});

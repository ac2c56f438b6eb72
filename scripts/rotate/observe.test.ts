import { decodeProtectedHeader, exportJWK, generateKeyPair } from "jose";
import { expect, test } from "vitest";
import { CANARY_REFUSED, canaryAccepted } from "../../model/compile/replies.ts";
import type { JwtRing, Ring } from "../../model/definition/types.ts";
import { SettingsError } from "../../model/environment/settings.ts";
import type { Move, RingLedger } from "../../model/ring/ledger.ts";
import type { StateResource } from "../engine/engine.ts";
import { lookCloser, observe } from "./observe.ts";
import type { Reading, RingReport } from "./reading.ts";
import type { Turn } from "./turn.ts";
import type { LiveKey, LiveRule } from "./world.ts";

/* Long because every observation of one turn is told against the same world, which is stated here once. */

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const [EARLY, LATE, LATEST] = ["2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"];
const TOKENS = {
  id: "shop",
  kind: "jwt",
  issuers: ["shop"],
  audiences: ["api"],
  publishJwks: false,
} as Partial<JwtRing> as Ring;
const LINKS = { id: "shop", kind: "hmac" } as Ring;
const LEDGER = {
  ring: "shop",
  serial: 4,
  keys: [
    { name: "k1", kid: "kid-1", algorithm: "ES256", state: "ACTIVE" },
    { name: "k2", kid: "kid-2", algorithm: "ES256", state: "PUBLISHED" },
    { name: "k3", kid: "kid-3", algorithm: "ES256", state: "GENERATED" },
  ],
} as unknown as RingLedger;

const rule = (ref: string, rings = ["shop"]) => ({ ref, rings });
const zone = (zoneId: string, rules: object[]) => ({
  zoneId,
  rules: { http_request_firewall_custom: rules },
  tokenConfigurations: [{ ring: "shop" }],
  canaries: [],
});
const configuration = (zoneId: string, readBackAt: object, writtenAt = EARLY) => ({
  zoneId,
  configurationId: `c-${zoneId}`,
  readBackAt,
  writtenAt,
});

interface Around {
  readonly ring?: Ring;
  readonly report?: object;
  readonly zones?: readonly object[];
  readonly reading?: Partial<Reading>;
  readonly resources?: readonly object[];
  readonly live?: Readonly<Record<string, readonly LiveKey[] | undefined>>;
  readonly rules?: readonly string[];
}

/** A turn in which Cloudflare holds what `live` says, and what of it was asked for. */
function turnIn({
  ring = TOKENS,
  report = {},
  zones,
  reading,
  resources = [],
  live = {},
  rules = [],
}: Around) {
  const asked: string[] = [];
  const world = {
    now: () => NOW,
    liveKeys: async (zoneId: string) => {
      asked.push(zoneId);
      return live[zoneId];
    },
    liveRules: async ({ zone_id }: { zone_id: string }) => {
      asked.push(zone_id);
      return rules.map((ref) => ({ ref }) as LiveRule);
    },
  };
  const turn = {
    world,
    ring,
    ledger: LEDGER,
    resources: resources as readonly StateResource[],
    reading: {
      plan: { desired: { zones: zones ?? [zone("z1", []), zone("z2", [])] } },
      reports: { shop: report as RingReport },
      signers: {},
      jwks: {},
      samples: {},
      ...reading,
    },
  } as unknown as Turn;
  return { turn, asked };
}

const keys = (...kids: string[]) => kids.map((kid) => ({ kid, alg: "ES256" }));
const RIGHT = keys("kid-2", "kid-1");

test("a key is read back when the last zone has it, and not while one lacks it", async () => {
  const report = {
    configurations: [
      configuration("z1", { "kid-1": LATE, "kid-2": EARLY }, LATEST),
      configuration("z2", { "kid-1": EARLY }, LATE),
    ],
  };
  const { turn } = turnIn({ report, live: { z1: RIGHT, z2: RIGHT } });
  expect(await observe(turn)).toStrictEqual({ readBackAt: { k1: LATE }, writtenAt: LATEST });
  expect(await observe(turnIn({}).turn)).toEqual({ readBackAt: {} });
});

test("a secret of links is read back when the rules of the last zone have it", async () => {
  const report = {
    rules: [
      { readBackAt: { "shop/k1": EARLY, "shop/k2": EARLY }, writtenAt: EARLY },
      { readBackAt: { "shop/k1": LATEST, "shop/k3": LATE }, writtenAt: LATE },
    ],
  };
  const zones = [zone("z1", [rule("a")]), zone("z2", [rule("b"), rule("other", ["staff"])])];
  const { turn, asked } = turnIn({ ring: LINKS, report, zones, rules: ["a", "b"] });
  expect(await observe(turn)).toEqual({ readBackAt: { k1: LATEST }, writtenAt: LATE });
  expect(asked).toEqual(["z1", "z2"]);
});

test.each<[string, readonly LiveKey[] | undefined, string]>([
  ["a key too few", keys("kid-1"), "missing kid-2 ES256"],
  ["a key too many", keys("kid-1", "kid-2", "kid-9"), "unknown kid-9 ES256"],
  [
    "another algorithm",
    [...keys("kid-1"), { kid: "kid-2", alg: "ES384" }],
    "missing kid-2 ES256; unknown kid-2 ES384",
  ],
  ["no configuration at all", undefined, "token configuration c-z2 does not exist"],
])("of %s in one zone of two the difference is said, and what both hold", async (_label, found, drift) => {
  const report = { configurations: [configuration("z1", {}), configuration("z2", {})] };
  const { turn } = turnIn({ report, live: { z1: RIGHT, z2: found } });
  const live = found?.map(({ kid, alg }) => `${kid} ${alg}`);
  expect(await observe(turn)).toEqual({
    readBackAt: {},
    writtenAt: EARLY,
    drift,
    ...(live === undefined ? {} : { live: [["kid-2 ES256", "kid-1 ES256"], live] }),
  });
});

test("rules that hold link secrets and are gone are a difference, once they were deployed", async () => {
  const zones = [zone("z1", [rule("a"), rule("b")])];
  const gone = { ring: LINKS, zones, rules: ["a"] };
  expect(await observe(turnIn({ ...gone, report: { rules: [] } }).turn)).toEqual({
    readBackAt: {},
    drift: "rules are missing: b",
  });
  expect(await observe(turnIn(gone).turn)).toEqual({ readBackAt: {} });
});

const state = (kind: Move["kind"]) => ({
  type: "pulumi-nodejs:dynamic/keyturn:TokenConfiguration",
  inputs: { ring: "shop", serial: 5, move: { kind, key: "k2" } },
});

test("what a half-done move has changed is not foreign, and a promotion has changed nothing", async () => {
  const report = { configurations: [configuration("z1", {})] };
  const seen = async (kind: Move["kind"]) => {
    const { turn, asked } = turnIn({ report, resources: [state(kind)], live: { z1: keys("kid-1") } });
    const { unfinished, drift } = await observe(turn);
    return { kind: unfinished?.move.kind, drift, asked };
  };
  expect(await seen("retire")).toEqual({ kind: "retire", drift: undefined, asked: [] });
  expect(await seen("promote")).toEqual({ kind: "promote", drift: "missing kid-2 ES256", asked: ["z1"] });
});

test("a ring is used by a token configuration, or by a rule that checks its links", async () => {
  const bare = { ...zone("z1", [rule("a")]), tokenConfigurations: [] };
  const unused = async (ring: Ring, zones: object[]) =>
    (await observe(turnIn({ ring, zones, rules: ["a"] }).turn)).unused;
  expect(await unused(TOKENS, [{ ...bare, tokenConfigurations: [{ ring: "staff" }] }])).toBe(true);
  expect(await unused(TOKENS, [bare, zone("z2", [])])).toBeUndefined();
  expect(await unused(LINKS, [bare])).toBeUndefined();
  expect(await unused(LINKS, [zone("z1", []), bare])).toBeUndefined();
  expect(await unused(LINKS, [zone("z1", [rule("a", ["staff"])])])).toBe(true);
  const beside = { ...bare, tokenConfigurations: [{ ring: "staff" }, { ring: "shop" }] };
  expect(await unused(TOKENS, [beside])).toBeUndefined();
  expect(await unused(LINKS, [zone("z1", [rule("b", ["staff"]), rule("a")])])).toBeUndefined();
});

test("the published JWKS is looked at where the ring has one", async () => {
  const publishing = { ...TOKENS, publishJwks: true } as Ring;
  const reading = { jwks: { shop: ["kid-1"] } };
  expect((await observe(turnIn({ ring: publishing, reading }).turn)).jwks).toEqual(["kid-1"]);
  expect((await observe(turnIn({ ring: publishing }).turn)).jwks).toEqual([]);
  expect(await observe(turnIn({ reading }).turn)).not.toHaveProperty("jwks");
});

test("a key without its private part is no evidence, whatever was asked", async () => {
  const none = { at: "2026-11-22T12:00:00.000Z", rounds: 0, pops: [], key: "none", unknown: "none" };
  const { turn } = turnIn({});
  const seen = { readBackAt: { k1: EARLY } };
  expect(await lookCloser(turn, seen, { look: "canary", key: "k2" })).toEqual({ ...seen, canary: none });
  expect(await lookCloser(turn, seen, { look: "refused", key: "k2" })).toEqual({ ...seen, refused: none });
});

test("sample addresses that are wrong are why no sample counts", async () => {
  const problem = { code: "CONFIG_INVALID", message: "no address", hint: "write one" };
  const samples = new SettingsError([problem] as never);
  const { turn } = turnIn({ reading: { samples } });
  expect(await lookCloser(turn, { readBackAt: {} }, { look: "samples", key: "k1" })).toEqual({
    readBackAt: {},
    samples: { at: "2026-11-22T12:00:00.000Z", byKey: {}, uncounted: ["no address (write one)"] },
  });
});

test("a ring that has another id now is sampled at the address of that one, else at that of the former", async () => {
  const [now, former] = [
    { url: "https://now.example.com/", method: "GET", headers: {} },
    { url: "https://former.example.com/", method: "GET", headers: {} },
  ];
  const asked = async (samples: object) => {
    const { turn } = turnIn({ ring: { ...TOKENS, id: "store" } as Ring, reading: { samples } as never });
    const urls: string[] = [];
    const issuer = async ({ url }: { url: string }) => {
      urls.push(url);
      return { status: 0, body: "" };
    };
    const world = { ...turn.world, issuer } as unknown as Turn["world"];
    await lookCloser({ ...turn, world }, { readBackAt: {} }, { look: "samples", key: "k1" });
    return [...new Set(urls)];
  };
  expect(await asked({ shop: former })).toEqual([former.url]);
  expect(await asked({ store: now, shop: former })).toEqual([now.url]);
  expect(await asked({})).toEqual([]);
});

test("a canary is asked with the token where its host has the ring's tokens", async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const active = { ...(await exportJWK(privateKey)), kid: "kid-1", alg: "ES256" };
  const hosts = ["a.example.com", "b.example.com"];
  const zones = [{ ...zone("z1", []), canaries: hosts.map((host) => ({ ring: "shop", host, path: "/" })) }];
  const use = (ring: string, name: string) => ({ ring, sources: [{ kind: "header", name }] });
  const definitions = {
    hosts: [
      { host: "b.example.com", tokens: [use("shop", "x-b")] },
      { host: "a.example.com", tokens: [use("staff", "x-staff"), use("shop", "x-a")] },
    ],
  };
  const { turn } = turnIn({
    zones,
    reading: { signers: { shop: { retiring: [], retired: [], active } } } as never,
  });
  const sent = new Set<string>();
  const world = {
    ...turn.world,
    freshId: () => "stranger",
    edge: async ({ url, headers }: Request) => {
      for (const [name] of headers) if (name.startsWith("x-")) sent.add(`${new URL(url).host} ${name}`);
      return { status: CANARY_REFUSED.status_code, body: CANARY_REFUSED.content, pop: "" };
    },
  };
  const reading = { ...turn.reading, plan: { ...turn.reading.plan, definitions } } as unknown as Reading;
  await lookCloser({ ...turn, world, reading }, { readBackAt: {} }, { look: "canary", key: "k1" });
  expect([...sent].sort()).toEqual(["a.example.com x-a", "b.example.com x-b"]);
});

test("where zones disagree a new key is not there yet, and one that was taken away still is", async () => {
  const pair = async (kid: string) => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    return { ...(await exportJWK(privateKey)), kid, alg: "ES256" };
  };
  const [active, other] = [await pair("kid-1"), await pair("kid-2")];
  const zones = ["a.example.com", "b.example.com"].map((host) => ({
    ...zone(host, []),
    canaries: [
      { ring: "shop", host, path: "/.well-known/keyturn/shop" },
      { ring: "staff", host, path: "/.well-known/keyturn/staff" },
    ],
  }));
  const signers = (keys: object) => ({ signers: { shop: { retiring: [], retired: [], ...keys } } });
  const look = async (what: "canary" | "refused", key: string, keys: object) => {
    const { turn } = turnIn({ zones, reading: signers(keys) as never });
    const world = {
      ...turn.world,
      freshId: () => "stranger",
      edge: async ({ headers, url }: Request) => {
        const { kid } = decodeProtectedHeader(headers.get("authorization")?.slice(7) ?? "");
        const accepts = kid === "kid-1" || (kid === "kid-2" && url.startsWith("https://a."));
        const { status_code, content } = accepts ? canaryAccepted("shop") : CANARY_REFUSED;
        return { status: status_code, body: content, pop: "" };
      },
    };
    const reading = {
      ...turn.reading,
      plan: { ...turn.reading.plan, definitions: { hosts: [] } },
    } as unknown as Reading;
    const seen = await lookCloser({ ...turn, world, reading }, { readBackAt: {} }, { look: what, key });
    const { key: said, active: beside, unknown } = seen[what] ?? {};
    return [said, beside, unknown];
  };
  expect(await look("canary", "k2", { active, pending: other })).toEqual(["refused", "accepted", "refused"]);
  expect(await look("refused", "k2", { active, retired: [other] })).toEqual([
    "accepted",
    "accepted",
    "refused",
  ]);
  expect(await look("canary", "k1", { active })).toEqual(["accepted", undefined, "refused"]);
  expect(await look("canary", "k2", { pending: other })).toEqual(["refused", undefined, "refused"]);
  expect(await look("refused", "k2", { retired: [other], pending: active })).toEqual([
    "accepted",
    "accepted",
    "refused",
  ]);
});

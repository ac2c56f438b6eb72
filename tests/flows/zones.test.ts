import { describe, expect, test } from "vitest";
import { native } from "../support/native.ts";

const { activate, held, openProject, TWO_ZONES, ZONES } =
  native<typeof import("../support/twoZones.ts")>("tests/support/twoZones.ts");
const { leftAsItWas } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");

const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");

const [COM, ORG] = ZONES as [(typeof ZONES)[number], (typeof ZONES)[number]];
const { "org.yaml": org, ...withoutOrg } = TWO_ZONES;

const deployed = (async () => {
  const world = await openProject({ files: TWO_ZONES });
  const run = await world.local.runner.up();
  if (!run.ok) throw new Error(run.diagnostics.join("; "));
  const states = await activate(world, ["shop", "files"]);
  return { states, saved: world.save() };
})();

/** What an `up` of other definitions says, and what it changed. */
async function upWith(project: Partial<Parameters<typeof openProject>[0]>) {
  const { saved } = await deployed;
  const world = await openProject({ files: TWO_ZONES, from: saved, ...project });
  let said = "";
  const changed = await leftAsItWas(world, async () => {
    const { ok, diagnostics } = await world.local.runner.up();
    said = ok ? "ok" : diagnostics.join("; ");
  });
  return { world, said, changed };
}

describe("a stack with two zones", () => {
  test("a ring in both, read from another place in each, and a ring of links in one: both get their first key", async () => {
    expect((await deployed).states).toEqual({ shop: "k1 ACTIVE", files: "k1 ACTIVE" });
  });

  test("a second up writes nothing", async () => {
    const { said, changed } = await upWith({});
    expect({ said, changed }).toEqual({ said: "ok", changed: [] });
  });

  test("a zone whose hosts are gone is refused before anything is touched", async () => {
    const { said, changed } = await upWith({ files: withoutOrg });
    expect(changed).toEqual([]);
    expect(said).toBe(
      `ZONE_MISSING: the zone example.org (${ORG.id}) holds rules of this stack, and no host of the definitions is in it: update this checkout or put the hosts back. To give the zone up: from the definitions that still have it, \`pulumi config set keyturn:deletable true\` and \`pulumi up\`; then take it out and \`pulumi up\`; then set keyturn:deletable back to false`,
    );
  });

  test("and can be given up in the way that the refusal names", async () => {
    const first = await upWith({ deletable: true });
    expect(first.said).toBe("ok");
    const second = await openProject({ files: withoutOrg, deletable: true, from: first.world.save() });
    expect(await second.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
    expect(held(second, ORG)).toEqual([]);
    const third = await openProject({ files: withoutOrg, from: second.save() });
    expect(await third.local.runner.up()).toMatchObject({ ok: true });
    expect(held(third, COM)).toEqual(held((await upWith({})).world, COM));
  });

  test("a zone under another name is refused, a deletable one too", async () => {
    const zones = [COM, { ...ORG, name: "api.example.org" }];
    const { said, changed } = await upWith({ zones });
    expect(changed).toEqual([]);
    expect(said).toMatch(
      /^ZONE_RENAMED: the zone 123e\w+ was deployed as example.org and .* api.example.org/,
    );
    const { world } = await upWith({ deletable: true });
    const again = await openProject({ files: TWO_ZONES, zones, deletable: true, from: world.save() });
    expect((await again.local.runner.up()).diagnostics[0]).toMatch(/^ZONE_RENAMED/);
  });

  test("a ring that no host of a zone uses any more is refused: no revocation would reach its keys there", async () => {
    const files = {
      ...TWO_ZONES,
      "org.yaml":
        "host: api.example.org\nrules:\n  - { id: carts, match: { path: /carts/* }, expression: ip.src eq 192.0.2.1 }\n",
    };
    const { said, changed } = await upWith({ files });
    expect(changed).toEqual([]);
    expect(said).toMatch(/^RING_LEFT_ZONE: ring shop has a token configuration in example.org/);
  });
});

test("a zone that is added for a ring at work: its rules refuse only once the zone knows the ring's keys", async () => {
  const origin = await openProject({ files: withoutOrg });
  await origin.local.runner.up();
  await activate(origin, ["shop"]);
  const early = await openProject({ files: TWO_ZONES, from: origin.save() });
  let said = "";
  const changed = await leftAsItWas(early, async () => {
    said = (await early.local.runner.up()).diagnostics.join();
  });
  expect(changed).toEqual([]);
  expect(said).toMatch(/^RING_NEW_IN_ZONE: rule carts \(rules\/org\.yaml:4:9\) would refuse by ring shop/);
  const logged = { ...TWO_ZONES, "org.yaml": `${org}    mode: log\n` };
  const watching = await openProject({ files: logged, from: origin.save() });
  expect(await watching.local.runner.up()).toMatchObject({ ok: true });
  // The zone has the configuration now, and not every point of presence knows it yet.
  watching.clock.advance(1_000);
  const second = await openProject({ files: TWO_ZONES, from: watching.save() });
  expect((await second.local.runner.up()).diagnostics.join()).toMatch(/^RING_NEW_IN_ZONE: rule carts/);
  watching.clock.advance(661_000);
  expect(await rotate(watching.rotation, { rings: ["shop"] })).toMatchObject({
    ok: true,
    rings: [{ decision: { step: "advance", advance: { move: { kind: "settle", key: "k1" } } } }],
  });
  const late = await openProject({ files: TWO_ZONES, from: watching.save() });
  expect(await late.local.runner.up()).toMatchObject({ ok: true });
  expect(held(late, ORG)).toContain("keyturn:dev:api.example.org/401/shop/block/all block");
});

test("another stack of the same name does not take a stack's rules for its own", async () => {
  const { world } = await upWith({});
  const before = held(world, COM);
  const files = {
    "www.yaml":
      "host: www.example.com\nrules:\n  - { id: geo, match: { path: /geo }, expression: ip.src eq 192.0.2.1 }\n",
  };
  const other = await openProject({ files, edge: world.edge });
  expect((await other.local.runner.up()).diagnostics.join()).toMatch(
    /OWNED_BY_ANOTHER_STACK: phase http_request_firewall_custom of zone \w+ holds 7 rule\(s\) that are not this stack's .* prefix keyturn:dev: /,
  );
  expect(held(world, COM)).toEqual(before);
});

describe("the secret that an issuer signs with", () => {
  const secretsOf = async (world: Awaited<ReturnType<typeof upWith>>["world"]) => {
    const account = world.local.config["keyturn:accountId"] ?? "";
    return ["shop-key", "other-key"].map(
      (name) => world.edge.secretValue(account, "keyturn", name) !== undefined,
    );
  };
  const keys = TWO_ZONES["keys.yaml"];

  test("is not taken away by definitions without it", async () => {
    const { world, said } = await upWith({
      files: { ...TWO_ZONES, "keys.yaml": keys.replace("    signer: { secretsStore: shop-key }\n", "") },
    });
    expect(said).toMatch(/shop\.signer.* cannot be deleted because it is protected/);
    expect(await secretsOf(world)).toEqual([true, false]);
  });

  test("nor by another name for it, unless the stack was made deletable", async () => {
    const files = { ...TWO_ZONES, "keys.yaml": keys.replace("shop-key", "other-key") };
    const { world, said, changed } = await upWith({ files });
    expect(said).toMatch(/unable to replace resource .*shop\.signer.* marked for protection/);
    expect(changed.filter((call) => call.includes("/secrets"))).toEqual([]);
    expect(await secretsOf(world)).toEqual([true, false]);
    const deletable = await upWith({ deletable: true });
    const moved = await openProject({ files, deletable: true, from: deletable.world.save() });
    expect(await moved.local.runner.up()).toMatchObject({ ok: true });
    expect(await secretsOf(moved)).toEqual([false, true]);
  });
});

describe("a rule that refuses requests", () => {
  const staff = `  staff:
    algorithm: ES256
    tokens: { issuer: https://staff.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 30d }
`;
  const keys = { "keys.yaml": `${TWO_ZONES["keys.yaml"]}${staff}` };
  const switched = org.replace("ring: shop, scope: carts", "ring: staff, scope: carts");
  const both = org.replace(
    "tokens: { ring: shop, in: [cookie session] }",
    "tokens: [{ ring: shop, in: [cookie session] }, { ring: staff, in: [header authorization] }]",
  );

  test("is not opened by a ring that has no ACTIVE key yet", async () => {
    const bothButShop = both.replace("require: { ring: shop", "require: { ring: staff");
    const { said, changed } = await upWith({ files: { ...TWO_ZONES, ...keys, "org.yaml": bothButShop } });
    expect(changed).toEqual([]);
    expect(said).toBe(
      "RULE_WOULD_OPEN: rule carts (rules/org.yaml:6:14) refuses requests today, and ring staff, which it now names, has no ACTIVE key yet: it could only log, and the requests would pass. Keep ring shop in it; name ring staff under the host's `tokens` or in a rule with `mode: log`, deploy, and run `keyturn rotate staff` until its first key is ACTIVE; then change the rule. To let the requests pass, say `mode: log`",
    );
  });

  test("may be lowered by hand, which a reviewer sees", async () => {
    const lowered = switched
      .replace("tokens: { ring: shop", "tokens: [{ ring: shop")
      .replace("[cookie session] }", "[cookie session] }, { ring: staff, in: [header authorization] }]")
      .replace(/$/, "    mode: log\n");
    const { said, world } = await upWith({ files: { ...TWO_ZONES, ...keys, "org.yaml": lowered } });
    expect(said).toBe("ok");
    expect(held(world, ORG)).toContain("keyturn:dev:api.example.org/401/staff/log/all log");
  });

  test("takes the other ring in the way that the refusal names, and never stops to refuse", async () => {
    const beside = await upWith({ files: { ...TWO_ZONES, ...keys, "org.yaml": both } });
    expect(beside.said).toBe("ok");
    expect(await activate(beside.world, ["staff"])).toEqual({ staff: "k1 ACTIVE" });
    const from = beside.world.save();
    const files = {
      ...TWO_ZONES,
      ...keys,
      "org.yaml": both.replace("{ ring: shop, scope", "{ ring: staff, scope"),
    };
    const world = await openProject({ files, from });
    expect(await world.local.runner.up()).toMatchObject({ ok: true });
    expect(held(world, ORG)).toContain("keyturn:dev:api.example.org/401/staff/block/all block");
  });
});

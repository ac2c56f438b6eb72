import { afterAll, describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { openWorld } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { stages } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { programCopy } = native<typeof import("../support/programCopy.ts")>("tests/support/programCopy.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { revokeFirst } = native<typeof import("../support/revokeWalk.ts")>("tests/support/revokeWalk.ts");
const { removeTemporaryFolders } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 120_000 });
afterAll(removeTemporaryFolders);

type World = Awaited<ReturnType<typeof openWorld>>;
type Kind = World["kind"];

const SEEDS = Array.from({ length: 30 }, (_entry, index) => index + 1);

interface Step {
  readonly method: string;
  readonly what: "configuration" | "secret" | "rules" | "other";
  readonly object: string;
}

/** What the calls from `first` on were about, in order. */
function steps(world: World, first: number): Step[] {
  return world.calls.slice(first).map(({ method, path }) => {
    const [, configuration] = /token_validation\/config\/([^/?]+)/.exec(path) ?? [];
    if (configuration) return { method, what: "configuration", object: configuration };
    if (/secrets_store\/stores\/[^/]+\/secrets/.test(path)) return { method, what: "secret", object: path };
    const [, phase] = /phases\/([^/]+)\/entrypoint/.exec(path) ?? [];
    return phase ? { method, what: "rules", object: phase } : { method, what: "other", object: path };
  });
}

/**
 * What an order must not do: an issuer's secret written before every key set was read back (or, for links, before
 * the rules were), or rules written before the key sets.
 */
function violations(all: readonly Step[], links: boolean): string[] {
  const last = (what: Step["what"], object?: string) =>
    all.findLastIndex(
      (step) => step.what === what && step.method === "GET" && step.object === (object ?? step.object),
    );
  const secret = all.findIndex((step) => step.what === "secret" && step.method !== "GET");
  const rules = all.findIndex((step) => step.what === "rules" && step.method === "PUT");
  const found: string[] = [];
  if (secret >= 0 && secret < last("configuration"))
    found.push("the secret before the read-back of the key set");
  if (links && secret >= 0 && secret < last("rules", "http_request_firewall_custom"))
    found.push("the secret before the read-back of the rules");
  if (rules >= 0 && rules < last("configuration")) found.push("rules before the read-back of the key set");
  if (!links && secret >= 0 && rules >= 0 && rules < secret) found.push("rules before the secret");
  return found;
}

async function firstDeploy(kind: Kind, seed: number, local: object = {}): Promise<string[]> {
  const world = await openWorld({ kind, seed, local });
  expect(await world.local.runner.up()).toMatchObject({ ok: true, diagnostics: [] });
  return violations(steps(world, 0), kind === "links");
}

async function fromStage(
  kind: "asymmetric" | "links",
  stage: string,
  seed: number,
  act: (world: World) => Promise<unknown>,
  local: object = {},
) {
  const from = (await stages(kind)).get(stage);
  const world = await openWorld({ kind, seed, local, ...(from ? { from } : {}) });
  await act(world);
  expect(world.calls.some(({ method }) => method === "PATCH")).toBe(true);
  return violations(steps(world, 0), kind === "links");
}

describe("in every order in which independent resources can run", () => {
  test("a first deploy of the example writes key sets, then issuers' secrets, then rules", async () => {
    const orders = new Set<string>();
    for (const seed of SEEDS) {
      const world = await openWorld({ kind: "example", seed });
      await world.local.runner.up();
      const all = steps(world, 0);
      const { tokenConfigurations } = world.edge.world.zone(world.local.zones[0]?.id ?? "");
      const internal = tokenConfigurations.find(({ title }) => title.includes("internal"))?.id;
      expect(internal).toBeDefined();
      // The ring `internal` has no secret to deliver and no rate limit: only the custom rules need its key set.
      const storefront = all.filter(({ object }) => object !== internal);
      const rules = all.filter(({ what, object }) => what !== "secret" && object !== "http_ratelimit");
      expect([seed, violations(storefront, false), violations(rules, false)]).toEqual([seed, [], []]);
      orders.add(all.map(({ method, object }) => `${method} ${object}`).join());
    }
    // The seeds really give different orders.
    expect(orders.size).toBeGreaterThan(5);
  });

  test("a first deploy of a ring of links writes the rules first, then the secret", async () => {
    for (const seed of SEEDS.slice(0, 12))
      expect([seed, await firstDeploy("links", seed)]).toEqual([seed, []]);
  });

  test.each([
    ["asymmetric", "promote k1", 30],
    ["asymmetric", "promote k2", 8],
    ["links", "promote k2", 8],
  ] as const)(
    "a promotion changes the issuer's secret after all else is in place (%s, %s, %i orders)",
    async (kind, stage, count) => {
      for (const seed of SEEDS.slice(0, count)) {
        const found = await fromStage(kind, stage, seed, (world) => rotate(world.rotation));
        expect([seed, found]).toEqual([seed, []]);
      }
    },
  );

  test("a revocation takes the key away before the issuer gets another", async () => {
    for (const seed of SEEDS.slice(0, 6)) {
      const found = await fromStage("asymmetric", "generate k2", seed, (world) => revokeFirst(world));
      expect([seed, found]).toEqual([seed, []]);
    }
  });
});

describe("a program without the signer's dependency", () => {
  const program = programCopy("infra/ringSigner.ts", (text) =>
    text.replace("dependsOn: [...published],", ""),
  );

  test.each(["asymmetric", "links"] as const)("is caught at a first deploy (%s)", async (kind) => {
    const found: string[] = [];
    for (const seed of SEEDS.slice(0, 12)) found.push(...(await firstDeploy(kind, seed, { program })));
    expect(new Set(found)).toContain(
      kind === "links"
        ? "the secret before the read-back of the rules"
        : "the secret before the read-back of the key set",
    );
  });

  test("is caught at a promotion", async () => {
    const found: string[] = [];
    for (const seed of SEEDS.slice(0, 8)) {
      found.push(
        ...(await fromStage("asymmetric", "promote k2", seed, (world) => rotate(world.rotation), {
          program,
        })),
      );
    }
    expect(new Set(found)).toContain("the secret before the read-back of the key set");
  });
});

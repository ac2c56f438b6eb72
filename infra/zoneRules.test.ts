import { beforeAll, expect, test } from "vitest";
import { native } from "../tests/support/native.ts";

const { openWorld } = native<typeof import("../tests/support/world.ts")>("tests/support/world.ts");

/** The small project with links after its first `up`: what the engine keeps and what Cloudflare holds. */
let seen: {
  readonly phases: Record<string, { readonly rules: readonly { ref: string; expression: string }[] }>;
  readonly remote: Record<string, readonly { ref: string; expression: string }[]>;
  readonly secret: string;
};

beforeAll(async () => {
  const world = await openWorld({ kind: "links" });
  const run = await world.local.runner.up();
  if (!run.ok) throw new Error(run.diagnostics.join("; "));
  const resources = await world.local.runner.resources();
  const phases = resources.filter(({ type }) => type.endsWith(":PhaseRules"));
  const zone = world.local.zones[0]?.id ?? "";
  const { signers } = await world.local.runner.outputs();
  const { pending } = (signers as Record<string, { pending: { k: string } }>).shop ?? { pending: { k: "" } };
  seen = {
    phases: Object.fromEntries(phases.map(({ urn, inputs }) => [urn.split("::").at(-1), inputs as never])),
    remote: Object.fromEntries(
      world.edge.world.zone(zone).rulesets.map(({ phase, rules }) => [phase, rules as never]),
    ),
    secret: Buffer.from(pending.k, "base64url").toString(),
  };
});

test("a zone's rules are two resources, one for each phase, named by both", () => {
  expect(Object.keys(seen.phases).sort()).toEqual([
    "example.com.http_ratelimit",
    "example.com.http_request_firewall_custom",
  ]);
});

test("Cloudflare holds the rules in the order in which they were compiled", () => {
  const refs = seen.phases["example.com.http_request_firewall_custom"]?.rules.map(({ ref }) => ref);
  expect(refs).toContain("keyturn:dev:canary.shop");
  expect(seen.remote.http_request_firewall_custom?.map(({ ref }) => ref)).toEqual(refs);
});

test("a secret stands in Cloudflare's expression, and its name in what the engine shows", () => {
  expect(seen.secret).toHaveLength(64);
  const shown = JSON.stringify(seen.phases);
  expect(shown).toContain("{secret:shop/k1}");
  expect(shown).not.toContain(seen.secret);
  expect(JSON.stringify(seen.remote)).toContain(seen.secret);
});

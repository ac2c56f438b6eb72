import { createEdge } from "@keyturn/edge";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { openApi } from "./cloudflareApi.ts";
import { bringRules } from "./entryPoint.ts";
import type { RemoteRule } from "./ruleText.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const zoneId = "1".repeat(32);
const phase = "http_request_firewall_custom";
const zone = {
  id: zoneId,
  name: "example.com",
  accountId: "a".repeat(32),
  plan: "enterprise",
  addOns: [],
} as const;
const inputs = {
  zoneId,
  phase,
  refPrefix: "kt:dev:",
  rules: [],
  configurations: {},
  secrets: {},
  known: {},
  rings: {},
  enforced: {},
  deletable: true,
  revision: 1,
  compiled: "",
};
const ours = (ref: string): RemoteRule & Record<string, unknown> => ({
  ref: `kt:dev:${ref}`,
  description: "ours",
  expression: "ssl",
  action: "log",
  enabled: true,
});

/** Members that neither keyturn nor the edge knows. `__proto__` is none that JSON of the API has. */
const unknownMembers = fc.dictionary(
  fc.constantFrom("exposed_credential_check", "categories", "constructor", "zz", "a b", "10"),
  fc.jsonValue({ maxDepth: 3 }),
);
const foreignRule = fc
  .tuple(
    fc.record(
      {
        action: fc.constantFrom("log", "block", "managed_challenge"),
        expression: fc.constantFrom("ssl", 'http.host eq "a.example.com"'),
        description: fc.string({ maxLength: 20 }),
        enabled: fc.boolean(),
        logging: fc.record({ enabled: fc.boolean() }),
      },
      { requiredKeys: ["action", "expression"] },
    ),
    unknownMembers,
  )
  .map(([known, unknown]) => ({ ...unknown, ...known }));

test("foreign rules, members nobody knows included, are the same bytes after every deploy and destroy", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(foreignRule, { minLength: 1, maxLength: 4 }), async (foreign) => {
      const edge = createEdge({ zones: [zone] });
      vi.stubGlobal("fetch", edge.fetch);
      const api = await openApi({ token: "t".repeat(40), baseUrl: "https://api.invalid/client/v4" }, []);
      const path = `/zones/${zoneId}/rulesets/phases/${phase}/entrypoint`;
      await api.call("put", path, { rules: foreign });
      const read = async () => (await api.call("get", path)).result.rules as readonly RemoteRule[];
      const before = JSON.stringify(await read());
      for (const rules of [[ours("a")], [ours("a"), ours("b")], [ours("b")], []]) {
        await bringRules(api, inputs, rules, () => undefined);
        const after = await read();
        expect(after.slice(0, rules.length).map((rule) => rule.ref)).toEqual(rules.map((rule) => rule.ref));
        expect(JSON.stringify(after.slice(rules.length))).toBe(before);
      }
    }),
    { numRuns: 25, seed: 20261122 },
  );
});

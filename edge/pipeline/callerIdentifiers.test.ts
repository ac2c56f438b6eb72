import { describe, expect, it } from "vitest";
import type { Choices } from "../choices.ts";
import {
  CONFIGURATION,
  CONFIGURATION_ID,
  CUSTOM_RULES,
  enforce,
  get,
  rule,
  ruleset,
  testEdge,
  token,
  ZONE_ID,
} from "../testing.ts";
import { readSingularPath } from "./callerIdentifiers.ts";

describe("readSingularPath", () => {
  const document = { sub: "alice", user: { "e-mail": "a@example.com", ids: [7, 8] } };

  it.each([
    ["$", document],
    ["$.sub", "alice"],
    ["$.user['e-mail']", "a@example.com"],
    ['$["user"]["e-mail"]', "a@example.com"],
    ["$.user.ids[0]", 7],
    ["$.user.ids[-1]", 8],
    ["$.user.ids[2]", undefined],
    ["$.user.ids.length", undefined],
    ["$.sub.length", undefined],
    ["$.toString", undefined],
    ["$..sub", undefined],
    ["$.user.*", undefined],
    ["$.sub x", undefined],
    ["sub", undefined],
    ["", undefined],
  ])("%s", (path, expected) => {
    expect(readSingularPath(document, path)).toEqual(expected);
  });
});

describe("fields of API Shield", () => {
  function edgeWith(choices: Partial<Choices> = {}) {
    const { edge } = testEdge({ choices });
    edge.world.commitZone(ZONE_ID, "tokenConfigurations", [CONFIGURATION]);
    enforce(
      edge,
      ruleset(CUSTOM_RULES, [
        rule("identified", "cf.api_gateway.auth_id_present", { action: "log" }),
        rule("fallthrough", "cf.api_gateway.fallthrough_detected", { action: "log" }),
        rule("scored", "cf.waf.score lt 20", { action: "log" }),
      ]),
    );
    return edge;
  }

  it("auth_id_present: a header, a cookie, or a claim of a valid token", async () => {
    const edge = edgeWith();
    edge.world.commitZone(ZONE_ID, "authIdCharacteristics", [
      { type: "header", name: "X-Api-Key" },
      { type: "cookie", name: "session" },
      { type: "jwt", name: `${CONFIGURATION_ID}:$.user.id` },
    ]);
    const identified = async (...headers: [string, string][]) =>
      (await edge.handle(get("/", ...headers))).verdict.hits.some((hit) => hit.ref === "identified");
    expect(await identified()).toBe(false);
    expect(await identified(["x-api-key", "1"])).toBe(true);
    expect(await identified(["cookie", "session=1"])).toBe(true);
    expect(await identified(["authorization", token({ user: { id: 7 } })])).toBe(true);
    expect(await identified(["authorization", token({ user: { id: null } })])).toBe(false);
    expect(await identified(["authorization", token({ user: { id: 7 } }, Buffer.alloc(32, 9))])).toBe(false);
  });

  it("fallthrough_detected: no saved operation matches, or one does if chosen so", async () => {
    const operation = {
      operation_id: "1",
      method: "GET",
      host: "api.example.com",
      endpoint: "/a",
      last_updated: "",
    };
    for (const [fallthroughDetected, expected] of [
      ["unmatched", [false, true]],
      ["matched", [true, false]],
    ] as const) {
      const edge = edgeWith({ fallthroughDetected });
      edge.world.commitZone(ZONE_ID, "operations", [operation]);
      const seen = [];
      for (const path of ["/a", "/b"]) {
        seen.push((await edge.handle(get(path))).verdict.hits.some((hit) => hit.ref === "fallthrough"));
      }
      expect(seen).toEqual(expected);
    }
  });

  it("takes fields that only Cloudflare can know from the visitor", async () => {
    const edge = edgeWith();
    const { verdict } = await edge.handle(get("/"), { fields: { "cf.waf.score": 5 } });
    expect(verdict.hits.map((hit) => hit.ref)).toContain("scored");
    expect((await edge.handle(get("/"))).verdict.hits.map((hit) => hit.ref)).not.toContain("scored");
  });
});

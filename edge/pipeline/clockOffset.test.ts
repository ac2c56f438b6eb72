import { expect, test } from "vitest";
import { constantLag } from "../index.ts";
import {
  CONFIGURATION,
  CONFIGURATION_ID,
  CUSTOM_RULES,
  enforce,
  get,
  rule,
  ruleset,
  START_MS,
  testEdge,
  token,
  ZONE_ID,
} from "../testing.ts";

test("a place judges times by its own clock and learns of changes by the true one", async () => {
  const { clock, edge } = testEdge({
    pops: [
      { name: "AMS", lag: constantLag(0) },
      { name: "LATE", lag: constantLag(3_000), clockOffset: -5_000 },
      { name: "EARLY", lag: constantLag(3_000), clockOffset: 5_000 },
    ],
  });
  edge.world.commitZone(ZONE_ID, "tokenConfigurations", [CONFIGURATION]);
  enforce(
    edge,
    ruleset(CUSTOM_RULES, [rule("guard", `not len(http.request.jwt.claims["${CONFIGURATION_ID}"][0]) > 0`)]),
  );
  const sent = get("/", ["authorization", token({ exp: START_MS / 1000 - 50 })]);
  const outcomes = async () =>
    Promise.all(
      ["AMS", "LATE", "EARLY"].map(async (pop) => (await edge.handle(sent, { pop })).verdict.outcome),
    );
  clock.advance(2_999);
  expect(await outcomes()).toEqual(["origin", "origin", "origin"]);
  expect((await edge.handle(get("/"), { pop: "LATE" })).verdict.outcome).toBe("origin");
  clock.advance(1);
  expect((await edge.handle(get("/"), { pop: "LATE" })).verdict.outcome).toBe("blocked");
  clock.advance(3_000);
  expect(await outcomes()).toEqual(["origin", "origin", "blocked"]);
  clock.advance(5_000);
  expect(await outcomes()).toEqual(["blocked", "origin", "blocked"]);
  clock.advance(5_000);
  expect(await outcomes()).toEqual(["blocked", "blocked", "blocked"]);
});

import { expect, test } from "vitest";
import type { Zone } from "../definition/types.ts";
import { zoneProblems } from "./check.ts";
import { enterprise } from "./testing/exampleRules.ts";
import type { DesiredRule, DesiredZone } from "./types.ts";

const [zone] = enterprise.zones as [Zone];

function limited(characteristic: string): DesiredZone {
  const rule: DesiredRule = {
    ref: "keyturn:dev:rate/a",
    description: "a",
    expression: "ssl",
    action: "block",
    ratelimit: {
      characteristics: ["cf.colo.id", characteristic],
      period: 60,
      requests_per_period: 5,
      mitigation_timeout: 60,
    },
    enabled: true,
    rings: [],
    branches: [],
    at: { file: "a.yaml", line: 4, column: 9 },
  };
  return {
    zoneId: zone.id,
    zoneName: zone.name,
    tokenConfigurations: [],
    rules: { http_request_firewall_custom: [], http_ratelimit: [rule] },
    canaries: [],
  };
}

test("what a rate limit counts by is judged too", () => {
  expect(zoneProblems(limited("ip.src"), zone)).toEqual([]);
  expect(zoneProblems(limited("ip.scr"), zone)).toEqual([
    {
      code: "EXPRESSION_INVALID",
      file: "a.yaml",
      line: 4,
      column: 9,
      severity: "error",
      message: "the rule keyturn:dev:rate/a would be refused: there is no field ip.scr",
      hint: "did you mean ip.src?",
    },
  ]);
  expect(zoneProblems(limited("ip.src ip.src"), zone).map((each) => each.code)).toEqual([
    "EXPRESSION_INVALID",
  ]);
});

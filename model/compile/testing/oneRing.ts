import { loadDefinitions } from "../../definition/load.ts";
import type { Environment } from "../../definition/types.ts";
import type { Problem } from "../../problem/problem.ts";
import { assumedRingStates, compile } from "../compile.ts";
import { decidedBy } from "../decidedBy.ts";
import type { DesiredState } from "../types.ts";
import { enterprise } from "./exampleRules.ts";
import { acting, holds, type TestRequest } from "./verdict.ts";

/** What rules of api.example.com, with the one ring `shop`, come to, and all that is said of them. */
export function compiledRules(
  rules: readonly unknown[],
  more: Readonly<Record<string, unknown>> = {},
  environment: Environment = enterprise,
): { readonly desired: DesiredState; readonly problems: readonly Problem[] } {
  const file = {
    keys: {
      shop: {
        algorithm: "ES256",
        tokens: { issuer: "https://auth.example.com/", audience: "api", lifetime: "15m" },
        rotation: { every: "90d" },
      },
    },
    host: "api.example.com",
    tokens: { ring: "shop", in: ["header authorization"] },
    rules,
    ...more,
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    environment,
  );
  const desired = compile(definitions, environment, assumedRingStates(definitions));
  return { desired, problems: [...problems, ...desired.problems] };
}

/** The first custom rule that stops the request, as its status and the ids of the rules that decide; `passes` without one. */
export function answered(desired: DesiredState, request: TestRequest): string {
  const [rule] = acting(desired, request);
  if (rule === undefined) return "passes";
  const by = decidedBy(desired, rule.ref, (expression) => holds(expression, request));
  return `${rule.action_parameters?.response.status_code} ${by.join()}`;
}

import type { Ruleset } from "../../world/types.ts";
import { type Problem, problem } from "../errors.ts";
import type { ScopedCall } from "../route.ts";
import { rulesetPhase } from "./phases.ts";

/** Everything that is wrong with a ruleset as it would be stored, each problem with its pointer. */
export function rulesetProblems(call: ScopedCall, ruleset: Omit<Ruleset, "version">): readonly Problem[] {
  const phase = rulesetPhase(ruleset.phase);
  return ruleset.rules.flatMap((rule, index) => {
    const pointer = `/rules/${index}`;
    const limit = call.limit("expressionLength");
    return [
      ...(phase?.actions.includes(rule.action) === false
        ? [
            problem(
              "invalidValue",
              {
                value: rule.action,
                member: "action",
                why: `the phase ${ruleset.phase} has no such action`,
              },
              `${pointer}/action`,
            ),
          ]
        : []),
      ...(rule.expression.length > limit
        ? [problem("expressionTooLong", { length: rule.expression.length, limit }, `${pointer}/expression`)]
        : []),
    ];
  });
}

import { z } from "zod";
import type { Ruleset, RulesetRule } from "../../world/types.ts";
import { checked, jsonBody } from "../body.ts";
import { problem, refusal, refuseIfAny } from "../errors.ts";
import type { Reply } from "../reply.ts";
import { param, type Route, type ScopedCall, scopedRoutes } from "../route.ts";
import { changedRule, newRule } from "./buildRules.ts";
import { rulesetProblems } from "./check.ts";
import { placed } from "./position.ts";
import { oneWriteAtATime } from "./rulesets.ts";
import { sentPosition, sentRule } from "./sent.ts";
import { rulesetGroups, rulesetOf, saved } from "./target.ts";

const path = "/rulesets/:ruleset_id/rules";

/** `{Z|A}/rulesets/{id}/rules[/{rule_id}]`: every call answers the whole ruleset in a new version. */
export const ruleRoutes: readonly Route[] = [
  ...scopedRoutes("POST", path, rulesetGroups, create, { exclusive: oneWriteAtATime }),
  ...scopedRoutes("PATCH", `${path}/:rule_id`, rulesetGroups, update, { exclusive: oneWriteAtATime }),
  ...scopedRoutes("DELETE", `${path}/:rule_id`, rulesetGroups, remove, { exclusive: oneWriteAtATime }),
];

const withPosition = z.looseObject({ position: sentPosition.nullish() });

function ruleOf(call: ScopedCall, ruleset: Ruleset): RulesetRule {
  const id = param(call, "rule_id");
  const found = ruleset.rules.find((each) => each.id === id);
  if (found === undefined) throw refusal("notFound", { what: "rule" });
  return found;
}

function create(call: ScopedCall): Reply {
  const ruleset = rulesetOf(call);
  const { position, ...members } = jsonBody(call.body, withPosition);
  const rule = newRule(call.world, checked(members, sentRule));
  return store(call, ruleset, placed(ruleset.rules, rule, position));
}

/** Redefines the rule fully: what is left out is gone. With nothing but `position` it only moves. */
function update(call: ScopedCall): Reply {
  const ruleset = rulesetOf(call);
  const before = ruleOf(call, ruleset);
  const { position, ...members } = jsonBody(call.body, withPosition);
  const onlyMoves = Object.keys(members).every((name) => name === "id");
  const rule =
    onlyMoves && position !== undefined && position !== null
      ? before
      : changedRule(call.world, before, checked(members, sentRule));
  const rules =
    position === undefined || position === null
      ? ruleset.rules.map((each) => (each.id === before.id ? rule : each))
      : placed(
          ruleset.rules.filter((each) => each.id !== before.id),
          rule,
          position,
        );
  return store(call, ruleset, rules);
}

function remove(call: ScopedCall): Reply {
  const ruleset = rulesetOf(call);
  const { id } = ruleOf(call, ruleset);
  return store(
    call,
    ruleset,
    ruleset.rules.filter((each) => each.id !== id),
  );
}

function store(call: ScopedCall, before: Ruleset, rules: readonly RulesetRule[]): Reply {
  const places = new Map(rules.map((each, index) => [each.ref, index]));
  const doubled = rules.find((each, index) => places.get(each.ref) !== index)?.ref;
  const after = { ...before, rules };
  refuseIfAny([
    ...(doubled === undefined ? [] : [problem("doubledRef", { ref: doubled }, "/ref")]),
    ...rulesetProblems(call, after),
  ]);
  return saved(call, before, after);
}

import { z } from "zod";
import type { TokenRule } from "../../world/types.ts";
import { bodyLimits, jsonBody } from "../body.ts";
import { problemsOfEach, refusal, refuseIfAny } from "../errors.ts";
import { manyOf, paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { param, type Route, type ZoneCall, zoneRoute } from "../route.ts";
import { requireTokenValidation } from "./configs.ts";
import { newRuleSchema, ruleChangeSchema, type rulePosition, ruleProblems, selectorOf } from "./ruleBody.ts";

const path = "/token_validation/rules";

/** `Z/token_validation/rules…`. The order of the list is the order of precedence. */
export const tokenRuleRoutes: readonly Route[] = [
  zoneRoute("POST", path, "apiGateway", (call) =>
    ok(created(call, jsonBody(call.body, newRuleSchema(call)))),
  ),
  zoneRoute("GET", path, "apiGateway", list),
  zoneRoute("POST", `${path}/bulk`, "apiGateway", createMany, { body: bodyLimits.many }),
  zoneRoute("PATCH", `${path}/bulk`, "apiGateway", updateMany, { body: bodyLimits.many }),
  zoneRoute("GET", `${path}/:rule_id`, "apiGateway", (call) => ok(ruleOf(call))),
  zoneRoute("PATCH", `${path}/:rule_id`, "apiGateway", update),
  zoneRoute("DELETE", `${path}/:rule_id`, "apiGateway", remove),
];

type SentRule = z.infer<ReturnType<typeof newRuleSchema>>;
type SentChange = z.infer<ReturnType<typeof ruleChangeSchema>>;

function ruleOf(call: ZoneCall): TokenRule {
  requireTokenValidation(call);
  const id = param(call, "rule_id");
  const found = call.parts.tokenRules.find((each) => each.id === id);
  if (found === undefined) {
    throw refusal("notFound", { what: "token validation rule" });
  }
  return found;
}

function created(call: ZoneCall, sent: SentRule): TokenRule {
  requireTokenValidation(call);
  refuseIfAny(ruleProblems(call, problemView(sent), ""));
  const made = newRule(call, sent);
  call.commit("tokenRules", [...call.parts.tokenRules, made]);
  return made;
}

/** Creates all rules of an array or none. */
function createMany(call: ZoneCall): Reply {
  requireTokenValidation(call);
  const body = jsonBody(call.body, z.array(newRuleSchema(call)));
  refuseIfAny(problemsOfEach(body, (each, index) => ruleProblems(call, problemView(each), `/${index}`)));
  const made = body.map((each) => newRule(call, each));
  call.commit("tokenRules", [...call.parts.tokenRules, ...made]);
  return ok(made);
}

function newRule(call: ZoneCall, sent: SentRule): TokenRule {
  const now = call.world.timestamp();
  return {
    id: call.world.id("uuid"),
    title: sent.title,
    description: sent.description,
    action: sent.action,
    enabled: sent.enabled,
    expression: sent.expression,
    selector: selectorOf(sent.selector),
    created_at: now,
    last_updated: now,
  };
}

function list(call: ZoneCall): Reply {
  requireTokenValidation(call);
  const { query } = call;
  const ids = [...manyOf(query, "id"), ...manyOf(query, "rule_id")];
  const hosts = [...manyOf(query, "host"), ...manyOf(query, "hostname")];
  const configurations = manyOf(query, "token_configuration");
  const action = query.get("action");
  const enabled = query.get("enabled");
  return paged(
    query,
    call.parts.tokenRules.filter(
      (rule) =>
        (ids.length === 0 || ids.includes(rule.id)) &&
        (action === null || rule.action === action) &&
        (enabled === null || String(rule.enabled) === enabled) &&
        (hosts.length === 0 ||
          (rule.selector.include ?? []).some((part) =>
            (part.host ?? []).some((each) => hosts.includes(each)),
          )) &&
        (configurations.length === 0 || configurations.some((each) => rule.expression.includes(each))),
    ),
  );
}

function update(call: ZoneCall): Reply {
  const before = ruleOf(call);
  const body = jsonBody(call.body, ruleChangeSchema(call));
  const rules = changed(call, call.parts.tokenRules, before, body, "");
  call.commit("tokenRules", rules);
  return ok(rules.find((each) => each.id === before.id));
}

/** Changes and reorders rules in the order of the array: all of them or none. */
function updateMany(call: ZoneCall): Reply {
  requireTokenValidation(call);
  const body = jsonBody(call.body, z.array(ruleChangeSchema(call).extend({ id: z.string() })));
  let rules = call.parts.tokenRules;
  body.forEach((change, index) => {
    const before = rules.find((each) => each.id === change.id);
    if (before === undefined) throw refusal("notFound", { what: "token validation rule" }, `/${index}/id`);
    rules = changed(call, rules, before, change, `/${index}`);
  });
  call.commit("tokenRules", rules);
  return ok(body.map(({ id }) => rules.find((each) => each.id === id)));
}

function remove(call: ZoneCall): Reply {
  const { id } = ruleOf(call);
  call.commit(
    "tokenRules",
    call.parts.tokenRules.filter((each) => each.id !== id),
  );
  return ok({ id });
}

function changed(
  call: ZoneCall,
  rules: readonly TokenRule[],
  before: TokenRule,
  change: SentChange,
  prefix: string,
): readonly TokenRule[] {
  const { position, selector } = change;
  const after: TokenRule = {
    ...before,
    title: change.title ?? before.title,
    description: change.description ?? before.description,
    action: change.action ?? before.action,
    enabled: change.enabled ?? before.enabled,
    expression: change.expression ?? before.expression,
    selector: selector === undefined ? before.selector : selectorOf(selector),
    last_updated: call.world.timestamp(),
  };
  refuseIfAny(ruleProblems(call, after, prefix));
  if (position === undefined || position === null) {
    return rules.map((each) => (each.id === before.id ? after : each));
  }
  const others = rules.filter((each) => each.id !== before.id);
  return others.toSpliced(indexFor(others, position, prefix), 0, after);
}

function indexFor(
  others: readonly TokenRule[],
  position: z.infer<typeof rulePosition>,
  prefix: string,
): number {
  if ("index" in position) {
    const at = position.index - 1;
    if (at >= 0 && at <= others.length) return at;
    const what = `${position.index} is out of range`;
    throw refusal("badPosition", { where: "position.index", what }, `${prefix}/position/index`);
  }
  const side = "before" in position ? "before" : "after";
  const id = "before" in position ? position.before : position.after;
  const at = others.findIndex((each) => each.id === id);
  if (at === -1) {
    const what = "there is no other rule with this id";
    throw refusal("badPosition", { where: `position.${side}`, what }, `${prefix}/position/${side}`);
  }
  return side === "before" ? at : at + 1;
}

function problemView(sent: SentRule): Pick<TokenRule, "expression" | "selector"> {
  return { expression: sent.expression, selector: selectorOf(sent.selector) };
}

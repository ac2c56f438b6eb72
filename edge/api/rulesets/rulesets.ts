import type { Ruleset } from "../../world/types.ts";
import { bodyLimits, jsonBody } from "../body.ts";
import { type Problem, problem, refusal, refuseIfAny } from "../errors.ts";
import { cursorPaged, wholeNumber } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { type Call, param, type Route, type ScopedCall, scopedRoutes } from "../route.ts";
import { buildRules } from "./buildRules.ts";
import { rulesetProblems } from "./check.ts";
import { rulesetPhase } from "./phases.ts";
import { type SentRulesetChange, sentRuleset, sentRulesetChange } from "./sent.ts";
import {
  entryPointKind,
  entryPointOf,
  isDryRun,
  permitsPhase,
  requirePhase,
  requireRulesets,
  rulesetGroups,
  rulesetKey,
  rulesetOf,
  saved,
  withoutRules,
} from "./target.ts";

/** One write to a ruleset at a time, by the id in the path. */
export function oneWriteAtATime(call: Pick<Call, "params">): string {
  return rulesetKey(param(call, "ruleset_id"));
}

/** `{Z|A}/rulesets[/{ruleset_id}]`. */
export const rulesetRoutes: readonly Route[] = [
  ...scopedRoutes("GET", "/rulesets", rulesetGroups, list),
  ...scopedRoutes("POST", "/rulesets", rulesetGroups, create, { body: bodyLimits.rules }),
  ...scopedRoutes("GET", "/rulesets/:ruleset_id", rulesetGroups, (call) => ok(rulesetOf(call))),
  ...scopedRoutes(
    "PUT",
    "/rulesets/:ruleset_id",
    rulesetGroups,
    (call) => replaced(call, rulesetOf(call), jsonBody(call.body, sentRulesetChange)),
    { exclusive: oneWriteAtATime, body: bodyLimits.rules },
  ),
  ...scopedRoutes("DELETE", "/rulesets/:ruleset_id", rulesetGroups, remove, { exclusive: oneWriteAtATime }),
];

const mostPerPage = 50;

function list(call: ScopedCall): Reply {
  requireRulesets(call);
  const problems: Problem[] = [];
  const size = wholeNumber(call.query, "per_page", mostPerPage, { least: 1, most: mostPerPage }, problems);
  refuseIfAny(problems);
  const visible = call.parts.rulesets.filter((each) => permitsPhase(call, each.phase));
  return cursorPaged(call.query, visible.map(withoutRules), { size, place: "cursor" });
}

function create(call: ScopedCall): Reply {
  requireRulesets(call);
  const body = jsonBody(call.body, sentRuleset);
  const kind = entryPointKind(call);
  const phase = rulesetPhase(body.phase);
  const problems: Problem[] = [];
  if (body.kind !== kind && body.kind !== "custom") {
    const why = `${call.scope} rulesets have the kind ${kind} or custom`;
    problems.push(problem("invalidValue", { value: body.kind, member: "kind", why }, "/kind"));
  }
  if (phase === undefined) problems.push(unknownPhase(body.phase));
  else requirePhase(call, phase.name);
  if (phase !== undefined && body.kind === "custom" && !phase.custom) {
    const why = `the phase ${body.phase} has no custom rulesets`;
    problems.push(problem("invalidValue", { value: body.kind, member: "kind", why }, "/kind"));
  }
  if (body.kind === kind && entryPointOf(call, body.phase) !== undefined) {
    problems.push(problem("tooManyEntryPoints", { kind, phase: body.phase }, "/kind"));
  }
  refuseIfAny(problems);
  const made: Omit<Ruleset, "version"> = {
    id: call.world.id("hex32"),
    name: body.name,
    description: body.description ?? "",
    kind: body.kind === "custom" ? "custom" : kind,
    phase: body.phase,
    last_updated: call.world.timestamp(),
    rules: buildRules(call.world, [], body.rules ?? []),
  };
  refuseIfAny(rulesetProblems(call, made));
  return saved(call, undefined, made);
}

/** PUT: replaces all rules and the description. Name, kind and phase are immutable. */
export function replaced(call: ScopedCall, before: Ruleset, body: SentRulesetChange): Reply {
  const immutable = ["name", "kind", "phase"] as const;
  refuseIfAny(
    immutable.flatMap((member) => {
      const value = body[member];
      if (value === undefined || value === null || value === before[member]) return [];
      return [problem("invalidValue", { value, member, why: "it is immutable" }, `/${member}`)];
    }),
  );
  const after: Omit<Ruleset, "version"> = {
    ...before,
    description: body.description ?? before.description,
    rules: Array.isArray(body.rules) ? buildRules(call.world, before.rules, body.rules) : before.rules,
  };
  refuseIfAny(rulesetProblems(call, after));
  return saved(call, before, after);
}

/** The problem of a phase that has no rulesets. */
export function unknownPhase(phase: string): Problem {
  return problem("invalidValue", { value: phase, member: "phase", why: "there is no such phase" }, "/phase");
}

/** Deletes the ruleset with all its versions. */
function remove(call: ScopedCall): Reply {
  const { id, name } = rulesetOf(call);
  const user = call.parts.rulesets.find((each) =>
    each.rules.some((rule) => rule.action === "execute" && rule.action_parameters?.id === id),
  );
  if (user !== undefined) throw refusal("inUse", { what: "ruleset", name, by: `ruleset ${user.id}` });
  if (!isDryRun(call)) {
    call.commit(
      "rulesets",
      call.parts.rulesets.filter((each) => each.id !== id),
    );
    call.store.rulesetVersions.delete(id);
  }
  return { kind: "empty" };
}

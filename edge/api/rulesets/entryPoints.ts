import type { Ruleset } from "../../world/types.ts";
import { bodyLimits, jsonBody } from "../body.ts";
import { ApiError, refusal, refuseIfAny } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { accountParts, type Call, param, type Route, type ScopedCall, scopedRoutes } from "../route.ts";
import { buildRules } from "./buildRules.ts";
import { rulesetProblems } from "./check.ts";
import { rulesetPhase } from "./phases.ts";
import { replaced, unknownPhase } from "./rulesets.ts";
import { sentRulesetChange } from "./sent.ts";
import {
  entryPointKind,
  entryPointOf,
  requirePhase,
  requireRulesets,
  rulesetGroups,
  rulesetKey,
  saved,
} from "./target.ts";
import { versionList, versionOf } from "./versions.ts";

const path = "/rulesets/phases/:phase/entrypoint";

/** One write at a time, to the ruleset behind the path or, while there is none, to the path. */
function oneWriteAtATime({ params, world }: Pick<Call, "params" | "world">): string {
  const { zone_id: zoneId, account_id: accountId = "", phase = "" } = params;
  const isKnown = world.zones.some((zone) => zone.id === zoneId);
  const parts = isKnown && zoneId !== undefined ? world.zone(zoneId) : accountParts(world, accountId);
  const found = parts?.rulesets.find((each) => each.phase === phase && each.kind !== "custom");
  return found === undefined ? `entry point ${zoneId ?? accountId} ${phase}` : rulesetKey(found.id);
}

/** `{Z|A}/rulesets/phases/{phase}/entrypoint` and its versions. */
export const entryPointRoutes: readonly Route[] = [
  ...scopedRoutes("GET", path, rulesetGroups, (call) => ok(existing(call))),
  ...scopedRoutes("PUT", path, rulesetGroups, write, {
    exclusive: oneWriteAtATime,
    body: bodyLimits.rules,
  }),
  ...scopedRoutes("GET", `${path}/versions`, rulesetGroups, (call) => versionList(call, existing(call))),
  ...scopedRoutes("GET", `${path}/versions/:version`, rulesetGroups, (call) =>
    ok(versionOf(call, existing(call))),
  ),
];

function phaseOf(call: ScopedCall): string {
  requireRulesets(call);
  const name = param(call, "phase");
  if (rulesetPhase(name) === undefined) throw new ApiError([unknownPhase(name)]);
  requirePhase(call, name);
  return name;
}

function existing(call: ScopedCall): Ruleset {
  const phase = phaseOf(call);
  const found = entryPointOf(call, phase);
  if (found === undefined) {
    throw refusal("noEntryPoint", { phase });
  }
  return found;
}

function write(call: ScopedCall): Reply {
  const phase = phaseOf(call);
  const body = jsonBody(call.body, sentRulesetChange);
  const before = entryPointOf(call, phase);
  if (before !== undefined) return replaced(call, before, body);
  const made: Omit<Ruleset, "version"> = {
    id: call.world.id("hex32"),
    name: body.name ?? "default",
    description: body.description ?? "",
    kind: entryPointKind(call),
    phase,
    last_updated: call.world.timestamp(),
    rules: buildRules(call.world, [], body.rules ?? []),
  };
  refuseIfAny(rulesetProblems(call, made));
  return saved(call, undefined, made);
}

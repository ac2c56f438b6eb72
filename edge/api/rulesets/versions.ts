import type { Ruleset } from "../../world/types.ts";
import { refusal } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { param, type Route, type ScopedCall, scopedRoutes } from "../route.ts";
import { isDryRun, rulesetGroups, rulesetOf, withoutRules } from "./target.ts";

const path = "/rulesets/:ruleset_id/versions";

/** `{Z|A}/rulesets/{id}/versions[/{version}]`. */
export const versionRoutes: readonly Route[] = [
  ...scopedRoutes("GET", path, rulesetGroups, (call) => versionList(call, rulesetOf(call))),
  ...scopedRoutes("GET", `${path}/:version`, rulesetGroups, (call) => ok(versionOf(call, rulesetOf(call)))),
  ...scopedRoutes("DELETE", `${path}/:version`, rulesetGroups, remove),
];

/** All versions of a ruleset, oldest first, without their rules. */
export function versionList(call: ScopedCall, ruleset: Ruleset): Reply {
  return ok((call.store.rulesetVersions.get(ruleset.id) ?? []).map(withoutRules));
}

/** The version that the path names, with its rules, or 404. */
export function versionOf(call: ScopedCall, ruleset: Ruleset): Ruleset {
  const version = param(call, "version");
  const found = (call.store.rulesetVersions.get(ruleset.id) ?? []).find((each) => each.version === version);
  if (found === undefined) {
    throw refusal("notFound", { what: "ruleset version" });
  }
  return found;
}

function remove(call: ScopedCall): Reply {
  const ruleset = rulesetOf(call);
  const { version } = versionOf(call, ruleset);
  if (version === ruleset.version) throw refusal("currentVersion", { version });
  if (!isDryRun(call)) {
    const versions = call.store.rulesetVersions.get(ruleset.id) ?? [];
    call.store.rulesetVersions.set(
      ruleset.id,
      versions.filter((each) => each.version !== version),
    );
  }
  return { kind: "empty" };
}

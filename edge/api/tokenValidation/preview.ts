import { compileSelector, type SelectorState, selectedHosts } from "../../world/selector.ts";
import { jsonBody } from "../body.ts";
import { ok, type Reply } from "../reply.ts";
import { type Route, type ZoneCall, zoneRoute } from "../route.ts";
import { requireTokenValidation } from "./entitlement.ts";
import { selectorOf, selectorSchema } from "./ruleBody.ts";

const path = "/token_validation/rules/preview";

/** `…/rules/preview`: the documentation's text says POST, its example PUT. Neither changes anything. */
export const previewRoutes: readonly Route[] = [
  zoneRoute("POST", path, "apiGateway", preview, { access: "read" }),
  zoneRoute("PUT", path, "apiGateway", preview, { access: "read" }),
];

/** Every operation of the zone with what a selector makes of it, and the counts. `{}` lists all of them. */
function preview(call: ZoneCall): Reply {
  requireTokenValidation(call);
  const selector = selectorOf(jsonBody(call.body, selectorSchema));
  const stateOf = compileSelector(selector);
  const operations = call.parts.operations.map((each) => ({
    ...each,
    state: stateOf(each.operation_id, each.host),
  }));
  const count = (state: SelectorState) => operations.filter((each) => each.state === state).length;
  return ok({
    operations,
    total: operations.length,
    included: count("included"),
    excluded: count("excluded"),
    ignored: count("ignored"),
    selected_hosts: [...selectedHosts(selector)].toSorted(),
    available_hosts: [...new Set(operations.map((each) => each.host))].toSorted(),
  });
}

import type { z } from "zod";
import { jsonBody } from "../body.ts";
import { ok, type Reply } from "../reply.ts";
import { type Route, type ZoneCall, zoneRoute } from "../route.ts";
import { requireTokenValidation } from "./entitlement.ts";
import { selectorSchema } from "./ruleBody.ts";

const path = "/token_validation/rules/preview";

/** `…/rules/preview`: the documentation's text says POST, its example PUT. Neither changes anything. */
export const previewRoutes: readonly Route[] = [
  zoneRoute("POST", path, "apiGateway", preview, { access: "read" }),
  zoneRoute("PUT", path, "apiGateway", preview, { access: "read" }),
];

type State = "included" | "excluded" | "ignored";

/** Every operation of the zone with what a selector makes of it, and the counts. `{}` lists all of them. */
function preview(call: ZoneCall): Reply {
  requireTokenValidation(call);
  const selector = jsonBody(call.body, selectorSchema);
  const operations = call.parts.operations.map((each) => ({
    ...each,
    state: stateOf(selector, each.host, each.operation_id),
  }));
  const count = (state: State) => operations.filter((each) => each.state === state).length;
  const selected = new Set((selector.include ?? []).flatMap((part) => part.host ?? []));
  return ok({
    operations,
    total: operations.length,
    included: count("included"),
    excluded: count("excluded"),
    ignored: count("ignored"),
    selected_hosts: [...selected].toSorted(),
    available_hosts: [...new Set(operations.map((each) => each.host))].toSorted(),
  });
}

function stateOf(selector: z.infer<typeof selectorSchema>, host: string, id: string): State {
  const isIncluded = (selector.include ?? []).some((part) => part.host?.includes(host) === true);
  if (!isIncluded) return "ignored";
  const isExcluded = (selector.exclude ?? []).some((part) => part.operation_ids?.includes(id) === true);
  return isExcluded ? "excluded" : "included";
}

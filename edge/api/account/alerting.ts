import { z } from "zod";
import { jsonBody } from "../body.ts";
import { refusal } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import type { NotificationPolicy } from "../store.ts";

const path = "/alerting/v3/policies";

/** `A/alerting/v3/policies[/{id}]`: notification policies. Nothing here sends a notification. */
export const alertingRoutes: readonly Route[] = [
  accountRoute("POST", path, "alerting", create),
  accountRoute("GET", path, "alerting", (call) => ok([...policiesOf(call).values()].map(answered))),
  accountRoute("GET", `${path}/:policy_id`, "alerting", (call) => ok(answered(policyOf(call)))),
  accountRoute("PUT", `${path}/:policy_id`, "alerting", update),
  accountRoute("DELETE", `${path}/:policy_id`, "alerting", remove),
];

const destinations = z.array(z.looseObject({ id: z.string() })).nullish();

const policy = z.object({
  name: z.string().min(1),
  alert_type: z.string().min(1),
  enabled: z.boolean().default(true),
  mechanisms: z.looseObject({ email: destinations, webhooks: destinations, pagerduty: destinations }),
  filters: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  description: z.string().nullish(),
  alert_interval: z.string().nullish(),
});

function policiesOf(call: AccountCall): Map<string, NotificationPolicy> {
  return call.store.account(call.accountId).policies;
}

function policyOf(call: AccountCall): NotificationPolicy {
  const found = policiesOf(call).get(param(call, "policy_id"));
  if (found === undefined) throw refusal("notFound", { what: "policy" });
  return found;
}

function create(call: AccountCall): Reply {
  const members = withoutNulls(jsonBody(call.body, policy));
  const now = call.world.timestamp();
  const made: NotificationPolicy = { id: call.world.id("hex32"), members, created: now, modified: now };
  policiesOf(call).set(made.id, made);
  return ok(answered(made));
}

/** What is left out stays; null removes it. */
function update(call: AccountCall): Reply {
  const before = policyOf(call);
  const sent = jsonBody(call.body, policy.partial().extend({ enabled: z.boolean().optional() }));
  const members = withoutNulls({ ...before.members, ...sent });
  const changed: NotificationPolicy = { ...before, members, modified: call.world.timestamp() };
  policiesOf(call).set(changed.id, changed);
  return ok(answered(changed));
}

function remove(call: AccountCall): Reply {
  const { id } = policyOf(call);
  policiesOf(call).delete(id);
  return ok({ id });
}

function withoutNulls(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  );
}

function answered({ id, members, created, modified }: NotificationPolicy) {
  return { id, ...members, created, modified };
}

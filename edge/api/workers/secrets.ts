import { z } from "zod";
import { bodyLimits, jsonBody } from "../body.ts";
import { problem, refusal, refuseIfAny } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import type { Binding, Store, WorkerScript } from "../store.ts";
import { deployBindings, scriptOf } from "./scripts.ts";

const path = "/workers/scripts/:script_name";

/** `A/workers/scripts/{name}/secrets…`: each write makes a new version and deploys it at once. */
export const workerSecretRoutes: readonly Route[] = [
  accountRoute("PUT", `${path}/secrets`, "workers", write),
  accountRoute("GET", `${path}/secrets`, "workers", (call) => ok(secretsOf(scriptOf(call)).map(answered))),
  accountRoute("GET", `${path}/secrets/:secret_name`, "workers", (call) => ok(answered(secretOf(call)))),
  accountRoute("DELETE", `${path}/secrets/:secret_name`, "workers", remove),
  accountRoute("PATCH", `${path}/secrets-bulk`, "workers", writeMany, { body: bodyLimits.many }),
];

const secret = z.union([
  z.looseObject({ name: z.string().min(1), type: z.literal("secret_text"), text: z.string() }),
  z.looseObject({ name: z.string().min(1), type: z.literal("secret_key") }),
]);

/** The text of a Worker's secret, as its code reads it; undefined if there is none. */
export function workerSecret(
  store: Store,
  accountId: string,
  script: string,
  name: string,
): string | undefined {
  const found = store
    .account(accountId)
    .scripts.get(script)
    ?.bindings.find((each) => each.name === name);
  return typeof found?.text === "string" && found.type === "secret_text" ? found.text : undefined;
}

function isSecret(binding: Binding): boolean {
  return binding.type === "secret_text" || binding.type === "secret_key";
}

function secretsOf(script: WorkerScript): readonly Binding[] {
  return script.bindings.filter(isSecret);
}

function secretOf(call: AccountCall): Binding {
  const name = param(call, "secret_name");
  const found = secretsOf(scriptOf(call)).find((each) => each.name === name);
  if (found === undefined) throw refusal("notFound", { what: "secret" });
  return found;
}

function write(call: AccountCall): Reply {
  const script = scriptOf(call);
  const sent = jsonBody(call.body, secret);
  const others = script.bindings.filter((each) => each.name !== sent.name);
  deployBindings(call, script, [...others, sent]);
  return ok(answered(sent));
}

function remove(call: AccountCall): Reply {
  const script = scriptOf(call);
  const { name } = secretOf(call);
  deployBindings(
    call,
    script,
    script.bindings.filter((each) => each.name !== name),
  );
  return ok(null);
}

/** JSON Merge Patch (RFC 7396) over the secrets: `null` deletes one, what is not named stays. One version.
 * Answers the secrets by name. */
function writeMany(call: AccountCall): Reply {
  const script = scriptOf(call);
  const body = jsonBody(call.body, z.object({ secrets: z.record(z.string(), secret.nullable()).optional() }));
  const sent = Object.entries(body.secrets ?? {});
  const limit = call.limit("workerSecretsBulk");
  refuseIfAny(
    sent.length > limit
      ? [problem("tooMany", { what: "secrets", count: sent.length, limit }, "/secrets")]
      : [],
  );
  const named = new Set(sent.map(([name]) => name));
  const others = script.bindings.filter((each) => !named.has(each.name));
  const written = sent.flatMap(([name, each]) => (each === null ? [] : [{ ...each, name }]));
  deployBindings(call, script, [...others, ...written]);
  return ok(Object.fromEntries(secretsOf(scriptOf(call)).map((each) => [each.name, answered(each)])));
}

function answered({ name, type }: Binding) {
  return { name, type };
}

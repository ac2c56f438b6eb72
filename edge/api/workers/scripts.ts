import { bodyLimits } from "../body.ts";
import { type Problem, problem, refusal, refuseIfAny } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, param, type Route } from "../route.ts";
import type { Binding, WorkerModule, WorkerScript } from "../store.ts";
import { etagOf, handlersOf, metadataOf, uploadOf } from "./upload.ts";

const path = "/workers/scripts";

/** `A/workers/scripts…`: upload, settings, content, and the service that carries a script. */
export const scriptRoutes: readonly Route[] = [
  accountRoute("GET", path, "workers", (call) => ok([...scriptsOf(call).values()].map(described))),
  accountRoute("PUT", `${path}/:script_name`, "workers", upload, { body: bodyLimits.script }),
  accountRoute("GET", `${path}/:script_name`, "workers", (call) => content(scriptOf(call))),
  accountRoute("DELETE", `${path}/:script_name`, "workers", remove),
  accountRoute("GET", `${path}/:script_name/settings`, "workers", (call) => ok(settings(scriptOf(call)))),
  accountRoute("PATCH", `${path}/:script_name/settings`, "workers", changeSettings, {
    body: bodyLimits.script,
  }),
  accountRoute("GET", `${path}/:script_name/content/v2`, "workers", (call) => content(scriptOf(call))),
  accountRoute("GET", "/workers/services/:script_name", "workers", service),
];

/** The script that the path names, or 404. */
export function scriptOf(call: AccountCall): WorkerScript {
  const found = scriptsOf(call).get(param(call, "script_name"));
  if (found === undefined) throw refusal("notFound", { what: "script" });
  return found;
}

/** All scripts of the account of `call`, by name. */
export function scriptsOf(call: AccountCall): Map<string, WorkerScript> {
  return call.store.account(call.accountId).scripts;
}

/** Stores `bindings` as a new version, deployed at once; refuses what exceeds the limits of a Worker. */
export function deployBindings(call: AccountCall, script: WorkerScript, bindings: readonly Binding[]): void {
  refuseIfAny(bindingProblems(call, bindings));
  scriptsOf(call).set(script.name, {
    ...script,
    bindings,
    modified_on: call.world.timestamp(),
    version: script.version + 1,
  });
}

/** A binding as the API answers it: key material stays inside. */
export function withoutSecret(binding: Binding): Binding {
  const { text, key_base64: _raw, key_jwk: _jwk, ...rest } = binding;
  if (binding.type === "secret_text" || binding.type === "secret_key") return rest as Binding;
  return text === undefined ? (rest as Binding) : binding;
}

function bindingProblems(call: AccountCall, bindings: readonly Binding[]): readonly Problem[] {
  const most = call.limit("workerBindings");
  const limit = call.limit("workerSecretBytes");
  return [
    ...(bindings.length > most
      ? [problem("tooMany", { what: "bindings", count: bindings.length, limit: most })]
      : []),
    ...bindings.flatMap((each) => {
      const length = typeof each.text === "string" ? Buffer.byteLength(each.text) : 0;
      const where = `binding ${each.name}`;
      return length > limit ? [problem("valueTooLong", { where, length, limit })] : [];
    }),
  ];
}

function upload(call: AccountCall): Reply {
  const name = param(call, "script_name");
  const sent = uploadOf(call);
  const before = scriptsOf(call).get(name);
  const named = new Set(sent.bindings.map((each) => each.name));
  const kept = (before?.bindings ?? []).filter(
    (each) => sent.keepBindings.includes(each.type) && !named.has(each.name),
  );
  const bindings = [...sent.bindings, ...kept];
  refuseIfAny(bindingProblems(call, bindings));
  const now = call.world.timestamp();
  const script: WorkerScript = {
    name,
    modules: sent.modules,
    metadata: sent.metadata,
    bindings,
    created_on: before?.created_on ?? now,
    modified_on: now,
    etag: etagOf(sent.modules),
    version: (before?.version ?? 0) + 1,
  };
  scriptsOf(call).set(name, script);
  return ok({ ...described(script), startup_time_ms: 1 });
}

function remove(call: AccountCall): Reply {
  scriptsOf(call).delete(scriptOf(call).name);
  return ok({ id: null });
}

function described(script: WorkerScript) {
  return {
    id: script.name,
    created_on: script.created_on,
    modified_on: script.modified_on,
    etag: script.etag,
    handlers: handlersOf(script.modules),
    has_assets: false,
    has_modules: script.metadata.main_module !== undefined,
    usage_model: script.metadata.usage_model ?? "standard",
  };
}

/** The provider crashes on an answer without `placement`; an empty object is right. */
function settings(script: WorkerScript) {
  return { placement: {}, ...script.metadata, bindings: script.bindings.map(withoutSecret) };
}

/** Changes the members that are sent; a binding named without its secret keeps it. */
function changeSettings(call: AccountCall): Reply {
  const script = scriptOf(call);
  const sent = call.body.parts === undefined ? uploadless(call) : metadataOf(call.body.parts);
  const { bindings, ...members } = sent as { readonly bindings?: unknown };
  const list = Array.isArray(bindings) ? (bindings as readonly Binding[]) : undefined;
  const merged = list?.map((each) => {
    const old = script.bindings.find((other) => other.name === each.name && other.type === each.type);
    return old === undefined ? each : { ...old, ...each };
  });
  const changed: WorkerScript = { ...script, metadata: { ...script.metadata, ...members } };
  deployBindings(call, changed, merged ?? script.bindings);
  return ok(settings(scriptOf(call)));
}

function uploadless(call: AccountCall): never {
  throw refusal("invalidForm", {
    what: `the body must be multipart/form-data, not ${call.body.contentType === "" ? "empty" : "another type"}`,
  });
}

/** The modules as a form, or the script alone where it is no module; 204 where there is no content. */
function content(script: WorkerScript): Reply {
  const [first] = script.modules;
  if (first === undefined) return { kind: "empty" };
  const main = script.modules.find((each) => each.name === script.metadata.main_module) ?? first;
  const headers = { etag: script.etag, "cf-entrypoint": main.name };
  if (script.metadata.main_module === undefined) {
    return { kind: "raw", status: 200, contentType: "application/javascript", body: first.bytes, headers };
  }
  const boundary = script.etag;
  const others = script.modules.filter((each) => each !== main);
  const chunks = [main, ...others].flatMap((each) => [partHead(boundary, each), each.bytes, "\r\n"]);
  const bytes = [...chunks, `--${boundary}--\r\n`].map((each) =>
    typeof each === "string" ? Buffer.from(each) : Buffer.from(each),
  );
  const contentType = `multipart/form-data; boundary=${boundary}`;
  return { kind: "raw", status: 200, contentType, body: new Uint8Array(Buffer.concat(bytes)), headers };
}

function partHead(boundary: string, part: WorkerModule): string {
  const name = part.name.replace(/["\r\n]/g, "_");
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${part.contentType}\r\n\r\n`;
}

function service(call: AccountCall): Reply {
  const script = scriptOf(call);
  return ok({
    id: script.name,
    default_environment: { environment: "production", script: described(script) },
  });
}

import { createHash } from "node:crypto";
import { z } from "zod";
import { checked, jsonOf, type Part, textOf } from "../body.ts";
import { refusal } from "../errors.ts";
import type { Call } from "../route.ts";
import type { Binding, WorkerModule } from "../store.ts";

/** What an upload says: the metadata part and the modules beside it. */
export interface Upload {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly bindings: readonly Binding[];
  /** Types of bindings that stay although the upload does not name them. */
  readonly keepBindings: readonly string[];
  readonly modules: readonly WorkerModule[];
}

const binding = z.looseObject({ name: z.string().min(1), type: z.string().min(1) });

const metadataSchema = z.looseObject({
  main_module: z.string().optional(),
  body_part: z.string().optional(),
  bindings: z.array(binding).optional(),
  keep_bindings: z.array(z.string()).optional(),
});

/**
 * The upload of a form: part `metadata` (JSON) and one part for each module, named after it. Refuses a form
 * without metadata and one whose `main_module` or `body_part` names no part.
 */
export function uploadOf(call: Call): Upload {
  const { parts } = call.body;
  if (parts === undefined) throw refusal("invalidForm", { what: "the body must be multipart/form-data" });
  const sent = checked(metadataOf(parts), metadataSchema, "/metadata");
  const { bindings, keep_bindings: keepBindings, ...metadata } = sent;
  const modules = parts.filter((part) => !isMetadata(part)).map(moduleOf);
  const main = metadata.main_module ?? metadata.body_part;
  if (modules.length > 0 || main !== undefined) {
    if (!modules.some((each) => each.name === main)) {
      const what = "metadata.main_module or metadata.body_part must name a part of the form";
      throw refusal("invalidForm", { what }, "/metadata");
    }
  }
  return { metadata, bindings: (bindings ?? []) as Binding[], keepBindings: keepBindings ?? [], modules };
}

/** The settings part of a form: `settings` or `metadata`, JSON. */
export function metadataOf(parts: readonly Part[]): unknown {
  const whole = parts.find((part) => part.name === "metadata" || part.name === "settings");
  if (whole !== undefined) return jsonOf(textOf(whole.bytes));
  // The SDK flattens an object into one part for each member: metadata[main_module].
  const flat = parts.flatMap((part) => {
    const name = /^metadata\[(\w+)\]$/.exec(part.name)?.[1];
    return name === undefined ? [] : [[name, textOf(part.bytes)] as const];
  });
  if (flat.length > 0) return Object.fromEntries(flat);
  throw refusal("invalidForm", { what: "the form has no part metadata" });
}

function isMetadata(part: Part): boolean {
  return part.name === "metadata" || part.name === "settings" || part.name.startsWith("metadata[");
}

/** The SDK names file parts `files[]` or `files[x]`; their file name is the module's name. */
function moduleOf(part: Part): WorkerModule {
  const name = part.name.startsWith("files") && part.filename !== undefined ? part.filename : part.name;
  return { name, contentType: part.contentType, bytes: part.bytes };
}

/** A digest of all modules in hexadecimal, as `etag`. */
export function etagOf(modules: readonly WorkerModule[]): string {
  const hash = createHash("sha256");
  for (const each of modules) hash.update(each.name).update("\0").update(each.bytes).update("\0");
  return hash.digest("hex");
}

/** The handlers that a script's text exports, as far as its text shows them. */
export function handlersOf(modules: readonly WorkerModule[]): readonly string[] {
  const text = modules.map((each) => textOf(each.bytes)).join("\n");
  return ["fetch", "scheduled", "queue", "email", "tail"].filter((name) =>
    new RegExp(`\\b${name}\\s*(?:\\(|:)|addEventListener\\(\\s*["']${name}["']`).test(text),
  );
}

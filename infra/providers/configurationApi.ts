/** Reads and writes of one token configuration. */
import type { Api, ApiProblem } from "./cloudflareApi.ts";
import { failure } from "./cloudflareApi.ts";
import {
  type Inputs,
  identity,
  keySet,
  names,
  type PublishedKey,
  type RemoteConfiguration,
  type RemoteKey,
} from "./keySet.ts";

/** Writes that were answered and still do not show, before we say that Cloudflare dropped a key. */
const READ_BACK_ATTEMPTS = 3;

export function wire(keys: readonly PublishedKey[], secrets: Readonly<Record<string, string>>): object[] {
  return keys.map((key) => {
    const { kid, alg, kty, crv, x, y, n, e } = key;
    const k = secrets[kid];
    return { kid, alg, kty, crv, x, y, n, e, ...(k === undefined ? {} : { k }) };
  });
}

export function base(inputs: { readonly zoneId: string }): string {
  return `/zones/${inputs.zoneId}/token_validation/config`;
}

export async function readConfiguration(api: Api, inputs: { readonly zoneId: string }, id: string) {
  for (;;) {
    try {
      const answer = await api.call("get", `${base(inputs)}/${id}`);
      return { found: answer.result as RemoteConfiguration, at: answer.at };
    } catch (error) {
      const problem = error as ApiProblem;
      if (problem.status === 404) return undefined;
      await api.pause(problem);
    }
  }
}

export async function listConfigurations(
  api: Api,
  inputs: { readonly zoneId: string },
): Promise<RemoteConfiguration[]> {
  const all: RemoteConfiguration[] = [];
  for (let page = 1; ; page += 1) {
    let batch: RemoteConfiguration[];
    try {
      batch = (await api.call("get", `${base(inputs)}?page=${page}&per_page=50`)).result;
    } catch (error) {
      await api.pause(error as ApiProblem);
      page -= 1;
      continue;
    }
    const fresh = batch.filter((entry) => !all.some((known) => known.id === entry.id));
    if (fresh.length === 0) return all;
    all.push(...fresh);
  }
}

/**
 * Brings the key set from `before` to `after`: read, write, read back. The actual set must be one of the two; a
 * lost answer is found out by the next read, and the stamp is that of the read.
 */
export async function bringKeys(
  api: Api,
  inputs: Inputs,
  id: string,
  before: readonly PublishedKey[],
  restore: boolean,
  alreadyWritten = false,
): Promise<{ at: string; wrote: boolean }> {
  const wanted = keySet(inputs.keys);
  let wrote = alreadyWritten;
  let answered = 0;
  for (;;) {
    const actual = await readConfiguration(api, inputs, id);
    if (actual === undefined)
      throw failure(
        "CONFIGURATION_GONE",
        `token configuration ${id} of ring ${inputs.ring} does not exist any more: run \`pulumi refresh\`, then \`pulumi up\``,
      );
    const keys = actual.found.credentials?.keys ?? [];
    // Another secret under a known kid does not show: a restore writes what it cannot compare.
    const hidden = restore && !wrote && Object.keys(inputs.secrets).length > 0;
    if (keySet(keys) === wanted && !hidden) return { at: actual.at, wrote };
    if (answered >= READ_BACK_ATTEMPTS || (wrote && keySet(keys) !== keySet(before))) {
      throw failure(
        "READ_BACK_DIFFERS",
        `Cloudflare keeps ${names(keys)} of the keys sent for ring ${inputs.ring} (${names(inputs.keys)}): an unsupported key is dropped without an error. Compare its algorithm and size with what Cloudflare supports; \`keyturn abort ${inputs.ring}\` gives up a pending key`,
      );
    }
    if (!restore && keySet(keys) !== keySet(before)) throw drifted(inputs, keys, before);
    try {
      // A read may lag behind the write: the same set is written again some times, a second apart.
      if (answered > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      await writeKeys(api, inputs, id, hidden ? [] : keys);
      wrote = true;
      answered += 1;
    } catch (error) {
      await api.pause(error as ApiProblem);
    }
  }
}

export function drifted(inputs: Inputs, actual: readonly RemoteKey[], before: readonly RemoteKey[]): Error {
  return failure(
    "DRIFT",
    `the token configuration of ring ${inputs.ring} holds ${names(actual)}; the state says ${names(before)}, this move wants ${names(inputs.keys)}. Nothing was written. A rotation or revocation that was cut short: run it again, from the definitions that were deployed then. An older state: import the newest. Somebody else: find out who; \`keyturn rotate ${inputs.ring} --restore\` writes the ledger's keys`,
  );
}

/** PATCH where keys only go, so that kept secrets are not sent again; PUT otherwise. */
export async function writeKeys(
  api: Api,
  inputs: Inputs,
  id: string,
  actual: readonly RemoteKey[],
): Promise<void> {
  const known = new Set(actual.map(identity));
  const onlyRemoves = inputs.keys.every((key) => known.has(identity(key)));
  const keys = onlyRemoves ? wire(inputs.keys, {}) : wire(inputs.keys, inputs.secrets);
  await api.call(onlyRemoves ? "patch" : "put", `${base(inputs)}/${id}/credentials`, { keys });
}

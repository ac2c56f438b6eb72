/** Reads and writes of one token configuration. */

import { mendDrift } from "../../model/ring/mending.ts";
import type { Api, ApiProblem } from "./cloudflareApi.ts";
import { failure } from "./cloudflareApi.ts";
import { ATTEMPTS } from "./deadlines.ts";
import {
  type Inputs,
  identity,
  keySet,
  names,
  type PublishedKey,
  type RemoteConfiguration,
  type RemoteKey,
} from "./keySet.ts";

/** The keys as the API takes them; the secret of a symmetric one is its `k`. */
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
 * Brings the key set to what `inputs` want: read, write, read back. A lost answer is found out by the next read, and the
 * stamp is that of the read.
 *
 * @param isExpected whether the set that is there may be written over without being asked
 * @param over writes whatever is there, and what no read can compare
 * @param already the set from which somebody has written already
 */
export async function bringKeys(
  api: Api,
  inputs: Inputs,
  id: string,
  isExpected: (actual: readonly RemoteKey[]) => boolean,
  over: boolean,
  already?: readonly RemoteKey[],
): Promise<{ at: string; wrote: boolean }> {
  const wanted = keySet(inputs.keys);
  let before = already;
  let answered = 0;
  for (;;) {
    const actual = await readConfiguration(api, inputs, id);
    if (actual === undefined)
      throw failure(
        "CONFIGURATION_GONE",
        `token configuration ${id} of ring ${inputs.ring} does not exist any more: run \`pulumi refresh\`, then \`pulumi up\``,
      );
    const keys = actual.found.credentials?.keys ?? [];
    const wrote = before !== undefined;
    // Another secret under a known kid does not show: who writes over what is there writes what cannot be compared.
    const hidden = over && !wrote && Object.keys(inputs.secrets).length > 0;
    if (keySet(keys) === wanted && !hidden) return { at: actual.at, wrote };
    if (answered >= ATTEMPTS.readBack || (before !== undefined && keySet(keys) !== keySet(before))) {
      throw failure(
        "READ_BACK_DIFFERS",
        `Cloudflare keeps ${names(keys)} of the keys sent for ring ${inputs.ring} (${names(inputs.keys)}): an unsupported key is dropped without an error. Compare its algorithm and size with what Cloudflare supports; \`keyturn abort ${inputs.ring}\` gives up a pending key`,
      );
    }
    if (!over && !isExpected(keys)) throw drifted(inputs, keys);
    try {
      // A read may lag behind the write: the same set is written again some times, a second apart.
      if (answered > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      await writeKeys(api, inputs, id, hidden ? [] : keys);
      before = keys;
      answered += 1;
    } catch (error) {
      await api.pause(error as ApiProblem);
    }
  }
}

/** Why a key set is not written over. */
function drifted(inputs: Inputs, actual: readonly RemoteKey[]): Error {
  return failure(
    "DRIFT",
    `the token configuration of ring ${inputs.ring} holds ${names(actual)}; the ledger knows ${names(inputs.known)}, and ${names(inputs.keys)} must be there. Nothing was written. ${mendDrift(inputs.ring)}`,
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

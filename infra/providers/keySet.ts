/** The keys of a token configuration: what is sent, what is answered, and when two sets are the same. */

import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import { MEND_MATERIAL } from "../../model/ring/mending.ts";
import type { Fenced } from "./fence.ts";

/** A verification key as a reviewer sees it: public members only. */
export interface PublishedKey {
  readonly name: string;
  readonly kid: string;
  readonly alg: string;
  readonly kty: string;
  readonly state: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

/** Inputs as the provider's methods get them. */
export interface Inputs {
  readonly zoneId: string;
  readonly ring: string;
  /** Mark in the description that says whose configuration this is. */
  readonly owner: string;
  readonly title: string;
  readonly description: string;
  readonly tokenSources: readonly string[];
  readonly keys: readonly PublishedKey[];
  /** `k` (RFC 7518 §6.4.1) of each symmetric key, by kid. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly keyLimit: number;
  readonly serial: number;
  readonly move: Fenced["move"];
  /** Every key of the ring that exists, published or not: a run that died may have written any of them. */
  readonly known: readonly PublishedKey[];
  /** Kids that the ledger knows and does not publish; no other key may go. */
  readonly ended: readonly string[];
  readonly deletable: boolean;
  readonly revision: number;
}

const INPUTS: Readonly<Record<keyof Inputs, true>> = {
  zoneId: true,
  ring: true,
  owner: true,
  title: true,
  description: true,
  tokenSources: true,
  keys: true,
  secrets: true,
  keyLimit: true,
  serial: true,
  move: true,
  known: true,
  ended: true,
  deletable: true,
  revision: true,
};

/** The inputs whose change is an update. */
export const INPUT_NAMES = Object.keys(INPUTS) as readonly (keyof Inputs)[];

export interface Outputs extends Inputs {
  readonly configurationId: string;
  /** When each kid was first read back, RFC 3339. */
  readonly readBackAt: Readonly<Record<string, string>>;
  /** When the key set was last written and read back. */
  readonly writtenAt: string;
  /** What a refresh found to differ; absent when nothing does. */
  readonly drift?: string;
}

/** A key as the API answers it. */
export interface RemoteKey {
  readonly kid?: string;
  readonly alg?: string;
  readonly kty?: string;
}

/** A token configuration as the API answers it. */
export interface RemoteConfiguration {
  readonly id: string;
  readonly title?: string;
  readonly description?: string;
  readonly token_sources?: readonly string[];
  readonly credentials?: { readonly keys?: readonly RemoteKey[] };
}

/** The identity that must never change under a kid: algorithm, type and public material. `k` is never answered. */
export function identity(key: RemoteKey & Partial<PublishedKey>): string {
  const { kid, alg, kty, crv, x, y, n, e } = key;
  return canonicalJson({ kid, alg, kty, crv, x, y, n, e });
}

/** A key set without its order. */
export function keySet(keys: readonly RemoteKey[]): string {
  return canonicalJson(keys.map(identity).sort());
}

/**
 * True where every key at Cloudflare is one of ours and none is missing that was there before the move and stays after
 * it: whatever a run that died half-way can have left.
 */
export function isOurDoing(
  actual: readonly RemoteKey[],
  before: readonly PublishedKey[],
  after: Pick<Inputs, "keys" | "known">,
): boolean {
  const found = new Set(actual.map(identity));
  const ours = new Set([...before, ...after.keys, ...after.known].map(identity));
  const staying = new Set(before.map(identity));
  return (
    [...found].every((key) => ours.has(key)) &&
    after.keys.map(identity).every((key) => found.has(key) || !staying.has(key))
  );
}

export function names(keys: readonly RemoteKey[]): string {
  return keys.map((key) => `${key.kid} (${key.alg})`).join(", ") || "no key";
}

/**
 * What a provider's `check` refuses of a key set; empty when it may be written.
 *
 * @param over the move writes over whatever is there: keys go that a half-done move has published
 */
export function checkKeys(
  olds: Partial<Inputs>,
  news: Inputs,
  over: boolean,
): { property: string; reason: string }[] {
  const failures: { property: string; reason: string }[] = [];
  // The engine prints the value of the named property, so it must be one that is not secret.
  const refuse = (reason: string) => failures.push({ property: "serial", reason });
  if (!Array.isArray(news.keys) || news.keys.some((key) => typeof key !== "object")) return failures;
  if (news.keys.length === 0)
    refuse(`EMPTY_KEY_SET: ring ${news.ring} would have no key and refuse every token. Nothing was written`);
  if (news.keys.length > news.keyLimit)
    refuse(
      `KEY_LIMIT: ring ${news.ring} would hold ${news.keys.length} keys, the limit is ${news.keyLimit}. Nothing was written`,
    );
  for (const old of olds.keys ?? []) {
    const now = news.keys.find((key) => key.kid === old.kid && key.alg === old.alg);
    if (now === undefined) {
      if (news.ended.includes(old.kid) || over) continue;
      refuse(
        `KEY_IN_USE: key ${old.name} of ring ${news.ring} would go while its tokens may live. Nothing was written. \`keyturn rotate\` retires keys`,
      );
    } else if (identity(now) !== identity(old) || olds.secrets?.[old.kid] !== news.secrets?.[old.kid]) {
      refuse(
        `OTHER_MATERIAL: key ${old.name} of ring ${news.ring} would get other material under its kid, and every live token would be refused. ${MEND_MATERIAL}`,
      );
    }
  }
  return failures;
}

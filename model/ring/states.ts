/** The states of one key, in rank order, and which moves lead from one to the next (one table, read by all). */

import { canonicalJson } from "./canonicalJson.ts";

export const KEY_STATES = [
  "GENERATED",
  "PUBLISHED",
  "VERIFIED",
  "ACTIVE",
  "RETIRING",
  "RETIRED",
  "ABORTED",
  "REVOKED",
  "FORGOTTEN",
] as const;

export type KeyState = (typeof KEY_STATES)[number];

/** States in which the key is at Cloudflare and its tokens are accepted. */
const PUBLISHING: ReadonlySet<KeyState> = new Set(["PUBLISHED", "VERIFIED", "ACTIVE", "RETIRING"]);

/** States between creation and promotion; a ring has at most one such key. */
const PENDING: ReadonlySet<KeyState> = new Set(["GENERATED", "PUBLISHED", "VERIFIED"]);

/** True while Cloudflare must hold the key. */
export function isPublishing(state: KeyState): boolean {
  return PUBLISHING.has(state);
}

/** True while the key waits for its promotion. */
export function isPending(state: KeyState): boolean {
  return PENDING.has(state);
}

/** True while the ring may not be forgotten because of this key: it exists and has not ended. */
export function isLive(state: KeyState): boolean {
  return state === "GENERATED" || PUBLISHING.has(state);
}

export const MOVE_KINDS = [
  "create",
  "generate",
  "publish",
  "announce",
  "verify",
  "promote",
  "acknowledge",
  "attest",
  "retire",
  "confirm",
  "abort",
  "condemn",
  "substitute",
  "revoke",
  "doubt",
  "restore",
  "settle",
  "leave",
  "end",
  "adopt",
  "trust",
  "forget",
] as const;

export type MoveKind = (typeof MOVE_KINDS)[number];

export interface MoveRow {
  readonly kind: MoveKind;
  /** States the named key may be in before; empty: the key must not exist yet. */
  readonly from: readonly KeyState[];
  /** State afterwards; absent: the state stays. */
  readonly to?: KeyState;
  /** Touches no resource, so that nothing can cut it short: an intent that is kept before it is acted on. */
  readonly ledgerOnly?: true;
  readonly text: string;
}

/**
 * Every move a ring can make. `create` is made by a plain `up` for a ring the ledger does not know; all others
 * need an advance.
 */
export const MOVES: Readonly<Record<MoveKind, MoveRow>> = {
  create: { kind: "create", from: [], to: "PUBLISHED", text: "make and publish the first key" },
  generate: { kind: "generate", from: [], to: "GENERATED", text: "make the next key" },
  publish: { kind: "publish", from: ["GENERATED"], to: "PUBLISHED", text: "publish it beside the others" },
  announce: {
    kind: "announce",
    from: ["PUBLISHED"],
    text: "record that the published JWKS has it; the lead counts from here at the earliest",
  },
  verify: {
    kind: "verify",
    from: ["PUBLISHED", "VERIFIED"],
    to: "VERIFIED",
    text: "record that the edge accepts it",
  },
  promote: { kind: "promote", from: ["VERIFIED"], to: "ACTIVE", text: "sign with it from now on" },
  acknowledge: {
    kind: "acknowledge",
    from: ["RETIRING"],
    text: "record when the promotion was seen to be done; the overlap counts from here",
  },
  attest: {
    kind: "attest",
    from: ["RETIRING"],
    text: "record who says, in the place of samples, that issuers sign with the active key",
  },
  retire: { kind: "retire", from: ["RETIRING"], to: "RETIRED", text: "take it away from Cloudflare" },
  confirm: {
    kind: "confirm",
    from: ["RETIRED", "REVOKED", "ABORTED"],
    text: "record that the edge refuses it; its private part is destroyed",
  },
  abort: {
    kind: "abort",
    from: ["GENERATED", "PUBLISHED", "VERIFIED"],
    to: "ABORTED",
    text: "give up a key that never signed a production token",
  },
  // Before anything is taken away: whatever becomes of the run, the next one knows, and nothing brings the key back.
  condemn: {
    kind: "condemn",
    from: ["GENERATED", "PUBLISHED", "VERIFIED", "ACTIVE", "RETIRING"],
    ledgerOnly: true,
    text: "record that it is to be taken away",
  },
  // Not published in the same step: a run that died in it would leave a key at Cloudflare that no ledger knows.
  substitute: {
    kind: "substitute",
    from: [],
    to: "GENERATED",
    text: "make a substitute, which may take the reserve slot",
  },
  revoke: {
    kind: "revoke",
    from: ["GENERATED", "PUBLISHED", "VERIFIED", "ACTIVE", "RETIRING"],
    to: "REVOKED",
    text: "take it away at once",
  },
  doubt: {
    kind: "doubt",
    from: ["PUBLISHED", "VERIFIED"],
    to: "PUBLISHED",
    ledgerOnly: true,
    text: "record that its key set was found changed; it is written again before anything is proved",
  },
  restore: {
    kind: "restore",
    from: ["ACTIVE", "PUBLISHED", "VERIFIED"],
    text: "write the ledger's key set over a foreign change",
  },
  settle: {
    kind: "settle",
    from: ["ACTIVE"],
    text: "record that every point of presence knows where the ring's tokens are; rules may refuse there",
  },
  leave: {
    kind: "leave",
    from: ["ACTIVE"],
    ledgerOnly: true,
    text: "record that issuers or audiences were left out; tokens that have them hold for the overlap from here",
  },
  end: {
    kind: "end",
    from: ["ACTIVE"],
    ledgerOnly: true,
    text: "record that no such token is left: the next `up` takes them out of the rules",
  },
  adopt: {
    kind: "adopt",
    from: [],
    to: "PUBLISHED",
    text: "take keys of somebody else's set: published from now on, or with the `up` that deploys their ring",
  },
  trust: {
    kind: "trust",
    from: ["PUBLISHED"],
    to: "ACTIVE",
    text: "record that every point of presence knows the adopted keys; a ring's first ones switch its rules on",
  },
  forget: {
    kind: "forget",
    from: KEY_STATES,
    text: "give the whole ring up: nothing asks it any more, and its resources may go",
  },
};

/** The part of a move that says what it does. */
export interface MoveIdentity {
  readonly kind: string;
  readonly key: string;
  readonly substitute?: string | undefined;
  readonly over?: boolean | undefined;
  /** What `adopt` brings. */
  readonly set?: readonly object[] | undefined;
}

/**
 * True where two moves do the same, whenever they were decided and on what evidence: two runners that decide at once
 * on one ledger make one move.
 */
export function isSameMove(a: MoveIdentity, b: MoveIdentity): boolean {
  return (
    a.kind === b.kind &&
    a.key === b.key &&
    a.substitute === b.substitute &&
    // An end that is asked for ends what an ordinary one does not.
    (a.kind !== "end" || a.over === b.over) &&
    canonicalJson(a.set ?? []) === canonicalJson(b.set ?? [])
  );
}

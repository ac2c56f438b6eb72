import { renewalOf } from "../../model/mirror/renewals.ts";
import { stillAccepted } from "../../model/ring/accepts.ts";
import { decide } from "../../model/ring/decide.ts";
import type { Decision } from "../../model/ring/decision.ts";
import type { KeyRecord, RingLedger } from "../../model/ring/ledger.ts";
import { mismatch, ringLedgerOf } from "../../model/update/plan.ts";
import type { LockHolder } from "../engine/engine.ts";
import { type RuleInFront, rulesInFront } from "../rotate/inFront.ts";
import { observe } from "../rotate/observe.ts";
import { readStack } from "../rotate/reading.ts";
import { situationOf, type Turn } from "../rotate/turn.ts";
import type { RotationWorld } from "../rotate/world.ts";

export interface RingStatus {
  readonly ring: string;
  readonly kind: RingLedger["kind"];
  readonly serial: number;
  readonly keys: readonly Pick<KeyRecord, "name" | "algorithm" | "kid" | "state">[];
  readonly next: Decision;
  /** Issuers and audiences that a deploy left out, accepted until an instant; without one, `rotate` is to note it first. */
  readonly stillAccepts?: ReturnType<typeof stillAccepted>;
  /** The day by which whoever holds the private keys is to make others. */
  readonly renewBy?: string;
}

export interface StackStatus {
  readonly stack: string;
  readonly lock?: LockHolder;
  /** Why `rotate` moves no key at all. */
  readonly refused?: { readonly code: string; readonly message: string };
  readonly rings: readonly RingStatus[];
  /** What of others acts before our rules. */
  readonly inFront: readonly RuleInFront[];
}

/** Every ring's keys and the next step, as `rotate` would decide it now. Asks neither the edge nor the issuer. */
export async function readStatus(world: RotationWorld): Promise<StackStatus> {
  const reading = await readStack(world);
  const resources = await world.engine.resources();
  const lock = await world.engine.lock();
  const rings: RingStatus[] = [];
  for (const ring of reading.plan.definitions.rings) {
    const turn: Turn = { world, reading, resources, ring, ledger: ringLedgerOf(reading.plan.ledger, ring) };
    const { ledger } = turn;
    const situation = situationOf(turn, await observe(turn), {});
    const next = decide(situation);
    const stillAccepts = stillAccepted(ledger, situation.wanted.accepts);
    const keys = ledger.keys.map(({ name, algorithm, kid, state }) => ({ name, algorithm, kid, state }));
    const renewBy = renewalOf(ring);
    rings.push({
      ring: ring.id,
      kind: ledger.kind,
      serial: ledger.serial,
      keys,
      next,
      ...(stillAccepts.length === 0 ? {} : { stillAccepts }),
      ...(renewBy === undefined ? {} : { renewBy }),
    });
  }
  const inFront = await rulesInFront(world, reading.plan);
  const differs = mismatch(reading.plan);
  return {
    stack: world.engine.stack,
    ...(lock === undefined ? {} : { lock }),
    ...(differs === undefined ? {} : { refused: { code: differs.code, message: differs.message } }),
    rings,
    inFront,
  };
}

/** The status for a person. */
export function renderStatus(status: StackStatus): string {
  const locked = status.lock === undefined ? [] : [`locked by ${status.lock.who} since ${status.lock.since}`];
  const rings = status.rings.flatMap((ring) => [
    "",
    `${ring.ring} (${ring.kind}, serial ${ring.serial})`,
    ...ring.keys.map(
      (key) => `  ${key.name.padEnd(4)} ${key.state.padEnd(10)} ${key.algorithm.padEnd(6)} ${key.kid ?? "-"}`,
    ),
    ...(ring.stillAccepts ?? []).map(
      ({ what, until }) => `  still accepts ${what} ${until === undefined ? "(left out)" : `until ${until}`}`,
    ),
    `  next: ${nextStep(ring.next)}`,
    ...(ring.renewBy === undefined ? [] : [`  its keys are to be renewed by ${ring.renewBy}`]),
  ]);
  const refused = status.refused === undefined ? [] : [status.refused.message];
  const others = status.inFront.map(({ code, message }) => `${code}: ${message}`);
  return `${[status.stack, ...locked, ...refused, ...others, ...rings].join("\n")}\n`;
}

function nextStep(next: Decision): string {
  if (next.step === "wait") return `${next.until}, ${next.reason}`;
  if (next.step === "advance")
    return `${next.advance.move.kind} ${next.advance.move.key} now: ${next.reason}`;
  if (next.step === "look") return `\`keyturn rotate\` looks: ${next.reason}`;
  return `stopped, ${next.code}: ${next.reason}`;
}

import type { Ring } from "../../model/definition/types.ts";
import { advance as advanceOf, type Decision } from "../../model/ring/decision.ts";
import type { KeyRecord, Move, RingLedger } from "../../model/ring/ledger.ts";
import { nextName } from "../../model/ring/next.ts";
import { isLive, isPending, isPublishing } from "../../model/ring/states.ts";
import { ringLedgerOf } from "../../model/update/plan.ts";
import { lockedMessage, type RunResult } from "../engine/engine.ts";
import { lookCloser } from "./observe.ts";
import { type Reading, readStack, ringById } from "./reading.ts";
import { moveTargets } from "./targets.ts";
import { mustBeFinished, overtaking, unfinishedMove } from "./unfinished.ts";
import type { RotationWorld } from "./world.ts";

export interface RevokeOptions {
  readonly ring: string;
  /** The key to take away; the active one by default. */
  readonly key?: string;
  readonly reason?: string;
  /** Let time pass between two looks at a substitute that the edge does not accept yet. */
  readonly pause: (seconds: number) => Promise<void>;
}

export interface RevokeResult {
  readonly ok: boolean;
  readonly runs: readonly { readonly decision: Decision; readonly run: RunResult }[];
  readonly refused?: { readonly code: string; readonly message: string };
  /** Whether the canary had accepted the substitute when it took over. */
  readonly substituteProved?: boolean;
  /** What the edge says of the revoked key now. */
  readonly revokedKey?: "accepted" | "refused" | "none";
}

/** How often the canary is asked for a substitute, and how many seconds lie between. */
const PROOFS = 6;
const PROOF_PAUSE = 10;

/**
 * The emergency: take a key away now. An active one first gets a substitute, which is published, proved at the
 * canary path where that can be had within a minute, and takes over in the same update that removes the bad key.
 * Its tokens are refused from then on: that is the purpose. All updates touch the ring's own resources only.
 */
export async function revoke(world: RotationWorld, options: RevokeOptions): Promise<RevokeResult> {
  const runs: { decision: Decision; run: RunResult }[] = [];
  const stop = (code: string, message: string): RevokeResult => ({
    ok: false,
    runs,
    refused: { code, message },
  });
  const lock = await world.engine.lock();
  if (lock) return stop("STACK_LOCKED", lockedMessage(lock));
  let reading = await readStack(world);
  const ring = ringById(reading, options.ring);
  if (ring === undefined)
    return stop("RING_UNKNOWN", `the deployed definitions have no ring ${options.ring}`);
  let ledger = ringLedgerOf(reading.plan.ledger, ring);
  let bad = ledger.keys.find((key) =>
    options.key === undefined ? key.state === "ACTIVE" : key.name === options.key,
  );
  if (bad === undefined) return stop("KEY_UNKNOWN", `ring ${ring.id} has no ${options.key ?? "active key"}`);
  if (!isLive(bad.state)) {
    return stop("KEY_ENDED", `key ${bad.name} of ring ${ring.id} is ${bad.state} already`);
  }
  const go = async (move: Move, reason: string): Promise<boolean> => {
    const decision = await decideOn(world, reading, ledger, move, reason);
    const run = await world.engine.up({
      advance: { ...decision.advance, keysOnly: true },
      targets: moveTargets(ring, move.kind, reading.plan.desired),
    });
    runs.push({ decision, run });
    reading = await readStack(world);
    ledger = ringLedgerOf(reading.plan.ledger, ring);
    return run.ok;
  };
  const why = options.reason === undefined ? {} : { reason: options.reason };
  const open = unfinishedMove(ledger, await world.engine.resources());
  const isSame = open?.move.kind === "revoke" && open.move.key === bad.name;
  if (open !== undefined && mustBeFinished(open) && !isSame) {
    const name = bad.name;
    if (
      !(await go(open.move, `${open.move.kind} of ${open.move.key} was begun and not finished: first that`))
    )
      return { ok: false, runs };
    bad = ledger.keys.find((key) => key.name === name) ?? bad;
    if (!isLive(bad.state)) return { ok: true, runs, revokedKey: await probe(world, reading, ring, bad) };
  }
  const { name, state } = bad;
  const signs = state === "ACTIVE";
  const isOnly = ledger.keys.every((key) => key.name === name || !isPublishing(key.state));
  const other = () => ledger.keys.find((key) => key.name !== name && isPending(key.state));
  if (signs || isOnly) {
    const made =
      other() !== undefined ||
      (await go({ kind: "substitute", key: nextName(ledger), ...why }, `a substitute for ${name} is made`));
    const key = other();
    const published =
      key?.state !== "GENERATED" ||
      (await go({ kind: "publish", key: key.name }, `${key.name} is published to take over`));
    if (!made || !published) return { ok: false, runs };
    if (other() === undefined)
      return stop("NO_SUBSTITUTE", `ring ${ring.id} has no published key to take over`);
  }
  // In the place of a first key nothing takes over at once: the other one is proved and promoted as a first key is.
  const substitute = signs ? other() : undefined;
  const substituteProved = substitute && (await proved(world, reading, ring, substitute, options.pause));
  const ok = await go(
    { kind: "revoke", key: name, ...(substitute ? { substitute: substitute.name } : {}), ...why },
    `asked for: ${name} is taken away${substitute ? `, ${substitute.name} signs from now on` : ""}`,
  );
  return {
    ok,
    runs,
    ...(substituteProved === undefined ? {} : { substituteProved }),
    ...(ok ? { revokedKey: await probe(world, reading, ring, bad) } : {}),
  };
}

/** A serial past whatever a half-done move has reached, so that the fence lets the emergency through. */
async function decideOn(
  world: RotationWorld,
  reading: Reading,
  ledger: RingLedger,
  move: Move,
  reason: string,
) {
  const open = unfinishedMove(ledger, await world.engine.resources());
  const decision = advanceOf({ ledger: reading.plan.ledger, ring: ledger, now: world.now() }, move, reason);
  if (open?.move.kind === move.kind && open.move.key === move.key)
    return { ...decision, advance: { ...decision.advance, serial: open.serial, move: open.move } };
  return overtaking(decision, open);
}

async function proved(
  world: RotationWorld,
  reading: Reading,
  ring: Ring,
  key: KeyRecord,
  pause: RevokeOptions["pause"],
): Promise<boolean> {
  for (let attempt = 0; attempt < PROOFS; attempt += 1) {
    const { canary } = await lookCloser(
      world,
      reading,
      ring,
      { readBackAt: {} },
      { look: "canary", key: key.name },
    );
    if (canary?.key === "accepted" && canary.unknown === "refused") return true;
    await pause(PROOF_PAUSE);
  }
  return false;
}

async function probe(world: RotationWorld, reading: Reading, ring: Ring, key: KeyRecord) {
  const { refused } = await lookCloser(
    world,
    reading,
    ring,
    { readBackAt: {} },
    { look: "refused", key: key.name },
  );
  return refused?.key ?? "none";
}

import type { Ring } from "../../model/definition/types.ts";
import { MAX_REASON } from "../../model/facts/rotationDefaults.ts";
import type { Decision } from "../../model/ring/decision.ts";
import { activeKey } from "../../model/ring/realize.ts";
import { decideRevocation, isProof } from "../../model/ring/revocation.ts";
import { lockedMessage, type RunResult } from "../engine/engine.ts";
import { carryOut, settled } from "./carryOut.ts";
import { lookCloser, observeState } from "./observe.ts";
import { readStack, ringById } from "./reading.ts";
import { openTurn, situationOf, type Turn } from "./turn.ts";
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

/** How often the canary is asked for a substitute. */
const PROOFS = 6;

/** Finish one move, record the intent, make, publish and prove a substitute, take the key away; twice over. */
const STEPS = 2 * (5 + PROOFS);

/**
 * The emergency: take a key away now. An active one first gets a substitute, which is published, proved at the
 * canary path where that can be had within a minute, and takes over in the same update that removes the bad key.
 * Its tokens are refused from then on: that is the purpose. All updates touch the ring's own resources only.
 */
export async function revoke(world: RotationWorld, options: RevokeOptions): Promise<RevokeResult> {
  const lock = await world.engine.lock();
  if (lock) return refuse("STACK_LOCKED", lockedMessage(lock));
  const reading = await readStack(world);
  const ring = ringById(reading, options.ring);
  if (ring === undefined)
    return refuse("RING_UNKNOWN", `the deployed definitions have no ring ${options.ring}`);
  return stepByStep(world, ring, options);
}

async function stepByStep(world: RotationWorld, ring: Ring, options: RevokeOptions): Promise<RevokeResult> {
  const runs: { decision: Decision; run: RunResult }[] = [];
  // An emergency is not refused for its reason's length; the ledger keeps so much of it.
  const reason = options.reason?.slice(0, MAX_REASON);
  let { key } = options;
  let patience = PROOFS;
  let proved: Pick<RevokeResult, "substituteProved"> = {};
  for (let step = 0; step < STEPS; step += 1) {
    const turn = await openTurn(world, ring);
    key ??= activeKey(turn.ledger)?.name;
    if (key === undefined) return refuse("KEY_UNKNOWN", `ring ${ring.id} has no active key`);
    const bad = key;
    const { decision, seen } = await settled(turn, observeState(turn), (seen) =>
      decideRevocation(situationOf(turn, seen, { patience }), bad, reason),
    );
    if (decision.step === "stop") {
      if (decision.code !== "KEY_ENDED" || runs.length === 0)
        return { ...refuse(decision.code, decision.reason), runs };
      // Of a mirrored ring nobody here has a key to ask the edge with.
      if (turn.ledger.kind === "mirror") return { ok: true, runs };
      return { ok: true, runs, ...proved, revokedKey: await probe(turn, bad) };
    }
    if (decision.step === "advance") {
      const run = await carryOut(turn, decision, true);
      runs.push({ decision, run });
      if (!run.ok) return { ok: false, runs };
      const { kind, substitute } = decision.advance.move;
      if (kind === "revoke" && substitute !== undefined) proved = { substituteProved: isProof(seen.canary) };
    } else {
      patience -= 1;
      if (decision.step === "wait") await options.pause((Date.parse(decision.until) - world.now()) / 1000);
    }
  }
  throw new Error(`the revocation of ring ${ring.id} takes more than ${STEPS} steps`);
}

async function probe(turn: Turn, key: string) {
  const { refused } = await lookCloser(turn, { readBackAt: {} }, { look: "refused", key });
  return refused?.key ?? "none";
}

function refuse(code: string, message: string): RevokeResult {
  return { ok: false, runs: [], refused: { code, message } };
}

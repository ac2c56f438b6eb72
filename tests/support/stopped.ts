import { rotate } from "../../scripts/rotate/rotate.ts";
import { withActiveKey } from "./revokeWalk.ts";
import { type Moment, openWorld, type RingKind, type Saved } from "./world.ts";

/**
 * Stops a run for real at its write of the issuer's secret (its promise never settles) and compares what it left
 * with what a run that went on had written by then.
 */
export async function stopAt(kind: RingKind, moment: Moment) {
  const { world: origin } = await withActiveKey(kind);
  const from = origin.save();
  const victim = "PATCH";
  const going = await openWorld({ kind, from, seed: 5 });
  const seen: Saved[] = [];
  going.onMoment = (at, call) => {
    if (at === moment && call.method === victim) seen.push(going.save());
    return undefined;
  };
  await rotateUntilPatch(going);
  const stopping = await openWorld({ kind, from, seed: 5 });
  const stopped = new Promise<void>((resolve) => {
    stopping.onMoment = (at, call) => {
      if (at !== moment || call.method !== victim) return undefined;
      resolve();
      return "stop";
    };
  });
  await Promise.race([rotateUntilPatch(stopping), stopped]);
  return {
    lockedBy: stopping.store.lock()?.who,
    sameState: seen[0] !== undefined && namesOf(stopping.save()) === namesOf(seen[0]),
    sameWrites: seen[0]?.writes.length === stopping.writes.length,
  };
}

async function rotateUntilPatch(world: Awaited<ReturnType<typeof openWorld>>): Promise<void> {
  const before = world.writes.length;
  for (let tick = 0; tick < 12; tick += 1) {
    const decision = (await rotate(world.rotation, { force: true })).rings[0]?.decision;
    if (world.writes.slice(before).some(({ method }) => method === "PATCH")) return;
    world.clock.set(decision?.step === "wait" ? Date.parse(decision.until) : world.clock.now() + 60_000);
  }
}

/** Which resources the stored state has, with which serial; keys made by either run differ. */
function namesOf(saved: Saved): string {
  const state = JSON.parse(saved.state ?? "{}") as {
    resources: { urn: string; inputs: { serial?: number } }[];
    pending: string[];
  };
  return JSON.stringify([state.resources.map(({ urn, inputs }) => [urn, inputs.serial]), state.pending]);
}

import type { Ring } from "../../model/definition/types.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { revoke } from "../../scripts/rotate/revoke.ts";
import { mint } from "./credential.ts";
import { send } from "./front.ts";
import type { Load } from "./load.ts";
import { rotateAll } from "./rotation.ts";
import type { Stage } from "./stage.ts";

/** The emergency path, tried on one ring. */
export interface Revocation {
  readonly ring: string;
  readonly key: string;
  readonly substitute: string;
  /** Whether the canary had accepted the substitute everywhere when it took over. */
  readonly proved: boolean;
  /** RFC 3339, virtual time: asked for, and in force at the API. */
  readonly began: string;
  readonly ended: string;
  readonly ok: boolean;
}

/** Revokes a ring's active key while stolen credentials of it are in use, and waits until its end is confirmed. */
export async function tryRevocation(stage: Stage, load: Load, ring: Ring): Promise<Revocation> {
  const { agenda, clock, front, world } = stage;
  const active = (await stage.ledgerOf(ring)).keys.find((key) => key.state === "ACTIVE");
  await load.leak(ring);
  const began = new Date(clock.now()).toISOString();
  const pause = (seconds: number) => agenda.pass(1000 * seconds);
  const result = await revoke(world, { ring: ring.id, reason: "tried", pause });
  const ended = new Date(clock.now()).toISOString();
  await stage.readKeys();
  const key = active?.name ?? "";
  await load.onStep({ ring: ring.id, move: "revoke", key, began, ended, reason: "tried" }, ring);
  if (result.ok) await rotateAll(stage, { rings: [ring] });
  await agenda.pass(1000 * rotationPolicy(ring).propagationSeconds);
  const substitute = (await stage.ledgerOf(ring)).keys.find((each) => each.state === "ACTIVE")?.name ?? "";
  const usage = stage.usages.find((each) => each.ring.id === ring.id);
  const { active: jwk } = await stage.keysOf(ring);
  if (usage && jwk) {
    const credential = await mint(usage, { jwk, now: clock.now(), subject: "after the revocation" });
    for (const { name } of front.pops) await send(front, credential, name);
  }
  const proved = result.substituteProved === true;
  return { ring: ring.id, key, substitute, proved, began, ended, ok: result.ok && substitute !== key };
}

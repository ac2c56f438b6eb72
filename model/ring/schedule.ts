import { advance, type Decision, instant, type Situation } from "./decision.ts";
import { nextName } from "./move.ts";
import { isPending, isPublishing } from "./states.ts";

/** A rotation begins when it is due, asked for, or when the definitions want another algorithm. */
export function beginWhenDue(situation: Situation): Decision | undefined {
  const { ring, wanted, now, force } = situation;
  if (ring.keys.some((key) => isPending(key.state) || key.state === "RETIRING")) return undefined;
  const active = ring.keys.find((key) => key.state === "ACTIVE");
  const planned = dueAt(situation);
  const otherAlgorithm = active !== undefined && active.algorithm !== wanted.algorithm;
  if (now < planned && !otherAlgorithm && !force && active !== undefined) return undefined;
  const reason = otherAlgorithm
    ? `the definitions ask for ${wanted.algorithm}, the active key is ${active.algorithm}`
    : force
      ? "asked for"
      : `due since ${instant(planned)}`;
  const plannedAt = instant(now < planned ? now : latestSlot(planned, now, situation.waits.everySeconds));
  return advance(
    situation,
    { kind: "generate", key: nextName(ring), plannedAt },
    `rotation of ${ring.ring}: ${reason}`,
  );
}

/** The schedule: a late run does not shift it, and missed periods are skipped, not made up for. */
function latestSlot(planned: number, now: number, everySeconds: number): number {
  const period = 1000 * everySeconds;
  return planned + Math.floor((now - planned) / period) * period;
}

/** When the next rotation is due: the newest key's planned instant plus R, in milliseconds. */
export function dueAt({ ring, waits, seen }: Pick<Situation, "ring" | "waits" | "seen">): number {
  const newest = ring.keys.filter((key) => isPublishing(key.state)).at(-1);
  const begun =
    newest?.plannedAt ?? newest?.publishedAt ?? (newest ? seen.readBackAt[newest.name] : undefined);
  return begun === undefined ? 0 : Date.parse(begun) + 1000 * waits.everySeconds;
}

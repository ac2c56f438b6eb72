import { advance, type Decision, instant, type Situation } from "./decision.ts";
import { activeKey, nextName, publishedKeys } from "./realize.ts";

/**
 * A rotation begins when it is due, asked for, or when the definitions want another algorithm. Only a ring at rest gets
 * here: the checks before have an answer as long as a key is pending or retiring.
 */
export function beginWhenDue(situation: Situation): Decision | undefined {
  const { ring, wanted, now, force } = situation;
  const planned = dueAt(situation);
  const algorithm = activeKey(ring)?.algorithm;
  const otherAlgorithm = algorithm !== wanted.algorithm;
  if (now < planned && !otherAlgorithm && !force) return undefined;
  const reason = otherAlgorithm
    ? `the definitions ask for ${wanted.algorithm}, the active key is ${algorithm}`
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
  const newest = publishedKeys(ring).at(-1);
  const begun =
    newest?.plannedAt ?? newest?.publishedAt ?? (newest ? seen.readBackAt[newest.name] : undefined);
  return begun === undefined ? 0 : Date.parse(begun) + 1000 * waits.everySeconds;
}

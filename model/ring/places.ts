/** New places of a ring's tokens: a rule may refuse there once every point of presence reads them. */
import { advance, type Decision, instant, knownEverywhere, type Situation, wait } from "./decision.ts";
import { activeKey } from "./realize.ts";

/** A token configuration that was written P ago is known everywhere; until then rules by it only log. */
export function settleNewPlaces(situation: Situation): Decision | undefined {
  const { ring, now } = situation;
  const active = activeKey(ring);
  const known = knownFrom(situation);
  if (active === undefined || known === undefined || now < known) return undefined;
  return advance(
    situation,
    { kind: "settle", key: active.name, evidence: { observedAt: instant(now) } },
    `every point of presence knows ${newPlaces(situation).join(", ")}: rules may refuse there`,
  );
}

/** Only where nothing else is to be waited for. */
export function waitForNewPlaces(situation: Situation): Decision | undefined {
  const known = activeKey(situation.ring) === undefined ? undefined : knownFrom(situation);
  if (known === undefined) return undefined;
  return wait(known, `points of presence learn of ${newPlaces(situation).join(", ")} until then`);
}

/** When the ring's configurations, as they were last written, are known everywhere; nothing without a new place. */
function knownFrom(situation: Situation): number | undefined {
  const { seen } = situation;
  if (newPlaces(situation).length === 0 || seen.writtenAt === undefined) return undefined;
  return knownEverywhere(situation, Date.parse(seen.writtenAt));
}

function newPlaces({ ring, wanted }: Situation): readonly string[] {
  return wanted.places.filter((place) => !(ring.places ?? []).includes(place));
}

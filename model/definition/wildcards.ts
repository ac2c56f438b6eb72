/** What wildcard hosts take from others, or do not reach. */
import { ADD_ONS } from "../facts/limits.ts";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { isBelow } from "./hostNames.ts";
import type { Draft } from "./hosts.ts";
import type { Environment, Zone } from "./types.ts";

/** In place of the zone of a host that has none, or that cannot be read: it has everything, and no limit counts for it. */
export const NO_ZONE: Zone = { id: "", name: "", plan: "enterprise", addOns: ADD_ONS };

type Drafts = ReadonlyMap<string, Pick<Draft, "at" | "zone" | "ofFile">>;

/** Problems of hosts beside wildcards, and of wildcards at the border of a zone. */
export function wildcardProblems(drafts: Drafts, environment: Environment): Problem[] {
  return [...besideWildcards(drafts), ...beyondZones(drafts, environment)];
}

/** A host below a wildcard that no file is about: of the wildcard's rules none would hold there any more. */
function besideWildcards(drafts: Drafts): Problem[] {
  return [...drafts].flatMap(([host, { at, zone, ofFile }]) => {
    const wildcard = [...drafts].find(([other, draft]) => draft.zone === zone && isBelow(host, other));
    if (ofFile || zone === NO_ZONE || wildcard === undefined) return [];
    return [
      problem(
        "HOST_BESIDE_WILDCARD",
        at,
        `${host} would take its requests from ${wildcard[0]}, and nothing that is said of that holds there`,
        `name it in the host of a file, such as that of the wildcard: host: ["${wildcard[0]}", "${host}"]`,
      ),
    ];
  });
}

/** Wildcards that end at another zone of the stack: its requests do not meet the rules of theirs. */
function beyondZones(drafts: Drafts, { zones }: Environment): Problem[] {
  return [...drafts].flatMap(([host, { at, zone }]) =>
    zones
      .filter((other) => zone !== NO_ZONE && other.id !== zone.id && isBelow(`*.${other.name}`, host))
      .filter((other) => !drafts.has(`*.${other.name}`))
      .map((other) =>
        problem(
          "HOST_BEYOND_ZONE",
          at,
          `${host} does not reach the zone ${other.name}, which answers for its own hosts`,
          `name "*.${other.name}" besides, if it shall hold there too`,
        ),
      ),
  );
}

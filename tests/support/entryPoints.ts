import type { Ruleset } from "@keyturn/edge";
import type { World } from "./world.ts";

/** Every entry point of every zone, as the edge holds it. */
export function entryPoints(world: World): Record<string, readonly Ruleset[]> {
  return Object.fromEntries(
    world.local.zones.map(({ id, name }) => [name, structuredClone(world.edge.world.zone(id).rulesets)]),
  );
}

/** A call that checks a link, one level of calls inside it. */
const CHECK = String.raw`is_timed_hmac_valid_v0\("[^"]*", (?:[^()]|\([^()]*\))*\)`;
const BRANCHES = new RegExp(String.raw`\(${CHECK}(?: or ${CHECK})+\)|${CHECK}`, "g");

/** The entry points without what a move of a link ring may change: link secrets, versions and times. */
export function withoutSecrets(held: ReturnType<typeof entryPoints>): object {
  const drop = new Set(["version", "last_updated"]);
  return JSON.parse(
    JSON.stringify(held, (name, value) => {
      if (drop.has(name)) return undefined;
      return name === "expression" ? String(value).replace(BRANCHES, "<links>") : value;
    }),
  );
}

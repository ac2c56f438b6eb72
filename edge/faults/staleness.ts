import { AsyncLocalStorage } from "node:async_hooks";
import type { World } from "../world/types.ts";

/** Reads that do not see the newest changes. */
export interface Staleness {
  /** The world as the API should use it. */
  readonly world: World;
  /** Runs `work` while reads see each part as it was `versions` changes ago. */
  read<T>(versions: number, work: () => Promise<T>): Promise<T>;
}

/** How many former values of each part are kept. */
const KEPT_VERSIONS = 16;

/** Scope, id and part → former values, newest last. */
export type FormerParts = Map<string, unknown[]>;

/** Wraps a world so that reads can be made stale; writes and enforcement are the world's own. */
export function createStaleness(world: World, former: FormerParts): Staleness {
  const behind = new AsyncLocalStorage<number>();

  function remember(key: string, value: unknown): void {
    const values = former.get(key) ?? [];
    values.push(value);
    if (values.length > KEPT_VERSIONS) values.shift();
    former.set(key, values);
  }

  function aged<Parts extends object>(scope: string, id: string, parts: Parts): Parts {
    const versions = behind.getStore();
    if (versions === undefined) return parts;
    const old = Object.keys(parts).flatMap((part) => {
      const values = former.get(`${scope}/${id}/${part}`) ?? [];
      const index = Math.max(0, values.length - versions);
      return index < values.length ? [[part, values[index]] as const] : [];
    });
    return { ...parts, ...Object.fromEntries(old) };
  }

  return {
    world: {
      ...world,
      zone: (id) => aged("zone", id, world.zone(id)),
      account: (id) => aged("account", id, world.account(id)),
      commitZone(id, part, value) {
        remember(`zone/${id}/${part}`, world.zone(id)[part]);
        world.commitZone(id, part, value);
      },
      commitAccount(id, part, value) {
        remember(`account/${id}/${part}`, world.account(id)[part]);
        world.commitAccount(id, part, value);
      },
    },
    read: (versions, work) => behind.run(versions, work),
  };
}

import { undisturbed } from "./crashWalk.ts";
import { openWorld, type RingKind, type Saved, type World, type WorldOptions } from "./world.ts";

const walks = new Map<RingKind, ReturnType<typeof undisturbed>>();
let seeds = 1000;

/** Every stage of an undisturbed rotation by the move that comes next; `end` when nothing is left to do. */
export async function stages(kind: RingKind): Promise<ReadonlyMap<string, Saved>> {
  let walk = walks.get(kind);
  if (walk === undefined) {
    walk = undisturbed(kind);
    walks.set(kind, walk);
  }
  const { moves, world } = await walk;
  const found = moves.flatMap(({ label, points }) => (points[0] ? [[label, points[0].saved] as const] : []));
  return new Map([...found, ["end", world.save()]]);
}

/** A world in which `next` is the move that `rotate` makes. */
export async function atStage(
  kind: RingKind,
  next: string,
  options: Partial<WorldOptions> = {},
): Promise<World> {
  const from = (await stages(kind)).get(next);
  if (from === undefined) throw new Error(`the rotation has no stage before ${next}`);
  seeds += 1;
  return openWorld({ kind, from, seed: seeds, ...options });
}

/** What must stay as it was when something is refused. */
export async function leftAsItWas(world: World, act: () => Promise<unknown>): Promise<string[]> {
  const before = world.save();
  await act();
  const after = world.save();
  const changed: string[] = after.writes
    .slice(before.writes.length)
    .map(({ method, path }) => `${method} ${path}`);
  if (after.state !== before.state) changed.push("the stored state");
  if (world.store.lock()) changed.push("a lock is left");
  return changed;
}

import { revoke } from "../../../scripts/rotate/revoke.ts";
import { type RotateOptions, rotate } from "../../../scripts/rotate/rotate.ts";
import type { Saved, World } from "../world.ts";
import { openRings, type RingId } from "./project.ts";

/** A move that is about to be made, and how it is made. */
export interface Origin {
  readonly label: string;
  readonly ring: RingId;
  readonly from: Saved;
  readonly act: (world: World) => Promise<unknown>;
}

const MINUTE = 60_000;

export function take(world: World, ring: RingId, key: string) {
  const pause = async (seconds: number) => {
    world.clock.advance(1000 * seconds);
  };
  return revoke(world.rotation, { ring, key, pause });
}

async function tick(world: World, ring: RingId, options: RotateOptions = {}) {
  const result = await rotate(world.rotation, { rings: [ring], ...options });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.rings[0]?.decision;
}

/** Ticks until the ring's next move is this one, and answers the world as it stands before it. */
async function until(world: World, ring: RingId, move: string, force: boolean): Promise<Saved> {
  for (let count = 0; count < 40; count += 1) {
    const begun = (await world.ring(ring)).keys.length > 1;
    const options = { force: force && !begun };
    const decision = await tick(world, ring, { ...options, dryRun: true });
    if (decision?.step === "advance") {
      const { kind, key } = decision.advance.move;
      if (`${kind} ${key}` === move) return world.save();
      await tick(world, ring, options);
      world.clock.advance(MINUTE);
    } else if (decision?.step === "wait") world.clock.set(Date.parse(decision.until));
    else throw new Error(JSON.stringify(decision));
  }
  throw new Error(`ring ${ring} never comes to ${move}`);
}

const ROTATION = [
  "generate k2",
  "publish k2",
  "verify k2",
  "promote k2",
  "acknowledge k1",
  "retire k1",
  "confirm k1",
] as const;

const cache = new Map<RingId, Promise<readonly Origin[]>>();

/** Every move of a ring: of its first key, of a rotation, and what operators do on the way. */
export function originsOf(ring: RingId): Promise<readonly Origin[]> {
  const found = cache.get(ring) ?? makeOrigins(ring);
  cache.set(ring, found);
  return found;
}

async function makeOrigins(ring: RingId): Promise<readonly Origin[]> {
  const world = await openRings(undefined, 1);
  const run = await world.local.runner.up();
  if (!run.ok) throw new Error(run.diagnostics.join("; "));
  const go = (options: RotateOptions) => (at: World) => rotate(at.rotation, { rings: [ring], ...options });
  const origins: Origin[] = [];
  const add = (label: string, from: Saved, act: Origin["act"]) => origins.push({ label, ring, from, act });
  const others = ["shop", "files", "album"].filter((id) => id !== ring) as RingId[];
  for (const other of others) {
    await until(world, other, "generate k2", true);
  }
  for (const move of ["verify k1", "promote k1"]) add(move, await until(world, ring, move, false), go({}));
  for (const move of ROTATION) {
    const from = await until(world, ring, move, true);
    add(move, from, go({ force: move === "generate k2" }));
    if (move === "verify k2" || move === "promote k2") {
      add(`abort k2 before ${move}`, from, go({ abort: true }));
      add(`revoke k1 before ${move}`, from, (at) => take(at, ring, "k1"));
      add(`restore before ${move}`, from, go({ restore: true }));
    }
    if (move === "generate k2" || move === "retire k1")
      add(`revoke active before ${move}`, from, async (at) =>
        take(at, ring, (await at.ring(ring)).keys.find(({ state }) => state === "ACTIVE")?.name ?? ""),
      );
  }
  return origins;
}

/** What is left when a move is cut short: a run that was killed there, or a call that failed. */
export interface Left {
  readonly label: string;
  readonly saved: Saved;
}

const lefts = new Map<string, Promise<readonly Left[]>>();

/** Every state that a move can leave behind, in one order of independent resources. */
export function leftBy(origin: Origin, order: number): Promise<readonly Left[]> {
  const name = `${origin.ring} ${origin.label} ${order}`;
  const found = lefts.get(name) ?? cutShort(origin, order);
  lefts.set(name, found);
  return found;
}

const FAILING = [
  { method: "PATCH", path: "/secrets/" },
  { method: "PUT", path: "/zones/023e105f4ecef8ad9ca31a8372d0c353" },
  { method: "PUT", path: "/zones/123e105f4ecef8ad9ca31a8372d0c354" },
  { method: "PATCH", path: "/zones/023e105f4ecef8ad9ca31a8372d0c353" },
] as const;

async function cutShort(origin: Origin, order: number): Promise<readonly Left[]> {
  const left: Left[] = [];
  const seen = new Set<string>();
  const keep = (label: string, saved: Saved) => {
    const what = `${saved.writes.length} ${saved.state}`;
    if (seen.has(what)) return;
    seen.add(what);
    left.push({ label, saved });
  };
  const world = await openRings(origin.from, 100 + order);
  world.onMoment = (moment, call) => {
    keep(`killed ${moment} ${call.method} ${call.path}`, world.save());
    return undefined;
  };
  await origin.act(world);
  world.onMoment = () => undefined;
  for (const call of FAILING) {
    const failing = await openRings(origin.from, 100 + order);
    const mend = failing.edge.faults.add({ kind: "status", status: 400, ...call });
    await origin.act(failing);
    mend();
    keep(`400 for ${call.method} ${call.path}`, failing.save());
  }
  return left;
}

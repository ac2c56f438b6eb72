import { isDeepStrictEqual } from "node:util";
import { revoke } from "../../scripts/rotate/revoke.ts";
import { rotate } from "../../scripts/rotate/rotate.ts";
import { difference, type Outcome, type Point, plainUpMovesNothing, type WalkReport } from "./crashWalk.ts";
import { keysAtTheApi, shapeOf } from "./shape.ts";
import { type Issued, Traffic } from "./traffic.ts";
import { openWorld, type RingKind, type Saved, type World } from "./world.ts";

const MINUTE = 60_000;

/** Longer than any point of presence of these worlds takes to learn of a change. */
const LEARNED = 6 * MINUTE;

/** A deployed ring whose first key is active and has signed tokens. */
export async function withActiveKey(kind: RingKind): Promise<{ world: World; traffic: Traffic }> {
  const world = await openWorld({ kind });
  const traffic = new Traffic(world);
  await world.local.runner.up();
  for (let tick = 0; tick < 8 && (await world.ring()).keys[0]?.state !== "ACTIVE"; tick += 1) {
    const decision = (await rotate(world.rotation)).rings[0]?.decision;
    await traffic.pass(decision?.step === "wait" ? Date.parse(decision.until) : world.clock.now() + MINUTE);
  }
  await traffic.pass(world.clock.now() + LEARNED);
  return { world, traffic };
}

/** `revoke` of the key `k1`, with a clock that moves while it waits for the edge. */
export function revokeFirst(world: World) {
  const pause = async (seconds: number) => {
    world.clock.advance(1000 * seconds);
  };
  return revoke(world.rotation, { ring: "shop", key: "k1", pause });
}

/**
 * Stops a revocation of the active key at every call and goes on: the lock is freed, a plain `up` must not bring
 * the key back, and the same command finishes.
 */
export async function walkRevocation(kind: RingKind): Promise<WalkReport> {
  const { world, traffic } = await withActiveKey(kind);
  const tokens = [...traffic.issued];
  const points: Point[] = [];
  world.onMoment = (moment, call) => {
    if (moment !== "saved") points.push({ moment, call: `${call.method} ${call.path}`, saved: world.save() });
    return undefined;
  };
  const done = await revokeFirst(world);
  world.onMoment = () => undefined;
  if (!done.ok) throw new Error(JSON.stringify(done));
  const problems = await confirmed(world, tokens);
  const shape = await shapeOf(world);
  const outcomes: Outcome[] = problems.length > 0 ? [{ point: "none", plainUp: "", problems }] : [];
  const seen = new Set<string>();
  for (const point of points) {
    const left = `${point.saved.writes.length} ${point.saved.state}`;
    if (seen.has(left)) continue;
    seen.add(left);
    outcomes.push(await goOn(kind, point, tokens, shape, outcomes.length));
  }
  return {
    moves: [`revoke k1: ${points.filter(({ moment }) => moment === "before").length}`],
    points: points.length,
    states: seen.size,
    requests: traffic.sent,
    outcomes,
  };
}

async function goOn(
  kind: RingKind,
  point: Point,
  tokens: readonly Issued[],
  shape: object,
  seed: number,
): Promise<Outcome> {
  const world = await openWorld({ kind, from: point.saved as Saved, seed: seed + 10 });
  const problems: string[] = [];
  world.store.setLock({ who: "the run that died", since: new Date(point.saved.now).toISOString() });
  const locked = await revokeFirst(world);
  if (locked.refused?.code !== "STACK_LOCKED")
    problems.push(`revoke ignores the lock: ${JSON.stringify(locked)}`);
  world.clock.advance(2 * MINUTE);
  await world.local.runner.cancel();
  const gone = !holdsFirst(world);
  const plainUp = await plainUpMovesNothing(world, problems);
  if (gone && holdsFirst(world)) problems.push("the plain up published the revoked key again");
  await rotate(world.rotation, { dryRun: true });
  const again = await revokeFirst(world);
  if (!again.ok && again.refused?.code !== "KEY_ENDED")
    problems.push(`the rerun stops: ${JSON.stringify(again)}`);
  problems.push(...(await confirmed(world, tokens)));
  const found = await shapeOf(world);
  if (!isDeepStrictEqual(found, shape)) problems.push(`another end: ${difference(shape, found)}`);
  return { point: `revoke k1, ${point.moment} ${point.call}`, plainUp, problems };
}

/** Whether the API still holds the first key, in a key set or in a rule. */
function holdsFirst(world: World): boolean {
  const [first] = world.writes.flatMap(({ body }) => FIRST_KEY.exec(body)?.[1] ?? []);
  return first !== undefined && JSON.stringify(keysAtTheApi(world)).includes(first);
}

/** The kid of the first key set that was written, or the secret of the first rule that checks links. */
const FIRST_KEY = /"kid":"([^"]+)"|is_timed_hmac_valid_v0\(\\"([^"\\]+)/;

/** Lets the change reach every point of presence and the edge confirm it; then tries tokens of both keys. */
async function confirmed(world: World, tokens: readonly Issued[]): Promise<string[]> {
  const problems: string[] = [];
  world.clock.advance(LEARNED);
  for (let tick = 0; tick < 6 && (await world.ring()).keys[0]?.confirmedAt === undefined; tick += 1) {
    const result = await rotate(world.rotation);
    const decision = result.rings[0]?.decision;
    if (!result.ok) problems.push(`not confirmed: ${JSON.stringify(result.refused ?? decision)}`);
    world.clock.set(decision?.step === "wait" ? Date.parse(decision.until) : world.clock.now() + MINUTE);
  }
  for (const token of tokens) {
    for (const pop of world.edge.world.pops) {
      const { status } = await world.edge.handle(token.request(), { pop: pop.name });
      if (status === 200) problems.push(`a token of the revoked key is accepted at ${pop.name}`);
    }
  }
  const fresh = new Traffic(world);
  await fresh.issue();
  await fresh.send();
  if (fresh.sent === 0) problems.push("no key signs");
  return [
    ...problems,
    ...fresh.refused.map((refusal) => `the substitute is refused: ${JSON.stringify(refusal)}`),
  ];
}

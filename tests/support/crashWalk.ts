import { isDeepStrictEqual } from "node:util";
import { type RotateOptions, rotate } from "../../scripts/rotate/rotate.ts";
import { keysAtTheApi, shapeOf, stampsOf } from "./shape.ts";
import { type Issued, Traffic } from "./traffic.ts";
import { type Moment, openWorld, type RingKind, type Saved, type World } from "./world.ts";

/** One move of the walk: what it did undisturbed, and every point at which it can be stopped. */
export interface Walked {
  readonly label: string;
  readonly serial: number;
  readonly options: RotateOptions;
  readonly tokens: readonly Issued[];
  readonly points: readonly Point[];
  readonly shape: object;
  readonly stamps: Readonly<Record<string, number>>;
}

export interface Point {
  readonly moment: Moment;
  readonly call: string;
  readonly saved: Saved;
}

/** How a world stopped at a point came out. */
export interface Outcome {
  readonly point: string;
  /** What the plain `up` in between said: `ok`, or its first code. */
  readonly plainUp: string;
  readonly problems: readonly string[];
}

export interface WalkReport {
  /** Each move and its number of calls. */
  readonly moves: readonly string[];
  /** Points at which a run was stopped. */
  readonly points: number;
  /** Different states that they left behind; each was gone on from. */
  readonly states: number;
  readonly requests: number;
  readonly outcomes: readonly Outcome[];
}

const MINUTE = 60_000;

/** No call of a run begins later than this after its first one; only then is its lock freed. */
const PAST_DEADLINE = 120_000;

/** Moves after which one stopped world is rotated to the very end. */
const TO_THE_END = ["publish k2", "promote k2"];

/** More ticks than one move can need. */
const TICKS = 12;

/** A whole rotation without a crash: the first key, then a forced second one, until nothing is left to do. */
export async function undisturbed(
  kind: RingKind,
): Promise<{ world: World; moves: Walked[]; traffic: Traffic }> {
  const world = await openWorld({ kind });
  const traffic = new Traffic(world);
  await must(world.local.runner.up());
  const moves = await rotateToTheEnd(world, traffic);
  return { world, moves, traffic };
}

/** Ticks until the second key is alone; answers the moves made. */
export async function rotateToTheEnd(world: World, traffic: Traffic): Promise<Walked[]> {
  const moves: Walked[] = [];
  for (;;) {
    const before = await world.ring();
    const begun = before.keys.length > 1;
    const options: RotateOptions = !begun && before.keys[0]?.state === "ACTIVE" ? { force: true } : {};
    const tokens = [...traffic.issued];
    const points: Point[] = [];
    world.onMoment = (moment, call) => {
      points.push({ moment, call: `${call.method} ${call.path}`, saved: world.save() });
      return undefined;
    };
    const result = await rotate(world.rotation, options);
    world.onMoment = () => undefined;
    const outcome = result.rings[0];
    if (outcome?.decision.step === "advance") {
      await must(Promise.resolve(outcome.run ?? { ok: false, diagnostics: ["no run"] }));
      const { kind: move, key } = outcome.decision.advance.move;
      moves.push({
        label: `${move} ${key}`,
        serial: outcome.decision.advance.serial,
        options,
        tokens,
        points,
        shape: await shapeOf(world),
        stamps: await stampsOf(world),
      });
      await traffic.pass(world.clock.now() + MINUTE);
    } else if (outcome?.decision.step === "wait") {
      if (begun && before.keys.every((key) => key.state === "ACTIVE" || key.confirmedAt)) break;
      await traffic.pass(Date.parse(outcome.decision.until));
    } else {
      throw new Error(JSON.stringify(result));
    }
  }
  return moves;
}

/**
 * Stops every move of a rotation at every call, before it, after its effect and after its answer, and goes on.
 *
 * @param saves stop after each save of the state too
 */
export async function walkCrashes(kind: RingKind, saves = false): Promise<WalkReport> {
  const { moves, traffic } = await undisturbed(kind);
  const outcomes: Outcome[] = [];
  let points = 0;
  let requests = traffic.sent;
  for (const move of moves) {
    const seen = new Set<string>();
    for (const [index, point] of move.points.entries()) {
      if (point.moment === "saved" && !saves) continue;
      points += 1;
      // What goes on depends on nothing but what was written, so equal states need to be gone on from only once.
      const left = `${point.saved.writes.length} ${point.saved.state}`;
      if (seen.has(left)) continue;
      seen.add(left);
      const final = TO_THE_END.includes(move.label) && point.moment === "effect" ? moves.at(-1) : undefined;
      const found = await goOn(kind, move, point, 100 * outcomes.length + index, final);
      requests += found.requests;
      outcomes.push(found.outcome);
    }
  }
  const problems = traffic.refused.map((refused) => `without a crash: ${JSON.stringify(refused)}`);
  return {
    moves: moves.map(
      ({ label, points }) => `${label}: ${points.filter(({ moment }) => moment === "before").length}`,
    ),
    points,
    states: outcomes.length,
    requests,
    outcomes: [...outcomes, ...(problems.length > 0 ? [{ point: "none", plainUp: "", problems }] : [])],
  };
}

async function goOn(kind: RingKind, move: Walked, point: Point, seed: number, final: Walked | undefined) {
  const problems: string[] = [];
  const world = await openWorld({ kind, from: point.saved, seed: seed + 10 });
  const { runner } = world.local;
  const traffic = new Traffic(world, move.tokens);
  world.store.setLock({ who: "the run that died", since: new Date(point.saved.now).toISOString() });
  const locked = await runner.up();
  if (!locked.diagnostics[0]?.startsWith("STACK_LOCKED"))
    problems.push(`an up ignores the lock: ${locked.diagnostics}`);
  const refused = (await rotate(world.rotation)).refused;
  if (refused?.code !== "STACK_LOCKED") problems.push(`rotate ignores the lock: ${JSON.stringify(refused)}`);
  await traffic.pass(world.clock.now() + PAST_DEADLINE);
  await runner.cancel();
  const plainUp = await plainUpMovesNothing(world, problems);
  await traffic.pass(world.clock.now() + MINUTE);
  await rotate(world.rotation, { ...move.options, dryRun: true });
  await rerun(world, traffic, move, problems);
  const shape = await shapeOf(world);
  if (!isDeepStrictEqual(shape, move.shape)) problems.push(`another end: ${difference(move.shape, shape)}`);
  for (const [name, at] of Object.entries(await stampsOf(world))) {
    const least = move.stamps[name];
    if (least === undefined || at < least) problems.push(`${name} is ${at}, without a crash ${least}`);
  }
  if (final && problems.length === 0) {
    await rotateToTheEnd(world, traffic);
    const end = await shapeOf(world);
    if (!isDeepStrictEqual(end, final.shape))
      problems.push(`another last end: ${difference(final.shape, end)}`);
  }
  for (const refusal of traffic.refused) problems.push(`refused: ${JSON.stringify(refusal)}`);
  const at = `${move.label}, ${point.moment} ${point.call}`;
  return { requests: traffic.sent, outcome: { point: at, plainUp, problems } };
}

/** A plain `up`, whatever it says, must leave every key and the ledger as they are. */
export async function plainUpMovesNothing(world: World, problems: string[]): Promise<string> {
  const [keys, ledger] = [keysAtTheApi(world), await world.ledger()];
  const run = await world.local.runner.up();
  if (!isDeepStrictEqual(keysAtTheApi(world), keys))
    problems.push("the plain up changed a key at Cloudflare");
  if (!isDeepStrictEqual(await world.ledger(), ledger)) problems.push("the plain up changed the ledger");
  return run.ok
    ? "ok"
    : (/[A-Z_]{4,}(?=:)/.exec(run.diagnostics.join("; "))?.[0] ?? run.diagnostics.join("; "));
}

async function rerun(world: World, traffic: Traffic, move: Walked, problems: string[]): Promise<void> {
  for (let tick = 0; tick < TICKS; tick += 1) {
    if ((await world.ring()).serial >= move.serial) return;
    const result = await rotate(world.rotation, move.options);
    const outcome = result.rings[0];
    if (!result.ok || outcome === undefined) {
      const said = result.refused ?? outcome?.run?.diagnostics ?? outcome?.decision;
      problems.push(`the rerun stops: ${JSON.stringify(said)}`);
      return;
    }
    const until = outcome.decision.step === "wait" ? Date.parse(outcome.decision.until) : 0;
    await traffic.pass(Math.max(until, world.clock.now() + MINUTE));
  }
  problems.push(`the rerun has not finished after ${TICKS} ticks`);
}

/** Throws what a run said when it failed. */
export async function must(
  run: Promise<{ readonly ok: boolean; readonly diagnostics: readonly string[] }>,
): Promise<void> {
  const { ok, diagnostics } = await run;
  if (!ok) throw new Error(diagnostics.join("; "));
}

/** The first lines that differ, for a person. */
export function difference(wanted: object, found: object): string {
  const [a, b] = [wanted, found].map((value) => JSON.stringify(value, null, 1).split("\n")) as [
    string[],
    string[],
  ];
  return b
    .filter((line) => !a.includes(line))
    .concat("instead of", ...a.filter((line) => !b.includes(line)))
    .slice(0, 12)
    .map((line) => line.trim().slice(0, 100))
    .join(" ");
}

import assert from "node:assert/strict";
import { LOCAL_API_TOKEN } from "../../lab/local/cloudflare.ts";
import type { Advance } from "../../model/ring/advance.ts";
import { advance } from "../../model/ring/decision.ts";
import type { Ledger, Move, RingLedger } from "../../model/ring/ledger.ts";
import type { RunResult } from "../../scripts/engine/engine.ts";
import { askCanary } from "../../scripts/rotate/canary.ts";
import { type RingKeys, readStack } from "../../scripts/rotate/reading.ts";
import { type RotateOptions, rotate } from "../../scripts/rotate/rotate.ts";
import type { SignerJwk } from "../../scripts/token/signers.ts";
import { ON_STACK, pulumi } from "./cli.ts";
import type { World } from "./world.ts";

/** More ticks than any rotation of one or three rings takes. */
const TICKS = 60;
const MINUTE = 60_000;

/** The ledger that the stack's outputs hold. */
export async function ledgerOf(world: World): Promise<Ledger> {
  return (await world.engine.outputs()).ledger as Ledger;
}

/** One ring's entry in the ledger. */
export async function ringOf(world: World, ring: string): Promise<RingLedger> {
  const found = (await ledgerOf(world)).rings[ring];
  assert(found, `the ledger has no ring ${ring}`);
  return found;
}

/** `k1:ACTIVE k2:PUBLISHED`. */
export function states(ring: RingLedger): string {
  return ring.keys.map((key) => `${key.name}:${key.state}`).join(" ");
}

/** The advance that `rotate` would make for this move, decided on the ledger as it stands. */
export async function advanceFor(world: World, ring: string, move: Move): Promise<Advance> {
  const ledger = await ledgerOf(world);
  return advance({ ledger, ring: await ringOf(world, ring), now: world.clock.now() }, move, "a test").advance;
}

/** The keys of a ring as the stack's secret output holds them. */
export async function keysOf(world: World, ring: string): Promise<RingKeys> {
  const signers = (await world.engine.outputs()).signers as Readonly<Record<string, RingKeys>>;
  const found = signers[ring];
  assert(found, `the stack holds no keys of ring ${ring}`);
  return found;
}

/** Kids at Cloudflare in a ring's token configuration, sorted. */
export async function kidsAtCloudflare(world: World, ring: string): Promise<string[]> {
  const { reports } = await readStack(world.rotation);
  const report = reports[ring]?.configurations?.[0];
  assert(report, `ring ${ring} reports no token configuration`);
  const keys = await world.rotation.liveKeys(report.zoneId, report.configurationId);
  return (keys ?? []).map((key) => key.kid).sort();
}

/** What the canary path says of a key at every point of presence, once changes have reached all of them. */
export async function atTheEdge(world: World, ringId: string, key: SignerJwk): Promise<string> {
  world.clock.advance(10 * MINUTE);
  const reading = await readStack(world.rotation);
  const ring = reading.plan.definitions.rings.find((candidate) => candidate.id === ringId);
  assert(ring, `the definitions have no ring ${ringId}`);
  const uses = reading.plan.definitions.hosts.flatMap((host) =>
    host.tokens.filter((use) => use.ring === ringId),
  );
  const source = uses[0]?.sources[0] ?? { kind: "header", name: "authorization" };
  const answer = await askCanary(world.rotation, {
    ring,
    canaries: reading.plan.desired.zones.flatMap((zone) =>
      zone.canaries.filter((canary) => canary.ring === ringId).map((canary) => ({ ...canary, source })),
    ),
    key,
    active: undefined,
    mixed: "refused",
  });
  assert.equal(answer.unknown, "refused", "the canary accepts a key that was never published");
  return answer.key;
}

/**
 * Ticks `rotate` as cron would, with the clock moved to whatever it waits for, until `done` says so.
 *
 * @returns every move that was made, as `ring kind key`
 */
export async function rotateUntil(
  world: World,
  options: RotateOptions,
  done: (ledger: Ledger) => boolean,
): Promise<string[]> {
  const moves: string[] = [];
  for (let tick = 0; tick < TICKS; tick += 1) {
    if (done(await ledgerOf(world))) return moves;
    const result = await rotate(world.rotation, options);
    assert.equal(result.refused, undefined, `${result.refused?.code}: ${result.refused?.message}`);
    let next = Number.POSITIVE_INFINITY;
    let moved = false;
    for (const { ring, decision, run } of result.rings) {
      if (decision.step === "advance") {
        assert.equal(run?.ok, true, `${ring}: ${run?.diagnostics.join("; ")}`);
        moves.push(`${ring} ${decision.advance.move.kind} ${decision.advance.move.key}`);
        moved = true;
      } else if (decision.step === "wait") next = Math.min(next, Date.parse(decision.until));
      else assert.fail(`${ring}: ${decision.step}: ${decision.reason}`);
    }
    if (moved) world.clock.advance(MINUTE);
    else world.clock.set(Math.max(next, world.clock.now() + MINUTE));
  }
  return assert.fail(`not done after ${TICKS} ticks: ${moves.join(", ")}`);
}

/** Makes the first key of a ring the active one, by the advances that `rotate` would make. */
export async function activate(world: World, ring: string): Promise<void> {
  const at = new Date(world.clock.now()).toISOString();
  const moves: Move[] = [
    { kind: "verify", key: "k1", evidence: { publishedAt: at, provedAt: at } },
    { kind: "promote", key: "k1" },
  ];
  for (const move of moves) {
    const run = await world.engine.up({ advance: await advanceFor(world, ring, move) });
    assert.equal(run.ok, true, run.diagnostics.join("; "));
  }
}

/** Makes a second key beside the active one, in however many moves that takes; stops at the first that fails. */
export async function publishSecond(world: World, ring: string): Promise<RunResult> {
  const made = await makeSecond(world, ring);
  if (!made.ok || !states(await ringOf(world, ring)).endsWith("k2:GENERATED")) return made;
  return world.engine.up({ advance: await advanceFor(world, ring, { kind: "publish", key: "k2" }) });
}

/** The first half of it: the key exists. */
export async function makeSecond(world: World, ring: string): Promise<RunResult> {
  return world.engine.up({ advance: await advanceFor(world, ring, { kind: "generate", key: "k2" }) });
}

/** True when this key signs. */
export function isActive(ledger: Ledger, ring: string, key: string): boolean {
  return ledger.rings[ring]?.keys.some((entry) => entry.name === key && entry.state === "ACTIVE") === true;
}

/** Calls the API as anyone with the token may. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it knows is there
export async function api(world: World, method: string, path: string, body?: unknown): Promise<any> {
  const answer = await world.edge.api(
    new Request(`http://edge/client/v4${path}`, {
      method,
      headers: { authorization: `Bearer ${LOCAL_API_TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const answered = (await answer.json()) as { success: boolean; errors: unknown; result: unknown };
  assert(answered.success, `${method} ${path}: ${JSON.stringify(answered.errors)}`);
  return answered.result;
}

/** Calls of the API that write, since the `from`-th. */
export function writes(world: World, from = 0): string[] {
  return world.calls
    .slice(from)
    .filter((call) => call.method !== "GET")
    .map((call) => `${call.method} ${call.path}`);
}

/** `pulumi up` by hand. */
export function plainUp(world: World, ...more: string[]) {
  return pulumi(world.project, ["up", "--yes", "--skip-preview", ...ON_STACK, ...more]);
}

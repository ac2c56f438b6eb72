import { constantLag, VirtualClock } from "../../../edge/index.ts";
import type { Definitions, Environment } from "../../../model/definition/types.ts";
import { algorithms } from "../../../model/facts/algorithms.ts";
import type { Advance } from "../../../model/ring/advance.ts";
import { decide, type RingObservation } from "../../../model/ring/decide.ts";
import { LEDGER_FORMAT, type Ledger, type RingLedger } from "../../../model/ring/ledger.ts";
import { nextLedger } from "../../../model/ring/next.ts";
import { activeKey, publishedKeys } from "../../../model/ring/realize.ts";
import { ringDefinition } from "../../../model/ring/ringDefinition.ts";
import { askCanary } from "../../rotate/canary.ts";
import type { RotationWorld } from "../../rotate/world.ts";
import { Agenda } from "../agenda.ts";
import { mint } from "../credential.ts";
import { frontOf, type Tally, useUntilItExpires } from "../front.ts";
import type { RingUsage } from "../usage.ts";
import type { Control } from "./rows.ts";
import { createSmallCloudflare } from "./smallCloudflare.ts";
import { bareTerms, controlledWaits } from "./waits.ts";

const STACK = "organization/keyturn/simulation";
const START = Date.UTC(2026, 10, 22, 12);

/** How long writes take, in milliseconds: the effect comes first, the answer last. */
const WRITE = { publish: 30_000, promote: 60_000 };

/** How many tokens of each key are signed in the time in which both keys may sign. */
const SIGNED_PER_KEY = 6;

/**
 * One rotation of one ring where everything that the waits have to cover is at its worst: the slowest place learns
 * at the end of P, writes answer late, stamps come from a clock that is late and waits are judged by one that is
 * early, the last signer goes on for all of L with a clock that is early, and a place's own clock is late. Decisions
 * come from `decide`, requests go through the edge.
 */
export async function simulate(
  usage: RingUsage,
  definitions: Definitions,
  environment: Environment,
  control: Control,
): Promise<Tally> {
  const { ring } = usage;
  const waits = controlledWaits(ring, control);
  const skew = {
    controller: 1000 * bareTerms.skewController,
    signer: 1000 * bareTerms.skewSigner,
    edge: 1000 * bareTerms.skewEdge,
  };
  const clock = new VirtualClock(START);
  const agenda = new Agenda(clock);
  const cloudflare = createSmallCloudflare(ring, definitions, environment, clock, [
    { name: "NEAR", lag: constantLag(0) },
    { name: "SLOW", lag: constantLag(0), clockOffset: -skew.edge },
    { name: "FAST", lag: constantLag(0), clockOffset: skew.edge },
    { name: "FAR", lag: constantLag(WRITE.publish + 1000 * waits.propagationSeconds) },
  ]);
  const { edge } = cloudflare;
  const front = frontOf(edge, agenda, clock);
  const definition = ringDefinition(ring, environment.zones);
  const known = new Set(algorithms.map((row) => row.alg));
  const readBackAt: Record<string, string> = {};
  let ledger: Ledger = { format: LEDGER_FORMAT, stack: STACK, rings: {} };
  /** True time before the last promotion, for the stamp that comes too early. */
  let promotionBegan = START;

  const current = (): RingLedger => ledger.rings[definition.id]!;
  const iso = (instant: number) => new Date(instant).toISOString();

  async function move(advance: Advance | undefined): Promise<void> {
    const before = publishedNames(ledger.rings[definition.id]);
    const next = nextLedger(ledger, [definition], advance, known);
    if (!next.ok) throw new Error(`${next.code}: ${next.message}`);
    ledger = next.ledger;
    const after = publishedNames(current());
    const began = clock.now();
    cloudflare.write(current());
    const added = after.filter((name) => !before.includes(name));
    if (added.length > 0) {
      await agenda.pass(WRITE.publish);
      const stamp = (control.early === "published" ? began : clock.now()) - skew.controller;
      for (const name of added) readBackAt[name] = iso(stamp);
    }
    if (advance?.move.kind !== "promote") return;
    promotionBegan = began;
    const old = current().keys.find((key) => key.state === "RETIRING");
    if (old) signWithBoth(old.name, advance.move.key, began, began + WRITE.promote);
    await agenda.pass(WRITE.promote);
  }

  /** The new key signs from the beginning of the promotion, the old one for all of L after its end. */
  function signWithBoth(old: string, fresh: string, began: number, ended: number): void {
    const last = ended + 1000 * waits.signerLagSeconds;
    for (let count = 0; count <= SIGNED_PER_KEY; count += 1) {
      const at = Math.floor(began + ((last - began) * count) / SIGNED_PER_KEY);
      for (const name of [old, fresh]) agenda.add(at, () => sign(name, count));
    }
  }

  async function sign(name: string, count: number): Promise<void> {
    for (const off of [-skew.signer, 0, skew.signer]) {
      const subject = `${name}-${count}-${off}`;
      const jwk = cloudflare.key(name);
      useUntilItExpires(front, await mint(usage, { jwk, now: clock.now() + off, subject }));
    }
  }

  const world = {
    now: () => clock.now(),
    freshId: () => "never-published",
    edge: async (request: Request) => {
      const { status, body } = await edge.handle(request, { pop: "NEAR" });
      return { status, body: String(body), pop: "NEAR" };
    },
  } as RotationWorld;

  const canary = (name: string, mixed: "refused" | "accepted") =>
    askCanary(world, {
      ring,
      canaries: cloudflare.zone(current()).canaries,
      source: usage.source ?? { kind: "header", name: "authorization" },
      key: cloudflare.key(name),
      active: activeName(current()) ? cloudflare.key(activeName(current())!) : undefined,
      mixed,
    });

  /** One tick of a controller; false when there is nothing more to do. */
  async function tick(force: boolean): Promise<boolean> {
    // Stamps come from a clock that is late, waits are judged by one that is early.
    const stamps = current().keys.some((key) => key.state === "RETIRING" && key.acknowledgedAt === undefined);
    const now = () => {
      if (!stamps) return clock.now() + skew.controller;
      return (control.early === "acknowledged" ? promotionBegan : clock.now()) - skew.controller;
    };
    let seen: RingObservation = { readBackAt };
    for (;;) {
      const decision = decide({
        ledger,
        ring: current(),
        wanted: { algorithm: definition.algorithm },
        waits,
        seen,
        now: now(),
        ...(force ? { force } : {}),
      });
      if (decision.step === "look") {
        if (decision.look === "canary") seen = { ...seen, canary: await canary(decision.key, "refused") };
        else if (decision.look === "refused")
          seen = { ...seen, refused: await canary(decision.key, "accepted") };
        // The instance that is asked follows a promotion at once; the stragglers are others.
        else seen = { ...seen, samples: { at: iso(now()), byKey: { [activeName(current()) ?? ""]: 3 } } };
      } else if (decision.step === "advance") {
        await move(decision.advance);
        return true;
      } else if (decision.step === "wait") {
        if (current().keys.some((key) => key.confirmedAt !== undefined)) return false;
        if (activeName(current()) === "k1" && current().keys.length === 1) return false;
        await agenda.until(Date.parse(decision.until) - skew.controller);
        return true;
      } else {
        throw new Error(`${decision.code}: ${decision.reason}`);
      }
    }
  }

  await move(undefined);
  while (await tick(false));
  // The rules turn from `log` to `block` with the first key: let every place learn it.
  await agenda.pass(2000 * waits.propagationSeconds + WRITE.publish);
  await tick(true);
  while (await tick(false));
  await agenda.finish();
  return front.tally;
}

function publishedNames(ring: RingLedger | undefined): string[] {
  return ring === undefined ? [] : publishedKeys(ring).map((key) => key.name);
}

function activeName(ring: RingLedger): string | undefined {
  return activeKey(ring)?.name;
}

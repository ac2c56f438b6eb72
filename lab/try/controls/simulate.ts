import { VirtualClock } from "@keyturn/edge";
import type { Definitions, Environment } from "../../../model/definition/types.ts";
import { algorithms } from "../../../model/facts/algorithms.ts";
import type { Advance } from "../../../model/ring/advance.ts";
import { decide } from "../../../model/ring/decide.ts";
import type { Decision, Look, RingObservation } from "../../../model/ring/decision.ts";
import { LEDGER_FORMAT, type Ledger, type RingLedger } from "../../../model/ring/ledger.ts";
import { nextLedger } from "../../../model/ring/next.ts";
import { activeKey, publishedKeys } from "../../../model/ring/realize.ts";
import { ringDefinition } from "../../../model/ring/ringDefinition.ts";
import { askCanary } from "../../../scripts/rotate/canary.ts";
import type { RotationWorld } from "../../../scripts/rotate/world.ts";
import { Agenda } from "../agenda.ts";
import { mint } from "../credential.ts";
import { type Front, frontOf, type Tally, useUntilItExpires } from "../front.ts";
import type { RingUsage } from "../usage.ts";
import { cornerPops, SKEW, WRITE } from "./corners.ts";
import type { Control } from "./rows.ts";
import { createSmallCloudflare, type SmallCloudflare } from "./smallCloudflare.ts";
import { controlledWaits } from "./waits.ts";

const STACK = "organization/keyturn/simulation";
const START = Date.UTC(2026, 10, 22, 12);

/** Instants at which both keys sign, from the beginning of the promotion to the end of L after it. */
const SIGNING_TIMES = 6;

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
  const simulation = new Simulation(usage, definitions, environment, control);
  await simulation.activateFirstKey();
  await simulation.rotate();
  await simulation.agenda.finish();
  return simulation.front.tally;
}

class Simulation {
  readonly agenda: Agenda;
  readonly front: Front;
  readonly #usage: RingUsage;
  readonly #control: Control;
  readonly #waits: ReturnType<typeof controlledWaits>;
  readonly #definition: ReturnType<typeof ringDefinition>;
  readonly #clock = new VirtualClock(START);
  readonly #cloudflare: SmallCloudflare;
  readonly #world: RotationWorld;
  readonly #readBackAt: Record<string, string> = {};
  #ledger: Ledger = { format: LEDGER_FORMAT, stack: STACK, rings: {} };
  /** True time before the last promotion, for the stamp that comes too early. */
  #promotionBegan = START;

  constructor(usage: RingUsage, definitions: Definitions, environment: Environment, control: Control) {
    this.#usage = usage;
    this.#control = control;
    this.#waits = controlledWaits(usage.ring, control);
    const { signerLagSeconds, overlapSeconds } = this.#waits;
    this.#definition = {
      ...ringDefinition(usage.ring, environment.zones, []),
      signerLagSeconds,
      overlapSeconds,
    };
    const pops = cornerPops(this.#waits.propagationSeconds);
    this.#cloudflare = createSmallCloudflare(usage.ring, definitions, environment, this.#clock, pops);
    const { edge } = this.#cloudflare;
    this.agenda = new Agenda(this.#clock);
    this.front = frontOf(edge, this.agenda, this.#clock);
    this.#world = {
      now: () => this.#clock.now(),
      freshId: () => "never-published",
      // One runner sees the place that is nearest to it, which is the first to learn.
      edge: async (request: Request) => {
        const { status, body } = await edge.handle(request, { pop: "NEAR" });
        return { status, body: String(body), pop: "NEAR" };
      },
    } as RotationWorld;
  }

  async activateFirstKey(): Promise<void> {
    await this.#move(undefined);
    while (activeKey(this.#ring) === undefined) await this.#tick(false);
    // The rules turn from `log` to `block` with it: let every place learn that.
    await this.agenda.pass(2000 * this.#waits.propagationSeconds + WRITE.publish);
  }

  async rotate(): Promise<void> {
    await this.#tick(true);
    while (!this.#ring.keys.some((key) => key.confirmedAt !== undefined)) await this.#tick(false);
  }

  get #ring(): RingLedger {
    return this.#ledger.rings[this.#definition.id]!;
  }

  /** One run of a controller: looks as often as the decision asks for, then moves or waits. */
  async #tick(force: boolean): Promise<void> {
    let seen: RingObservation = { readBackAt: this.#readBackAt };
    let decision = this.#decide(seen, force);
    while (decision.step === "look") {
      seen = { ...seen, ...(await this.#look(decision.look, decision.key)) };
      decision = this.#decide(seen, force);
    }
    if (decision.step === "stop") throw new Error(`${decision.code}: ${decision.reason}`);
    if (decision.step === "advance") await this.#move(decision.advance);
    else await this.#comeEarlyThenAgain(Date.parse(decision.until) - SKEW.controller);
  }

  /** A cron job may run at any moment, so also two milliseconds early: then the last valid one is still to come. */
  async #comeEarlyThenAgain(due: number): Promise<void> {
    await this.agenda.until(this.#clock.now() < due - 2 ? due - 2 : due);
  }

  #decide(seen: RingObservation, force: boolean): Decision {
    return decide({
      ledger: this.#ledger,
      ring: this.#ring,
      wanted: { ...this.#definition, places: [] },
      waits: this.#waits,
      seen,
      now: this.#now(),
      ...(force ? { force } : {}),
    });
  }

  /** Stamps come from a clock that is late, waits are judged by one that is early. */
  #now(): number {
    const stamps = this.#ring.keys.some(
      (key) => key.state === "RETIRING" && key.acknowledgedAt === undefined,
    );
    if (!stamps) return this.#clock.now() + SKEW.controller;
    const early = this.#control.early === "acknowledged";
    return (early ? this.#promotionBegan : this.#clock.now()) - SKEW.controller;
  }

  async #look(look: Look, name: string): Promise<Partial<RingObservation>> {
    const active = activeKey(this.#ring)?.name;
    // The issuer that is asked follows a promotion at once; the stragglers are others.
    if (look === "samples") return { samples: { at: iso(this.#now()), byKey: { [active ?? ""]: 3 } } };
    const source = this.#usage.source ?? { kind: "header", name: "authorization" };
    const answer = await askCanary(this.#world, {
      ring: this.#usage.ring,
      canaries: this.#cloudflare.zone(this.#ring).canaries.map((canary) => ({ ...canary, source })),
      key: this.#cloudflare.key(name),
      active: active === undefined ? undefined : this.#cloudflare.key(active),
      mixed: look === "canary" ? "refused" : "accepted",
    });
    return look === "canary" ? { canary: answer } : { refused: answer };
  }

  async #move(advance: Advance | undefined): Promise<void> {
    const before = published(this.#ledger.rings[this.#definition.id]);
    const known = new Set(algorithms.map((row) => row.alg));
    const next = nextLedger(this.#ledger, [this.#definition], advance, known);
    if (!next.ok) throw new Error(`${next.code}: ${next.message}`);
    this.#ledger = next.ledger;
    const began = this.#clock.now();
    this.#cloudflare.write(this.#ring);
    const added = published(this.#ring).filter((name) => !before.includes(name));
    if (added.length > 0) {
      await this.agenda.pass(WRITE.publish);
      const stamp = this.#control.early === "published" ? began : this.#clock.now();
      for (const name of added) this.#readBackAt[name] = iso(stamp - SKEW.controller);
    }
    if (advance?.move.kind !== "promote") return;
    this.#promotionBegan = began;
    this.#signWithBoth(advance.move.key, began, began + WRITE.promote);
    await this.agenda.pass(WRITE.promote);
  }

  /** The new key signs from the beginning of the promotion, the old one for all of L after its end. */
  #signWithBoth(fresh: string, began: number, ended: number): void {
    const old = this.#ring.keys.find((key) => key.state === "RETIRING")?.name;
    if (old === undefined) return;
    const last = ended + 1000 * this.#waits.signerLagSeconds;
    for (let count = 0; count <= SIGNING_TIMES; count += 1) {
      const at = Math.floor(began + ((last - began) * count) / SIGNING_TIMES);
      for (const name of [old, fresh]) this.agenda.add(at, () => this.#sign(name, `${name}-${count}`));
    }
  }

  async #sign(name: string, about: string): Promise<void> {
    const jwk = this.#cloudflare.key(name);
    for (const off of [-SKEW.signer, 0, SKEW.signer]) {
      const minting = { jwk, now: this.#clock.now() + off, subject: `${about}-${off}` };
      useUntilItExpires(this.front, await mint(this.#usage, minting));
    }
  }
}

function published(ring: RingLedger | undefined): string[] {
  return ring === undefined ? [] : publishedKeys(ring).map((key) => key.name);
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

import type { Advance } from "../../model/ring/advance.ts";
import { decide } from "../../model/ring/decide.ts";
import type { CanaryAnswer, RingObservation, RingWaits, Situation } from "../../model/ring/decision.ts";
import {
  type KeyRecord,
  LEDGER_FORMAT,
  type Ledger,
  type Move,
  type RingLedger,
} from "../../model/ring/ledger.ts";
import { nextLedger } from "../../model/ring/next.ts";
import { keysWithMaterial, publishedKeys } from "../../model/ring/realize.ts";
import { decideRevocation } from "../../model/ring/revocation.ts";
import type { RingDefinition } from "../../model/ring/ringDefinition.ts";
import { isSameMove, KEY_STATES, MOVES } from "../../model/ring/states.ts";
import { decideAbort } from "../../model/ring/wishes.ts";

/** Where a run dies; `none` lets it end. */
export const CRASHES = ["none", "before", "effect", "stored", "signer"] as const;
export type Crash = (typeof CRASHES)[number];

/** What a world may be like: true bounds, within which everything happens as badly as it can. */
export interface Bounds {
  /** P, L and the skews, in seconds. */
  readonly propagation: number;
  readonly signerLag: number;
  readonly skewController: number;
  readonly skewSigner: number;
  readonly skewEdge: number;
  readonly leeway: number;
}

export interface RingWorldOptions {
  readonly definition: RingDefinition;
  readonly waits: RingWaits & Pick<RingDefinition, "signerLagSeconds" | "overlapSeconds">;
  readonly bounds: Bounds;
  /** In [0, 1]; 0 and 1 are drawn often, since the ends of a range break most. */
  readonly draw: () => number;
  /** The canary answers what the next decision hopes for; a control for the canary itself. */
  readonly blindCanary?: boolean;
}

const STACK = "organization/keyturn/dev";
const START = Date.parse("2026-01-01T00:00:00.000Z");

interface Place {
  readonly name: string;
  readonly skew: number;
  readonly log: { readonly at: number; readonly kids: ReadonlySet<string> }[];
}

interface Token {
  readonly kid: string;
  readonly signed: number;
  /** Of its `exp`, by the true clock. */
  readonly expires: number;
}

interface Resource {
  readonly serial: number;
  readonly move: Move;
  readonly kids: readonly string[];
  readonly readBackAt: Readonly<Record<string, string>>;
  readonly writtenAt: string;
}

/**
 * One ring, its resource, Cloudflare, three points of presence and two signers in true time, with clocks that are
 * off. Everything a real deployment does is here as a fake; what decides is the model's own code.
 */
export class RingWorld {
  readonly violations: string[] = [];
  readonly promotions: string[] = [];
  now = START;
  definition: RingDefinition;
  ledger: Ledger = { format: LEDGER_FORMAT, stack: STACK, rings: {} };
  readonly #options: RingWorldOptions;
  readonly #places: Place[];
  readonly #pointers: { at: number; kid: string }[] = [];
  readonly #tokens: Token[] = [];
  readonly #revoked = new Set<string>();
  readonly #materials = new Map<string, string>();
  readonly #signerSkew: number;
  #skew = 0;
  #live: readonly string[] = [];
  #resource: Resource | undefined;
  #reported: Pick<Resource, "readBackAt" | "writtenAt"> | undefined;
  #issuerLifetime: number;
  #made = 0;

  constructor(options: RingWorldOptions) {
    this.#options = options;
    const { signerLagSeconds, overlapSeconds } = options.waits;
    this.definition = { ...options.definition, signerLagSeconds, overlapSeconds };
    this.#issuerLifetime = options.definition.lifetimeSeconds;
    const { bounds } = options;
    this.#signerSkew = this.#within(bounds.skewSigner);
    this.#places = ["AMS", "SIN", "GRU"].map((name) => ({
      name,
      skew: this.#within(bounds.skewEdge),
      log: [],
    }));
    this.up(undefined, "none");
  }

  get ring(): RingLedger {
    return this.ledger.rings[this.definition.id] as RingLedger;
  }

  /** The controller's clock, which an operator or NTP may set anew within its bound. */
  setSkew(): void {
    this.#skew = this.#within(this.#options.bounds.skewController);
  }

  /** One run of `rotate`: at most one move. Time passes first, to the instant it waits for or past it. */
  tick(crash: Crash, force: boolean): void {
    for (let turn = 0; turn < 2; turn += 1) {
      const decision = this.#decide(force);
      if (decision.step === "advance") {
        this.#mayMove(decision.advance);
        this.up(decision.advance, crash);
        return;
      }
      if (decision.step !== "wait" || turn > 0) break;
      const until = Date.parse(decision.until) - this.#skew;
      if (until > this.now + 40 * 86_400_000) break;
      this.#pass(Math.max(0, until - this.now));
    }
    this.#pass(60_000);
  }

  /** A rule change or a new definition, without an advance. */
  plainUp(crash: Crash): void {
    const before = JSON.stringify(this.ring.keys.map(({ name, state, kid }) => [name, state, kid]));
    const live = [...this.#live];
    this.up(undefined, crash);
    const after = JSON.stringify(this.ring.keys.map(({ name, state, kid }) => [name, state, kid]));
    if (before !== after) this.violations.push("a plain up moved a key");
    if (live.join() !== this.#live.join()) this.violations.push("a plain up changed the key set");
  }

  /** Another lifetime: a shorter one the issuer takes up before it is declared, a longer one once it is deployed. */
  changeLifetime(seconds: number): void {
    this.#issuerLifetime = Math.min(this.#issuerLifetime, seconds);
    this.definition = { ...this.definition, lifetimeSeconds: seconds };
    if (this.up(undefined, "none") === "ok") this.#issuerLifetime = seconds;
  }

  changeAlgorithm(algorithm: string): void {
    this.definition = { ...this.definition, algorithm };
    this.plainUp("none");
  }

  abort(crash: Crash): void {
    const decision = decideAbort(this.#situation(this.#observe(), false));
    if (decision.step === "advance") this.up(decision.advance, crash);
  }

  revoke(crash: Crash): void {
    const bad = this.ring.keys.find((key) => key.state === "ACTIVE");
    if (bad === undefined) return;
    for (let step = 0; step < 12; step += 1) {
      const seen: RingObservation = { readBackAt: {}, ...this.#open(), canary: this.#canary(bad, "canary") };
      const decision = decideRevocation(this.#situation(seen, false), bad.name);
      if (decision.step !== "advance") return;
      const { move } = decision.advance;
      if (move.kind === "revoke") {
        // W is waived for a substitute: its own tokens may be refused until every place has learned of it.
        for (const name of [move.key, move.substitute])
          this.#revoked.add(this.ring.keys.find((key) => key.name === name)?.kid ?? "");
      }
      if (this.up(decision.advance, move.kind === "revoke" ? crash : "none") !== "ok") return;
    }
  }

  /** Judges every token ever signed against what every point of presence held. */
  judge(): string[] {
    const found = [...this.violations];
    for (const token of this.#tokens) {
      if (this.#revoked.has(token.kid)) continue;
      for (const place of this.#places) {
        const until = token.expires + 1000 * this.#options.bounds.leeway - place.skew;
        const held = place.log.filter(({ at }) => at <= token.signed).at(-1);
        // The formulas are exact: a key may go at the very instant at which its last token ends.
        const later = place.log.filter(({ at }) => at > token.signed && at < until);
        if (!held?.kids.has(token.kid)) found.push(`${place.name} does not know ${token.kid} yet`);
        else if (later.some(({ kids }) => !kids.has(token.kid)))
          found.push(`${place.name} has forgotten ${token.kid}`);
      }
    }
    return found;
  }

  up(advance: Advance | undefined, crash: Crash): string {
    const planned = nextLedger(this.ledger, [this.definition], advance, new Set(["ES256", "RS256", "HS256"]));
    if (!planned.ok) return planned.code;
    const ring = planned.ledger.rings[this.definition.id] as RingLedger;
    for (const key of keysWithMaterial(ring)) this.#make(key);
    if (MOVES[ring.move.kind].ledgerOnly) {
      this.#record(planned.ledger, ring);
      return "ok";
    }
    const wanted = publishedKeys(ring).map((key) => this.#materials.get(key.name) ?? "");
    this.#maySend(ring, wanted);
    const fenced = this.#fenced(ring);
    if (fenced) return "FENCED";
    const stopped = this.#bringKeys(ring, wanted, crash);
    if (stopped) return stopped;
    if (crash === "stored") return "died";
    this.#deliver(ring);
    if (crash === "signer") return "died";
    this.#record(planned.ledger, ring);
    return "ok";
  }

  #decide(force: boolean) {
    let seen = this.#observe();
    for (;;) {
      const decision = decide(this.#situation(seen, force));
      if (decision.step !== "look") return decision;
      const key = this.ring.keys.find(({ name }) => name === decision.key) as KeyRecord;
      if (decision.look === "samples") seen = { ...seen, samples: this.#samples() };
      else seen = { ...seen, [decision.look]: this.#canary(key, decision.look) };
    }
  }

  #situation(seen: RingObservation, force: boolean): Situation {
    return {
      ledger: this.ledger,
      ring: this.ring,
      wanted: this.definition,
      waits: this.#options.waits,
      seen,
      now: this.#controller(),
      ...(force ? { force } : {}),
    };
  }

  #observe(): RingObservation {
    const { unfinished: open } = this.#open();
    const algorithms = new Map(this.ring.keys.map((key) => [key.kid ?? "", key.algorithm]));
    const held = publishedKeys(this.ring).map((key) => key.kid ?? "");
    const drifted = open === undefined && sorted(held) !== sorted(this.#live);
    const live = [this.#live.map((kid) => `${kid} ${algorithms.get(kid) ?? "?"}`)];
    return {
      readBackAt: this.#reported?.readBackAt ?? {},
      ...(this.#reported ? { writtenAt: this.#reported.writtenAt } : {}),
      ...(open ? { unfinished: open } : {}),
      ...(drifted ? { drift: "another set", live } : {}),
    };
  }

  #open(): Pick<RingObservation, "unfinished"> {
    const resource = this.#resource;
    if (resource === undefined || resource.serial <= (this.ledger.rings[this.definition.id]?.serial ?? 0))
      return {};
    return { unfinished: { serial: resource.serial, move: resource.move } };
  }

  #canary(key: KeyRecord, look: "canary" | "refused"): CanaryAnswer {
    const active = this.ring.keys.find(({ state }) => state === "ACTIVE");
    const at = (kid: string | null) =>
      this.#places.map(
        ({ log }) =>
          log
            .filter((entry) => entry.at <= this.now)
            .at(-1)
            ?.kids.has(kid ?? "") === true,
      );
    // One runner sees the point of presence that is nearest to it.
    const nearest = Math.min(2, Math.floor(this.#options.draw() * 3));
    const answer = (kid: string | null) => (at(kid)[nearest] ? "accepted" : "refused");
    const hoped = look === "canary" ? "accepted" : "refused";
    return {
      at: this.#instant(),
      rounds: 3,
      pops: [this.#places[nearest]?.name ?? ""],
      key: this.#options.blindCanary ? hoped : answer(key.kid),
      ...(active && active !== key
        ? { active: this.#options.blindCanary ? "accepted" : answer(active.kid) }
        : {}),
      unknown: "refused",
    };
  }

  #samples() {
    const byKey: Record<string, number> = {};
    for (const lag of [0, this.#options.bounds.signerLag]) {
      const kid =
        this.#pointers.filter(({ at }) => at + 1000 * lag <= this.now).at(-1)?.kid ?? this.#pointers[0]?.kid;
      const name = this.ring.keys.find((key) => key.kid === kid)?.name ?? "unknown";
      byKey[name] = (byKey[name] ?? 0) + 1;
    }
    return { at: this.#instant(), byKey };
  }

  /** What may never be asked for, whatever the waits say. */
  #mayMove({ move }: Advance): void {
    const key = this.ring.keys.find(({ name }) => name === move.key);
    if (move.kind === "promote" && (key?.state !== "VERIFIED" || key.provedAt === undefined))
      this.violations.push("a promotion without a canary");
    if (move.kind === "verify" && move.evidence?.publishedAt === undefined)
      this.violations.push("a verification of a key that was not read back");
    if (move.kind === "retire" && !(Number(move.evidence?.samples) > 0 && key?.acknowledgedAt))
      this.violations.push("a retirement without samples");
  }

  #maySend(ring: RingLedger, kids: readonly string[]): void {
    const { keyLimit, reserve } = this.definition;
    const emergency =
      ring.keys.some(({ history }) => history[0]?.move.kind === "substitute") || ring.move.over === true;
    if (kids.length === 0) this.violations.push("an empty key set");
    if (kids.length > keyLimit - (emergency ? 0 : reserve)) this.violations.push(`${kids.length} keys`);
    if (!ring.keys.some(({ state }) => state === "ACTIVE") && ring.keys.some(({ hasSigned }) => hasSigned))
      this.violations.push("no key signs any more");
    for (const key of ring.keys) {
      const old = this.ledger.rings[this.definition.id]?.keys.find(({ name }) => name === key.name);
      if (old && KEY_STATES.indexOf(key.state) < KEY_STATES.indexOf(old.state))
        this.violations.push(`${key.name} went back from ${old.state} to ${key.state}`);
    }
  }

  #make(key: KeyRecord): void {
    const made = this.#materials.get(key.name);
    if (made === undefined) {
      if (key.kid !== null) this.violations.push(`the material of ${key.name} is gone`);
      this.#made += 1;
      this.#materials.set(key.name, `kid-${this.#made}`);
    } else if (key.kid !== null && key.kid !== made) this.violations.push(`${key.name} has other material`);
  }

  #fenced(ring: RingLedger): boolean {
    const had = this.#resource;
    if (had === undefined || ring.serial > had.serial) return false;
    return ring.serial < had.serial || !isSameMove(ring.move, had.move);
  }

  /** As the token configuration does: read, write, read back. */
  #bringKeys(ring: RingLedger, wanted: readonly string[], crash: Crash): string | undefined {
    const had = this.#resource;
    if (had?.serial === ring.serial) return undefined;
    if (sorted(this.#live) !== sorted(wanted)) {
      const over = ring.move.over === true;
      if (had && !over && sorted(this.#live) !== sorted(had.kids)) return "DRIFT";
      if (crash === "before") return "died";
      this.#live = wanted;
      this.#propagate(wanted);
      if (crash === "effect") return "died";
      this.#pass(30_000 * this.#options.draw());
    }
    // The `Date` header of the read-back, rounded up.
    const at = new Date(Math.ceil(this.now / 1000) * 1000 + 1000).toISOString();
    const names = publishedKeys(ring).map((key) => key.name);
    const readBackAt = Object.fromEntries(names.map((name) => [name, had?.readBackAt[name] ?? at]));
    this.#resource = { serial: ring.serial, move: ring.move, kids: wanted, readBackAt, writtenAt: at };
    return undefined;
  }

  #propagate(kids: readonly string[]): void {
    for (const { log } of this.#places) {
      const arrival = this.now + 1000 * this.#options.bounds.propagation * this.#options.draw();
      log.push({ at: Math.max(arrival, log.at(-1)?.at ?? 0), kids: new Set(kids) });
    }
  }

  /** The issuer's secret; the slowest signer still signs with the old key a whole L later. */
  #deliver(ring: RingLedger): void {
    const active = ring.keys.find(({ state }) => state === "ACTIVE");
    const kid = active && this.#materials.get(active.name);
    const old = this.#pointers.at(-1);
    if (kid === undefined || old?.kid === kid) return;
    this.promotions.push(kid);
    this.#pointers.push({ at: this.now, kid });
    this.#sign(kid, this.now);
    if (old) this.#sign(old.kid, this.now + 1000 * this.#options.bounds.signerLag);
    this.#pass(30_000 * this.#options.draw());
  }

  #sign(kid: string, at: number): void {
    this.#tokens.push({ kid, signed: at, expires: at + this.#signerSkew + 1000 * this.#issuerLifetime });
  }

  #record(ledger: Ledger, ring: RingLedger): void {
    const keys = ring.keys.map((key) => ({ ...key, kid: key.kid ?? this.#materials.get(key.name) ?? null }));
    this.ledger = { ...ledger, rings: { ...ledger.rings, [ring.ring]: { ...ring, keys } } };
    this.#reported = this.#resource;
    const kept = new Set(keysWithMaterial(ring).map(({ name }) => name));
    for (const name of this.#materials.keys()) if (!kept.has(name)) this.#materials.delete(name);
  }

  #pass(milliseconds: number): void {
    const signing = this.#pointers.at(-1)?.kid;
    if (signing !== undefined) this.#sign(signing, this.now);
    this.now += Math.ceil(milliseconds);
  }

  #controller(): number {
    return this.now + this.#skew;
  }

  #instant(): string {
    return new Date(this.#controller()).toISOString();
  }

  /** Off by up to `seconds`, either way, in milliseconds. */
  #within(seconds: number): number {
    return Math.round(1000 * seconds * (2 * this.#options.draw() - 1));
  }
}

function sorted(values: readonly string[]): string {
  return [...values].sort().join(" ");
}

import { LOCAL_API_TOKEN } from "../../../lab/local/cloudflare.ts";
import type { Decision } from "../../../model/ring/decision.ts";
import { type RotateOptions, rotate } from "../../../scripts/rotate/rotate.ts";
import type { Saved, World } from "../world.ts";
import { Holders } from "./holders.ts";
import { leftBy, type Origin, originsOf, take } from "./origins.ts";
import { openRings, RINGS, type RingId, ZONES } from "./project.ts";

/** What is done to what a cut-short move left; `other` names another ring. */
export const ACTIONS = [
  "rotate",
  "tick",
  "restore",
  "abort",
  "revoke active",
  "revoke newest",
  "up",
  "refresh",
  "rotate other",
  "revoke other",
] as const;

/** What somebody else writes, of the ring's own, before that. */
export const FOREIGN = [
  "nothing",
  "adds a key in the first zone",
  "adds a key in the second zone",
  "takes the newest key in the first zone",
  "takes the newest key in the second zone",
] as const;

/** How long after the run died: at once, or past every evidence and wait. */
export const GAPS = [120_000, 3 * 86_400_000] as const;

export interface Case {
  readonly ring: RingId;
  readonly origin: number;
  /** Of independent resources. */
  readonly order: number;
  readonly left: number;
  readonly foreign: (typeof FOREIGN)[number];
  readonly gap: (typeof GAPS)[number];
  readonly actions: readonly (typeof ACTIONS)[number][];
}

export interface Verdict {
  readonly case: string;
  readonly problems: readonly string[];
  /** Commands that led back to rest, as the messages named them. */
  readonly way: readonly string[];
}

const MINUTE = 60_000;

/** Ways that are tried before a state counts as a dead end. */
const DEPTH = 4;

export async function play(chosen: Case): Promise<Verdict> {
  const origins = await originsOf(chosen.ring);
  const origin = origins[chosen.origin % origins.length] as Origin;
  const lefts = await leftBy(origin, chosen.order);
  const left = lefts[chosen.left % lefts.length];
  if (left === undefined) throw new Error(`nothing is left of ${origin.label}`);
  const label = [
    `${origin.ring}: ${origin.label} ${left.label} (order ${chosen.order})`,
    `somebody ${chosen.foreign}`,
    `${chosen.gap / MINUTE} min`,
    ...chosen.actions,
  ].join("; ");
  const stage = new Stage(await openRings(left.saved, 7), chosen.ring);
  const problems: string[] = [];
  try {
    if (origin.label.startsWith("revoke")) stage.forgive(chosen.ring);
    await stage.world.local.runner.cancel();
    await stage.pass(chosen.gap);
    await stage.foreign(chosen.foreign);
    let said: string[] = [];
    for (const action of chosen.actions) {
      said = await stage.act(action);
      await stage.pass(MINUTE);
    }
    const end = await leadBack(stage, said, DEPTH);
    problems.push(...end.problems);
    return { case: label, problems: [...problems, ...end.stage.problems()], way: end.way };
  } catch (error) {
    return { case: label, problems: [...problems, `throws ${(error as Error).stack}`], way: [] };
  }
}

interface End {
  readonly stage: Stage;
  readonly problems: readonly string[];
  readonly way: readonly string[];
}

/** Lets cron tick; where it stops, one of the commands that its message names must lead on. */
async function leadBack(stage: Stage, said: readonly string[], depth: number): Promise<End> {
  const stopped = await stage.settle();
  if (stopped.length === 0) return { stage, problems: await stage.unrest(), way: [] };
  const texts = [...stopped, ...said];
  const commands = [...new Set(texts.flatMap(namedCommands))];
  const dead = `dead end: ${stopped.join(" | ")}`;
  if (depth === 0) return { stage, problems: [dead], way: [] };
  let last: End = { stage, problems: [`${dead} (it names ${commands.join(", ") || "no command"})`], way: [] };
  for (const command of commands) {
    const next = await stage.copy();
    const answer = await next.run(command);
    if (answer === undefined) continue;
    await next.pass(MINUTE);
    const end = await leadBack(next, answer, depth - 1);
    if (end.problems.length === 0) return { ...end, way: [command, ...end.way] };
    last = { ...end, problems: end.problems.map((problem) => `${command} -> ${problem}`) };
  }
  return last;
}

/** Commands in backquotes, as a text tells a person to run them. */
function namedCommands(text: string): string[] {
  return [...text.matchAll(/`((?:keyturn|pulumi) [^`]+)`/g)].map((found) => String(found[1]));
}

/** One world, whoever holds its tokens, and what must never happen in it. */
class Stage {
  readonly world: World;
  readonly #ring: RingId;
  readonly #holders: Holders;
  readonly #found: string[] = [];
  /** Kids that an emergency took from every zone it could reach. */
  readonly #revoked: Set<string>;

  constructor(
    world: World,
    ring: RingId,
    revoked: ReadonlySet<string> = new Set(),
    forgiven: ReadonlySet<RingId> = new Set(),
  ) {
    this.world = world;
    this.#ring = ring;
    this.#holders = new Holders(world);
    this.#revoked = new Set(revoked);
    for (const each of forgiven) this.forgive(each);
    world.onMoment = (moment) => {
      if (moment === "effect") this.#watch();
      return undefined;
    };
  }

  readonly #forgiven = new Set<RingId>();

  /** From now on a refused token of the ring is an emergency's doing, or somebody else's. */
  forgive(ring: RingId): void {
    this.#forgiven.add(ring);
    this.#holders.forgive(ring);
  }

  async copy(): Promise<Stage> {
    return new Stage(await openRings(this.world.save(), 7), this.#ring, this.#revoked, this.#forgiven);
  }

  problems(): readonly string[] {
    return [...new Set([...this.#found, ...this.#holders.refused])];
  }

  pass(milliseconds: number): Promise<void> {
    return this.#holders.pass(this.world.clock.now() + milliseconds);
  }

  /** A key that a revocation has taken away is at no zone again. */
  #watch(): void {
    for (const kid of this.#revoked) {
      if (held(this.world).has(kid)) this.#found.push(`the revoked key ${kid} is back`);
    }
  }

  async foreign(kind: Case["foreign"]): Promise<void> {
    const zone = kind.includes("second") ? ZONES[1] : ZONES[0];
    if (kind === "nothing") return;
    const newest = (await this.world.ring(this.#ring)).keys.at(-1);
    const signs = this.#holders.stored(`${this.#ring}-key`)?.kid === newest?.kid;
    if (kind.startsWith("takes") && (signs || newest?.hasSigned !== false)) this.forgive(this.#ring);
    if (this.#ring === "shop") {
      const [configuration] = this.world.edge.world.zone(zone.id).tokenConfigurations;
      if (configuration === undefined) return;
      const keys = kind.startsWith("adds")
        ? [...configuration.keys, { kid: "foreign", alg: "HS256", kty: "oct", k: "A".repeat(43) }]
        : configuration.keys.filter(({ kid }) => kid !== newest?.kid);
      if (keys.length === 0) return;
      await this.#send("PUT", `/zones/${zone.id}/token_validation/config/${configuration.id}/credentials`, {
        keys,
      });
      return;
    }
    this.forgive(this.#ring);
    const phase = "http_request_firewall_custom";
    const rules = this.world.edge.world.zone(zone.id).rulesets.find((set) => set.phase === phase)?.rules;
    const ofTheRing = (description?: string) => description?.includes(` link ${this.#ring}: `) === true;
    const changed = (rules ?? []).map(
      ({ ref, description, expression, action, enabled, action_parameters }) => ({
        ref,
        description,
        action,
        enabled,
        ...(action_parameters === undefined ? {} : { action_parameters }),
        expression: ofTheRing(description)
          ? expression.replaceAll(/(is_timed_hmac_valid_v0\(\s*")[^"]{8}/g, "$1foreign0")
          : expression,
      }),
    );
    await this.#send("PUT", `/zones/${zone.id}/rulesets/phases/${phase}/entrypoint`, {
      rules: kind.startsWith("adds") ? changed : changed.slice(1),
    });
  }

  async #send(method: string, path: string, body: object): Promise<void> {
    const answer = await this.world.edge.fetch(`https://local.invalid/client/v4${path}`, {
      method,
      headers: { authorization: `Bearer ${LOCAL_API_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`foreign write: ${await answer.text()}`);
  }

  /** Does it, and answers what was said. */
  async act(action: (typeof ACTIONS)[number]): Promise<string[]> {
    const ring = this.#ring;
    const other: RingId = ring === "shop" ? "files" : ring === "files" ? "album" : "files";
    const { keys } = await this.world.ring(ring);
    const active = keys.find(({ state }) => state === "ACTIVE")?.name;
    switch (action) {
      case "rotate":
        return this.#rotate({ rings: [ring] });
      case "tick":
        return this.#rotate({});
      case "restore":
        return this.#rotate({ rings: [ring], restore: true });
      case "abort":
        return this.#rotate({ rings: [ring], abort: true });
      case "revoke active":
        return active === undefined ? [] : this.#revoke(ring, active);
      case "revoke newest":
        return this.#revoke(ring, keys.at(-1)?.name ?? "");
      case "up":
        return this.#up();
      case "refresh":
        await this.world.local.runner.refresh();
        return [];
      case "rotate other":
        return this.#rotate({ rings: [other], force: true });
      case "revoke other":
        return this.#revoke(other, (await this.world.ring(other)).keys.at(-1)?.name ?? "");
    }
  }

  /** A command as a message names it; undefined for one that does not move anything here. */
  async run(command: string): Promise<string[] | undefined> {
    const words = command.split(/\s+/);
    const ring = words[2] as RingId;
    const isRing = RINGS.includes(ring);
    if (command === "pulumi up") return this.#up();
    if (command === "pulumi refresh") {
      await this.world.local.runner.refresh();
      return [];
    }
    if (/^keyturn rotate( \w+)?( --restore)?$/.test(command)) {
      const rings = isRing ? { rings: [ring] } : {};
      return this.#rotate({ ...rings, restore: words.includes("--restore") });
    }
    if (/^keyturn abort \w+$/.test(command) && isRing) return this.#rotate({ rings: [ring], abort: true });
    const key = /^keyturn revoke \w+ --key (k\d+)(?: --yes)?$/.exec(command)?.[1];
    if (key !== undefined && isRing) return this.#revoke(ring, key);
    if (/^pulumi (stack|config|import|cancel)|^keyturn (status|doctor)/.test(command)) return undefined;
    this.#found.push(`a message names a command that cannot be run: ${command}`);
    return undefined;
  }

  async #rotate(options: RotateOptions): Promise<string[]> {
    const { refused, rings } = await rotate(this.world.rotation, options);
    return [
      ...(refused === undefined ? [] : [`${refused.code}: ${refused.message}`]),
      ...rings.flatMap(({ decision, run }) => [
        ...saidBy(decision),
        ...(run?.ok === false ? run.diagnostics : []),
      ]),
    ];
  }

  async #revoke(ring: RingId, key: string): Promise<string[]> {
    const kid = (await this.world.ring(ring)).keys.find(({ name }) => name === key)?.kid;
    this.forgive(ring);
    const before = held(this.world);
    const { refused, runs } = await take(this.world, ring, key);
    const after = held(this.world);
    const bad = kid ?? "";
    if (kid && before.has(bad) && !after.has(bad)) this.#revoked.add(bad);
    return [
      ...(refused === undefined ? [] : [`${refused.code}: ${refused.message}`]),
      ...runs.flatMap(({ run }) => (run.ok ? [] : run.diagnostics)),
    ];
  }

  async #up(): Promise<string[]> {
    const run = await this.world.local.runner.up();
    return run.ok ? [] : [...run.diagnostics];
  }

  /** Ticks from cron until every ring waits for its next rotation; answers what stops them, if anything does. */
  async settle(): Promise<readonly string[]> {
    let stopped: string[] = [];
    let same = 0;
    for (let count = 0; count < 40; count += 1) {
      const result = await rotate(this.world.rotation);
      const { refused, rings } = result;
      const now = [
        ...(refused === undefined ? [] : [`${refused.code}: ${refused.message}`]),
        ...rings.flatMap(({ decision, run }) => [
          ...(decision.step === "stop" ? saidBy(decision) : []),
          ...(run?.ok === false ? run.diagnostics : []),
        ]),
      ];
      const waits = rings.flatMap(({ decision }) =>
        decision.step === "wait" ? [Date.parse(decision.until)] : [],
      );
      const soon = Math.min(...waits.filter((at) => at < this.world.clock.now() + 10 * 86_400_000));
      const moves = rings.some(({ decision, run }) => decision.step === "advance" && run?.ok !== false);
      if (now.length === 0 && !moves && soon === Number.POSITIVE_INFINITY) return [];
      same = now.length > 0 && now.join() === stopped.join() && !moves ? same + 1 : 0;
      stopped = now;
      if (same >= 2) return stopped;
      await this.#holders.pass(
        moves || soon === Number.POSITIVE_INFINITY
          ? this.world.clock.now() + 15 * MINUTE
          : Math.max(soon, this.world.clock.now() + MINUTE),
      );
    }
    return [...stopped, "cron never comes to rest"];
  }

  /** What is not as it must be when nothing is left to do. */
  async unrest(): Promise<readonly string[]> {
    const found: string[] = [];
    const kids = held(this.world);
    for (const id of RINGS) {
      const { keys } = await this.world.ring(id);
      const live = keys.filter((key) => key.confirmedAt === undefined);
      if (live.length !== 1 || live[0]?.state !== "ACTIVE")
        found.push(`${id} rests with ${keys.map(({ name, state }) => `${name} ${state}`).join(", ")}`);
      const wanted = live[0]?.kid ?? "";
      if (id === "shop" && !kids.has(wanted)) found.push(`Cloudflare does not hold ${id}'s active key`);
      const name = `${id}-key`;
      const stored = this.#holders.stored(name);
      if (stored !== undefined && stored.kid !== wanted)
        found.push(`${id}'s issuer signs with ${stored.kid}, the active key is ${wanted}`);
    }
    if (kids.has("foreign")) found.push("a foreign key is left");
    const writes = this.world.writes.length;
    const said = await this.#up();
    if (said.length > 0) found.push(`an up at rest says ${said.join(" | ")}`);
    else if (this.world.writes.length !== writes)
      found.push(
        `an up at rest writes ${this.world.writes
          .slice(writes)
          .map(({ method, path }) => `${method} ${path}`)
          .join(", ")}`,
      );
    return found;
  }
}

function saidBy(decision: Decision): string[] {
  return decision.step === "stop" || decision.step === "wait"
    ? [`${decision.step === "stop" ? decision.code : "wait"}: ${decision.reason}`]
    : [];
}

/** Every kid in a token configuration, and every secret of links. */
function held(world: World): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { id } of ZONES) {
    const { tokenConfigurations, rulesets } = world.edge.world.zone(id);
    for (const { keys } of tokenConfigurations) for (const { kid } of keys) found.add(kid);
    for (const { rules } of rulesets) {
      for (const { expression } of rules)
        for (const match of expression.matchAll(/is_timed_hmac_valid_v0\(\s*"([^"]*)"/g))
          found.add(String(match[1]));
    }
  }
  return found;
}

export type { Saved };

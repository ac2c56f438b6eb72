import { join } from "node:path";
import type { Edge, VirtualClock } from "@keyturn/edge";
import { readRuleFiles } from "../../infra/ruleFiles.ts";
import { memoryStore, type StateStore } from "../../lab/engine/store.ts";
import { LOCAL_API_TOKEN } from "../../lab/local/cloudflare.ts";
import { createLocal, type Local, type LocalOptions, SHOP } from "../../lab/local/local.ts";
import { localIssuer, localRotation } from "../../lab/local/localRotation.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Environment, Ring } from "../../model/definition/types.ts";
import type { Ledger, RingLedger } from "../../model/ring/ledger.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";

/** The kinds of ring, each with a small project of its own: one host, one rule, the ring `shop`. */
export const RING_KINDS = ["asymmetric", "symmetric", "links"] as const;
export type RingKind = (typeof RING_KINDS)[number];

export const RING = "shop";
export const PROJECT_ROOT = join(import.meta.dirname, "..", "..");
const BASE = "https://local.invalid/client/v4";

export function rulesOf(kind: RingKind | "example"): string {
  return kind === "example" ? join(SHOP, "rules") : join(PROJECT_ROOT, "tests", "support", "rings", kind);
}

/** A call that changes something at the API, so that another edge can be brought to the same state. */
export interface Write {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Where a run can be stopped, seen from one call; `saved`: after the store was given a state, between two calls. */
export type Moment = "before" | "effect" | "answer" | "saved";

export interface Call {
  readonly method: string;
  /** Below `/client/v4`. */
  readonly path: string;
  readonly body: string;
}

export interface WorldOptions {
  readonly kind: RingKind | "example";
  /** Written state to go on from; nothing else survives a stopped run. */
  readonly from?: Saved;
  /** Differs for each world that makes keys of its own. */
  readonly seed?: number;
  readonly local?: LocalOptions;
  /** The folder that the program finds on disk, where it is not what the issuer knows; it need not exist. */
  readonly checkout?: string;
}

/** What a stopped run leaves behind: what the API was told, and what the store was given. */
export interface Saved {
  readonly writes: readonly Write[];
  readonly state: string | undefined;
  readonly now: number;
}

/** A local Cloudflare, a stack on it, its issuer, and `rotate`'s view of all three. */
export interface World {
  readonly kind: WorldOptions["kind"];
  readonly local: Local;
  readonly edge: Edge;
  readonly clock: VirtualClock;
  readonly store: StateStore;
  readonly rings: readonly Ring[];
  readonly rotation: RotationWorld;
  readonly writes: Write[];
  /** Every call so far, those of `rotate`'s own reads included. */
  readonly calls: Call[];
  /** When each change arrives at each point of presence, in milliseconds. */
  readonly arrivals: readonly number[];
  /** Called at each moment of each call; `stop` ends the run there, as a killed process ends. */
  onMoment: (moment: Moment, call: Call) => "stop" | undefined;
  save(): Saved;
  ledger(): Promise<Ledger>;
  ring(id?: string): Promise<RingLedger>;
}

/** Opens a world, brought to `from` by sending the recorded writes again, each at its instant. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const { kind, from } = options;
  const rules = options.local?.rules ?? rulesOf(kind);
  const store = options.local?.store ?? memoryStore();
  const config = { "keyturn:samples": samples(kind), ...options.local?.config };
  const base = { ...options.local, rules: options.checkout ?? rules, store, config };
  const real = options.local?.shared ?? createLocal(base).edge;
  const writes: Write[] = [];
  const clock = real.clock as VirtualClock;
  const arrivals: number[] = [];
  real.world.onCommit((commit) => arrivals.push(...Object.values(commit.arrivals)));
  const headers = { authorization: `Bearer ${LOCAL_API_TOKEN}`, "content-type": "application/json" };
  for (const write of from?.writes ?? []) {
    clock.set(write.at);
    const body = write.body === "" ? {} : { body: write.body };
    await real.fetch(`${BASE}${write.path}`, { method: write.method, headers, ...body });
    writes.push(write);
  }
  if (from) clock.set(from.now);
  if (from?.state !== undefined) store.save(from.state);
  const calls: Call[] = [];
  const world: { onMoment: World["onMoment"] } = { onMoment: () => undefined };
  const watched: StateStore = {
    ...store,
    save(text) {
      store.save(text);
      world.onMoment("saved", calls.at(-1) ?? { method: "", path: "", body: "" });
    },
  };
  const edge: Edge = {
    ...real,
    async fetch(input, init) {
      const call = await readCall(input, init);
      const at = clock.now();
      if (world.onMoment("before", call) === "stop") return never();
      calls.push(call);
      const answer = await real.fetch(input, init).catch((error: Error) => error);
      if (call.method !== "GET") writes.push({ at, ...call });
      if (world.onMoment("effect", call) === "stop") return never();
      if (answer instanceof Error) throw answer;
      if (world.onMoment("answer", call) === "stop") return never();
      return answer;
    },
  };
  const local = createLocal({ ...base, store: watched, seed: options.seed ?? 1, shared: edge });
  const environment = {
    stack: "dev",
    zones: local.zones,
    hosts: {},
    mode: "block",
  } as unknown as Environment;
  const { rings } = loadDefinitions(readRuleFiles(rules), environment).definitions;
  const ledger = async () => (await local.runner.outputs()).ledger as Ledger;
  return Object.assign(world, {
    kind,
    local,
    edge,
    clock,
    store,
    rings,
    rotation: localRotation(local, localIssuer(local, rings)),
    writes,
    calls,
    arrivals,
    save: () => ({ writes: [...writes], state: store.load(), now: clock.now() }),
    ledger,
    ring: async (id = RING) => (await ledger()).rings[id] as RingLedger,
  });
}

function samples(kind: WorldOptions["kind"]): string {
  const rings = kind === "example" ? ["storefront", "internal", "downloads"] : [RING];
  return JSON.stringify(Object.fromEntries(rings.map((id) => [id, `https://issuer.test/sample/${id}`])));
}

async function readCall(input: string | URL | Request, init: RequestInit | undefined): Promise<Call> {
  const request = input instanceof Request ? input : undefined;
  const address = request ? request.url : String(input);
  const path = address.slice(address.indexOf("/client/v4") + "/client/v4".length);
  const body = init?.body ?? (request ? await request.clone().text() : "");
  return { method: (init?.method ?? request?.method ?? "GET").toUpperCase(), path, body: String(body ?? "") };
}

/** What waits for it gets no further. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

import { join } from "node:path";
import type { Edge, EdgeOptions, ZoneSpec } from "@keyturn/edge";
import { createEdge, uniformLag, VirtualClock } from "@keyturn/edge";
import { readSettings } from "../../model/environment/settings.ts";
import { Runner } from "../engine/runner.ts";
import { memoryStore, type StateStore } from "../engine/store.ts";
import { seededRandom } from "./seededRandom.ts";
import { readStackConfig } from "./stackFile.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** The example: definitions under `rules/`, and the stack's file. */
export const SHOP = join(ROOT, "examples", "shop");

/** Token of the local API; it opens nothing but the local Cloudflare. */
export const LOCAL_API_TOKEN = "local-cloudflare-token-0000000000000000000";

export interface LocalOptions {
  readonly seed?: number;
  /** Milliseconds since the Unix epoch. */
  readonly start?: number;
  readonly edge?: Partial<EdgeOptions>;
  readonly store?: StateStore;
  /** Folder with the definitions; another checkout's, in tests. */
  readonly rules?: string;
  /** Imports the program afresh; another checkout's, in tests. */
  readonly program?: () => Promise<Readonly<Record<string, unknown>>>;
  readonly config?: Readonly<Record<string, string>>;
  readonly stack?: string;
  /** An edge that exists already, for a second runner on it. */
  readonly shared?: Edge;
  /** Stands between the providers and the API. */
  readonly fetch?: (edge: Edge) => typeof fetch;
}

/** A local Cloudflare and the program's deployment to it, in this process and in virtual time. */
export interface Local {
  readonly edge: Edge;
  readonly clock: VirtualClock;
  readonly runner: Runner;
  readonly zones: readonly ZoneSpec[];
  readonly config: Readonly<Record<string, string>>;
}

let runs = 0;

/** A module is evaluated once per address, and each run needs the program afresh. */
function importProgram(): Promise<Readonly<Record<string, unknown>>> {
  runs += 1;
  return import(`../../infra/index.ts?run=${runs}`);
}

/** Sets up the example: the zones of its `Pulumi.dev.yaml`, three points of presence that learn late, empty state. */
export function createLocal(options: LocalOptions = {}): Local {
  const { project, config: fromFile } = readStackConfig(
    join(ROOT, "Pulumi.yaml"),
    join(SHOP, "Pulumi.dev.yaml"),
  );
  const config: Record<string, string> = {
    ...fromFile,
    "cloudflare:apiToken": LOCAL_API_TOKEN,
    ...options.config,
  };
  const clock =
    (options.shared?.clock as VirtualClock | undefined) ??
    new VirtualClock(options.start ?? Date.UTC(2026, 10, 22, 12));
  const zones = zoneSpecs(config);
  const edge =
    options.shared ??
    createEdge({
      clock,
      zones,
      seed: options.seed ?? 1,
      pops: [
        { name: "AMS", lag: uniformLag(0, 5_000) },
        { name: "SIN", lag: uniformLag(1_000, 60_000) },
        { name: "GRU", lag: uniformLag(5_000, 300_000) },
      ],
      api: {
        tokens: { [LOCAL_API_TOKEN]: { permissions: "all" } },
        requestsPerFiveMinutes: Number.POSITIVE_INFINITY,
      },
      ...options.edge,
    });
  const random = seededRandom((options.seed ?? 1) + 1000);
  const through = options.fetch?.(edge) ?? ((input, init) => edge.fetch(input as Request, init));
  const runner = new Runner({
    organization: "organization",
    project,
    stack: options.stack ?? "dev",
    store: options.store ?? memoryStore(),
    passphrase: "local",
    config,
    rules: options.rules ?? join(SHOP, "rules"),
    around: {
      fetch: through,
      random,
      environment: { CLOUDFLARE_BASE_URL: "https://local.invalid/client/v4" },
      sleep: async (milliseconds) => {
        clock.advance(milliseconds);
      },
    },
    order: seededRandom((options.seed ?? 1) + 2000),
    program: options.program ?? importProgram,
    now: () => clock.now(),
  });
  return { edge, clock, runner, zones, config };
}

/** The zones of the example's `Pulumi.dev.yaml`. */
export function localZones(): ZoneSpec[] {
  return zoneSpecs(readStackConfig(join(ROOT, "Pulumi.yaml"), join(SHOP, "Pulumi.dev.yaml")).config);
}

function zoneSpecs(config: Readonly<Record<string, string>>): ZoneSpec[] {
  const { accountId, environment } = readSettings(config, "dev");
  return environment.zones.map(({ addOns = [], limits = {}, ...zone }) => ({
    ...zone,
    accountId,
    addOns: [...addOns],
    limits,
  }));
}

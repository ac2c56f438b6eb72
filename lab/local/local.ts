import { join } from "node:path";
import type { Edge, EdgeOptions, ZoneSpec } from "@keyturn/edge";
import { createEdge, uniformLag, VirtualClock } from "@keyturn/edge";
import { readSettings } from "../../model/environment/settings.ts";
import { Runner } from "../engine/runner.ts";
import { memoryStore, PASSPHRASE, type StateStore } from "../engine/store.ts";
import { LOCAL_API, LOCAL_API_TOKEN, zoneSpecs } from "./cloudflare.ts";
import { seededRandom } from "./seededRandom.ts";
import { readStackConfig } from "./stackFile.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** The example: definitions under `rules/`, and the stack's file. */
export const SHOP = join(ROOT, "examples", "shop");

/** The example of a provider whose keys are mirrored. */
export const STAFF = join(ROOT, "examples", "staff");

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
  /** Name of the project and its stack configuration; default: the example's. */
  readonly from?: { readonly project: string; readonly config: Readonly<Record<string, string>> };
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
  const { project, config: fromFile } = options.from ?? exampleConfig();
  const config: Record<string, string> = {
    ...fromFile,
    "cloudflare:apiToken": LOCAL_API_TOKEN,
    ...options.config,
  };
  const clock =
    (options.shared?.clock as VirtualClock | undefined) ??
    new VirtualClock(options.start ?? Date.UTC(2026, 10, 22, 12));
  const zones = zoneSpecs(readSettings(config, options.stack ?? "dev"));
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
      api: LOCAL_API,
      ...options.edge,
    });
  const random = seededRandom((options.seed ?? 1) + 1000);
  const through = options.fetch?.(edge) ?? ((input, init) => edge.fetch(input as Request, init));
  const runner = new Runner({
    organization: "organization",
    project,
    stack: options.stack ?? "dev",
    store: options.store ?? memoryStore(),
    passphrase: PASSPHRASE,
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
  return zoneSpecs(readSettings(exampleConfig().config, "dev"));
}

function exampleConfig() {
  return readStackConfig(SHOP, "dev");
}

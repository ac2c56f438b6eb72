import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Edge, VirtualClock } from "@keyturn/edge";
import { type Listening, listen } from "@keyturn/edge";
import { createIssuer } from "../../examples/shop/issuer/createIssuer.ts";
import { readRuleFiles } from "../../infra/ruleFiles.ts";
import { LOCAL_API_TOKEN } from "../../lab/local/cloudflare.ts";
import { issuerRings } from "../../lab/local/issuerRings.ts";
import { createLocal } from "../../lab/local/local.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { Ring } from "../../model/definition/types.ts";
import { readSettings } from "../../model/environment/settings.ts";
import { liveState } from "../../scripts/cloudflare/liveState.ts";
import { AutomationEngine } from "../../scripts/engine/automation.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import type { Plugin } from "./plugins.ts";
import { createProject, type Project, STACK } from "./project.ts";
import { type RecordedCall, type RecordedEdge, recorded, replay } from "./recordedEdge.ts";

/** One stack, the local Cloudflare it is deployed to over HTTP, and everything `rotate` needs of both. */
export interface World {
  readonly project: Project;
  readonly edge: Edge;
  readonly clock: VirtualClock;
  /** Every call of the API so far, with real times. */
  readonly calls: readonly RecordedCall[];
  readonly engine: AutomationEngine;
  readonly rotation: RotationWorld;
  readonly zoneId: string;
  readonly accountId: string;
  readonly rings: readonly Ring[];
  /** A copy of this world as it is now: same state, same Cloudflare, nothing shared. */
  clone(): Promise<World>;
  close(): Promise<void>;
}

const opened = new Set<World>();

/** Ends every world that is still open, after whatever happened. */
export async function closeWorlds(): Promise<void> {
  for (const world of opened) await world.close();
}

/** A fresh stack that nothing has been deployed to. */
export async function createWorld(plugins: readonly Plugin[]): Promise<World> {
  const local = createLocal();
  return open(plugins, recorded(local.edge), local.clock, (environment) =>
    createProject(plugins, environment),
  );
}

async function open(
  plugins: readonly Plugin[],
  record: RecordedEdge,
  clock: VirtualClock,
  makeProject: (environment: Record<string, string>) => Project,
): Promise<World> {
  const { edge, calls } = record;
  const listening: Listening = await listen(edge);
  const project = makeProject({
    CLOUDFLARE_BASE_URL: listening.apiUrl,
    CLOUDFLARE_API_TOKEN: LOCAL_API_TOKEN,
  });
  const engine = await AutomationEngine.open({
    workDir: project.workDir,
    stack: STACK,
    environment: project.environment,
    create: true,
  });
  const config = await engine.config();
  const environment = readSettings(config, STACK).environment;
  const { definitions } = loadDefinitions(readRuleFiles(project.rules), environment);
  const zone = environment.zones[0];
  const world: World = {
    project,
    edge,
    clock,
    calls,
    engine,
    zoneId: zone?.id ?? "",
    accountId: String(config["keyturn:accountId"]),
    rings: definitions.rings,
    rotation: rotationWorld(engine, edge, clock, definitions.rings, listening),
    clone: async () => {
      const copy = createLocal();
      await replay(copy.edge, copy.clock, calls);
      copy.clock.set(clock.now());
      return open(plugins, recorded(copy.edge, calls), copy.clock, (urls) => copyProject(project, urls));
    },
    close: async () => {
      opened.delete(world);
      await listening.close();
      rmSync(project.folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  opened.add(world);
  return world;
}

/** The example issuer signs with what the stack's secret output holds; points of presence take turns. */
function rotationWorld(
  engine: AutomationEngine,
  edge: Edge,
  clock: VirtualClock,
  rings: readonly Ring[],
  listening: Listening,
): RotationWorld {
  const issuer = createIssuer({
    keySource: async () => ((await engine.outputs()).signers ?? {}) as never,
    clock: () => new Date(clock.now()),
    rings: issuerRings(rings),
  });
  const live = liveState({ token: LOCAL_API_TOKEN, baseUrl: listening.apiUrl });
  let turn = 0;
  let ids = 0;
  return {
    engine,
    now: () => clock.now(),
    edge: async (request) => {
      const pop = edge.world.pops[turn++ % edge.world.pops.length]?.name ?? "";
      const { status, body } = await edge.handle(request, { pop });
      return { status, body: typeof body === "string" ? body : new TextDecoder().decode(body), pop };
    },
    issuer: async (request) => {
      const answer = await issuer.fetch(request);
      return { status: answer.status, body: await answer.text(), pop: "" };
    },
    secret: async () => undefined,
    ...live,
    freshId: () => `engine-test-${++ids}`,
  };
}

function copyProject(from: Project, urls: Record<string, string>): Project {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-engine-"));
  cpSync(from.folder, folder, { recursive: true, verbatimSymlinks: true });
  const moved = (path: string) => join(folder, path.slice(from.folder.length));
  const backend = moved(from.backend);
  return {
    folder,
    workDir: moved(from.workDir),
    backend,
    rules: moved(from.rules),
    environment: {
      ...from.environment,
      ...urls,
      PULUMI_HOME: moved(from.environment.PULUMI_HOME ?? ""),
      PULUMI_BACKEND_URL: `file://${backend}`,
    },
  };
}

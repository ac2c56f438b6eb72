import { join } from "node:path";
import { createEdge, type Edge, type PointOfPresence, VirtualClock } from "@keyturn/edge";
import { ProblemError } from "../../model/problem/problem.ts";
import { projectFolder } from "../../scripts/check/ruleFiles.ts";
import { readStackFiles } from "../../scripts/check/stackFiles.ts";
import { CommandError } from "../../scripts/cli/errors.ts";
import { fileStore } from "../engine/fileStore.ts";
import { isSecret, plain } from "../engine/secrets.ts";
import { openState, PASSPHRASE, type StateStore } from "../engine/store.ts";
import { LOCAL_API, zoneSpecs } from "../local/cloudflare.ts";
import { type KilledProcess, killFaults } from "./faults.ts";
import { lockFolder } from "./folderLock.ts";
import { type LabSettings, type LabWorld, labFiles } from "./labFile.ts";
import { labOrigin, type Origin } from "./origin.ts";
import { DEFAULT_POPS, parsePops } from "./pops.ts";

/** What a command line says of the lab it is for; folders as absolute paths. */
export interface LabChoice {
  readonly state: string;
  readonly project?: string | undefined;
  readonly rules?: string | undefined;
  readonly stack?: string | undefined;
  readonly pops?: string | undefined;
  readonly seed?: number | undefined;
  /** Make the lab where there is none. */
  readonly create: boolean;
  /** Ends the process at once, as SIGKILL does. */
  readonly kill: KilledProcess;
}

/** A lab that is open: its Cloudflare, its clock, and where the rest of it lies. */
export interface Lab {
  readonly settings: LabSettings;
  readonly world: LabWorld;
  readonly edge: Edge;
  readonly clock: VirtualClock;
  readonly pops: readonly PointOfPresence[];
  /** What stands behind the edge. */
  readonly origin: Origin;
  readonly store: StateStore;
  /** Name of the project and its stack configuration, as the engine hands it to the program. */
  readonly from: { readonly project: string; readonly config: Readonly<Record<string, string>> };
  readonly accountId: string;
  readonly rules: string;
  readonly stack: string;
  /** `organization/project/stack`. */
  readonly fullName: string;
  /** Of the seed, and another one for each command. */
  readonly commandSeed: number;
  /** The outputs of the last update, secrets in plain. */
  outputs(): Readonly<Record<string, unknown>>;
  /** The same, secrets as `[secret]`. */
  maskedOutputs(): Readonly<Record<string, unknown>>;
  /** Keeps everything as it is now. */
  save(): void;
  close(): void;
}

/** Where time begins in a lab. */
const START = Date.UTC(2026, 10, 22, 12);

/** Security events that a lab keeps; all of them are read and written by each command. */
const EVENTS = 1000;

/**
 * Opens the lab in a folder, for this process alone.
 *
 * @throws CommandError LAB_NOT_FOUND, LAB_BUSY, LAB_UNREADABLE, STACK_NOT_FOUND, INPUT_CONFLICT where it was made
 * with other places or another seed; ProblemError for a stack's file that does not fit
 */
export async function openLab(choice: LabChoice): Promise<Lab> {
  const files = labFiles(choice.state);
  if (files.settings() === undefined && !choice.create)
    throw new CommandError("LAB_NOT_FOUND", `there is no lab in ${choice.state}`);
  const unlock = lockFolder(choice.state);
  try {
    const settings = chosenSettings(files.settings(), choice);
    const project = choice.project ?? settings.project;
    const stack = choice.stack ?? settings.stack;
    const { accountId, zones, from } = await readProject(project, stack);
    const world = files.world(settings.seed);
    for (const zone of zones) world.zones.set(zone.id, zone);
    const clock = new VirtualClock(settings.clock);
    const pops = parsePops(settings.pops);
    const origin = labOrigin();
    const edge = createEdge({
      clock,
      zones: [...world.zones.values()],
      seed: settings.seed,
      pops,
      origin: origin.answer,
      api: LOCAL_API,
      eventCapacity: EVENTS,
      state: world.edge,
    });
    const store = fileStore(join(choice.state, "stacks", stack));
    const lab: Lab = {
      settings,
      world,
      edge,
      clock,
      pops,
      origin,
      store,
      from,
      accountId,
      rules: choice.rules ?? settings.rules ?? join(project, "rules"),
      stack,
      fullName: `organization/${from.project}/${stack}`,
      commandSeed: settings.seed * 1_000_003 + settings.commands,
      outputs: () => plain(openState(store.load(), PASSPHRASE).outputs),
      maskedOutputs: () => masked(openState(store.load(), PASSPHRASE).outputs),
      save: () => files.save({ ...settings, clock: clock.now() }, world),
      close: unlock,
    };
    settings.commands += 1;
    killFaults(edge, () => {
      lab.save();
      choice.kill();
    });
    return lab;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The lab's own settings, or those of a new one. Places and seed are the world's: they cannot be others later. */
function chosenSettings(known: LabSettings | undefined, choice: LabChoice): LabSettings {
  const { pops, seed } = choice;
  if (known !== undefined) {
    const others = [
      ...(pops !== undefined && pops !== known.pops ? [`--pops ${known.pops}`] : []),
      ...(seed !== undefined && seed !== known.seed ? [`--seed ${known.seed}`] : []),
    ];
    if (others.length === 0) return known;
    throw new CommandError(
      "INPUT_CONFLICT",
      `the lab in ${choice.state} was made with ${others.join(" and ")}`,
      "Leave the option out, or name another folder with --state to make another lab.",
    );
  }
  return {
    format: 1,
    seed: seed ?? 1,
    pops: pops ?? DEFAULT_POPS,
    clock: START,
    commands: 0,
    project: choice.project ?? projectFolder,
    ...(choice.rules === undefined ? {} : { rules: choice.rules }),
    stack: choice.stack ?? "dev",
    issuer: { lagSeconds: 0 },
  };
}

function masked(outputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, isSecret(value) ? "[secret]" : value]),
  );
}

/** A folder with a stack's file, and a `Pulumi.yaml` where it is not this project's own. */
async function readProject(folder: string, stack: string) {
  const [reading] = await readStackFiles(folder, stack, (path) => path);
  if (reading?.settings === undefined) throw new ProblemError(reading?.problems ?? []);
  const { readStackConfig } = await import("../local/stackFile.ts");
  return {
    accountId: reading.settings.accountId,
    zones: zoneSpecs(reading.settings),
    from: readStackConfig(folder, stack),
  };
}

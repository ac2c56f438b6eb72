import { readRuleFiles } from "../../infra/ruleFiles.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { KeyOrigin, MirrorRing, Ring } from "../../model/definition/types.ts";
import { readSettings } from "../../model/environment/settings.ts";
import { limitOf } from "../../model/facts/limits.ts";
import { compareSet } from "../../model/mirror/compareSet.ts";
import { discoveryUrl, readDiscovery } from "../../model/mirror/discovery.ts";
import { readSet } from "../../model/mirror/readSet.ts";
import { errorsOf, ProblemError } from "../../model/problem/problem.ts";
import type { Decision } from "../../model/ring/decision.ts";
import { type Ledger, readLedger } from "../../model/ring/ledger.ts";
import { adopt } from "../../model/ring/mirrored.ts";
import { isWaiting } from "../../model/ring/next.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import { PlanRefused, planDeployed, requireMatch } from "../../model/update/plan.ts";
import { lockedMessage, type RunResult } from "../engine/engine.ts";
import { isNamed } from "../rotate/reading.ts";
import { moveTargets } from "../rotate/targets.ts";
import { unfinishedMove } from "../rotate/unfinished.ts";
import type { RotationWorld } from "../rotate/world.ts";
import type { Get } from "./get.ts";

export interface FetchOptions {
  readonly ring: string;
  /** Folder of the definitions: for a ring that is not deployed yet, and for key files. */
  readonly rules: string;
  readonly get: Get;
  /** A file's text, by its path from the definitions' folder. */
  readonly read: Get;
  /** Say what would be taken, change nothing. */
  readonly dryRun?: boolean;
}

export interface FetchResult {
  readonly ok: boolean;
  readonly notices: readonly string[];
  readonly decision?: Decision;
  readonly run?: RunResult;
  readonly refused?: { readonly code: string; readonly message: string };
  /** What is left to do. */
  readonly next?: string;
}

/**
 * Fetches the public keys of a mirrored ring and takes those that the ledger does not have, with one `up` that carries
 * them. A ring that is deployed publishes them at once; one that is not keeps them in the ledger for the `up` that
 * deploys it. Doing it twice is doing it once.
 */
export async function fetchKeys(world: RotationWorld, options: FetchOptions): Promise<FetchResult> {
  const lock = await world.engine.lock();
  if (lock) return refuse("STACK_LOCKED", lockedMessage(lock));
  const stack = await readMirrors(world, options);
  const ring = stack.rings.find((each) => isNamed(each, options.ring));
  if (ring === undefined)
    return refuse("RING_UNKNOWN", `neither the deployed definitions nor these have a ring ${options.ring}`);
  if (ring.kind !== "mirror")
    return refuse("RING_KIND_CHANGED", `the keys of ring ${ring.id} are keyturn's own: it has no from`);
  const id = ledgerId(ring);
  const ledger = stack.ledger.rings[id];
  const open = ledger && unfinishedMove(ledger, await world.engine.resources());
  if (open !== undefined) {
    return refuse(
      "FENCED",
      `${open.move.kind} of ${open.move.key} in ring ${ring.id} was begun and not finished: run \`keyturn rotate ${ring.id}\`, which finishes it, then this again`,
    );
  }
  const set = await keysOf(ring, options, stack.limit);
  if (set.reasons.length > 0) return refuse("KEY_SET_REFUSED", set.reasons.join("; "), set.notices);
  const { fresh, notices, reasons } = compareSet(ledger, set.keys);
  const said = [...set.notices, ...notices];
  if (reasons.length > 0) return refuse("KEY_SET_REFUSED", reasons.join("; "), said);
  const isFirst = ledger === undefined || isWaiting(ledger);
  const next = isFirst
    ? "run `pulumi up`: it publishes them with the ring's definition"
    : `\`keyturn rotate ${ring.id}\` records when every point of presence knows them`;
  if (fresh.length === 0) return { ok: true, notices: said, ...(isFirst ? { next } : {}) };
  const decision = adopt({ ledger: stack.ledger, ring: ledger, id, now: world.now() }, fresh, isFirst);
  if (options.dryRun) return { ok: true, notices: said, decision };
  const { advance } = decision;
  const run = await world.engine.up(isFirst ? { advance } : { advance, targets: stack.targets(ring) });
  return { ok: run.ok, notices: said, decision, run, ...(run.ok ? { next } : {}) };
}

interface Mirrors {
  readonly ledger: Ledger;
  /** Deployed ones, and of those that are not the ones on disk. */
  readonly rings: readonly Ring[];
  /** Keys that a configuration may hold in every zone. */
  readonly limit: number;
  /** Of a ring that is deployed. */
  readonly targets: (ring: MirrorRing) => string[];
}

/**
 * What is deployed counts; the disk is asked for a ring that is not. Before the first deploy there is nothing else.
 *
 * @throws ProblemError, SettingsError, PlanRefused
 */
async function readMirrors(world: RotationWorld, { ring, rules }: FetchOptions): Promise<Mirrors> {
  const { stack } = world.engine;
  const outputs = await world.engine.outputs();
  const deployed = outputs.definitions === undefined ? undefined : planDeployed(stack, outputs);
  const limitIn = (zones: Parameters<typeof limitOf>[0][]) =>
    Math.min(...zones.map((zone) => limitOf(zone, "keysPerConfiguration")));
  if (deployed?.definitions.rings.some((each) => isNamed(each, ring))) {
    requireMatch(deployed);
    const { ledger, definitions, settings, desired } = deployed;
    return {
      ledger,
      rings: definitions.rings,
      limit: limitIn([...settings.environment.zones]),
      targets: (of) => moveTargets(of, "adopt", desired),
    };
  }
  const reading = readLedger(outputs, stack);
  if (!reading.ok) throw new PlanRefused(reading.code, reading.message);
  const { environment } = readSettings(await world.engine.config(), stack.split("/").at(-1) ?? "");
  const { definitions, problems } = loadDefinitions(readRuleFiles(rules), environment);
  if (errorsOf(problems).length > 0) throw new ProblemError(problems);
  return {
    ledger: deployed?.ledger ?? reading.ledger,
    rings: definitions.rings,
    limit: limitIn([...environment.zones]),
    // Nothing of the ring is registered: nothing but the ledger changes.
    targets: () => [],
  };
}

async function keysOf({ from, algorithms }: MirrorRing, options: FetchOptions, limit: number) {
  const got = await textOf(from, options);
  if ("reason" in got) return { keys: [], notices: [], reasons: [got.reason] };
  const { text, discovered } = got;
  const kid = from.kind === "file" ? from.kid : undefined;
  return readSet(text, { declared: algorithms, discovered, limit }, kid);
}

type Text =
  | { readonly text: string; readonly discovered?: readonly string[] | undefined }
  | { readonly reason: string };

async function textOf(from: KeyOrigin, { get, read }: FetchOptions): Promise<Text> {
  switch (from.kind) {
    case "file":
      return read(from.path);
    case "jwks":
      return get(from.url);
    case "issuer": {
      const document = await get(discoveryUrl(from.issuer));
      if ("reason" in document) return document;
      const found = readDiscovery(document.text, from.issuer);
      if (!found.ok) return found;
      const set = await get(found.url);
      return "reason" in set ? set : { ...set, discovered: found.algorithms };
    }
  }
}

function refuse(code: string, message: string, notices: readonly string[] = []): FetchResult {
  return { ok: false, notices, refused: { code, message } };
}

/** What was fetched, for a person. */
export function renderFetch({ notices, decision, run, refused, next }: FetchResult): string {
  const lines = [
    ...(decision?.step === "advance"
      ? [`adopt ${decision.reason}${run === undefined ? "" : run.ok ? "  done" : "  FAILED"}`]
      : refused === undefined
        ? ["the ledger has every key of the set"]
        : []),
    ...(run?.diagnostics ?? []).map((line) => `    ${line}`),
    ...notices,
    ...(refused === undefined ? [] : [`${refused.code}: ${refused.message}`]),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ];
  return `${lines.join("\n")}\n`;
}

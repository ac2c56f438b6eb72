import { join } from "node:path";
import { constantLag, type Edge, uniformLag, type VirtualClock } from "@keyturn/edge";
import { readRuleFiles } from "../../infra/ruleFiles.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import { ringsOf } from "../../model/definition/ringsAsked.ts";
import type { Definitions, Environment, Ring } from "../../model/definition/types.ts";
import { readSettings, type StackSettings } from "../../model/environment/settings.ts";
import { errorsOf, ProblemError } from "../../model/problem/problem.ts";
import type { Ledger, RingLedger } from "../../model/ring/ledger.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import { rotationPolicy } from "../../model/rotationPolicy/policy.ts";
import { CommandError } from "../../scripts/cli/errors.ts";
import type { RunResult } from "../../scripts/engine/engine.ts";
import type { RingKeys } from "../../scripts/rotate/reading.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import type { SignerJwk } from "../../scripts/token/signers.ts";
import { memoryStore, type StateStore } from "../engine/store.ts";
import { accountLists } from "../local/accountLists.ts";
import { createLocal, type Local, SHOP } from "../local/local.ts";
import { localRotation } from "../local/localRotation.ts";
import { createProviders, fetchAll, type Providers } from "../local/providers.ts";
import { seededRandom } from "../local/seededRandom.ts";
import { readStackConfig } from "../local/stackFile.ts";
import { Agenda } from "./agenda.ts";
import { type Front, frontOf } from "./front.ts";
import { createTryIssuer, type Issuer, KeyDeliveries } from "./issuers.ts";
import { type RingUsage, ringUsages } from "./usage.ts";

/** What is tried: definitions, and the settings of a stack. */
export interface TrySource {
  readonly project: string;
  readonly rules: string;
  readonly config: Readonly<Record<string, string>>;
}

/** The definitions under `rules/` of a folder, and the settings in its `Pulumi.dev.yaml`. */
export function sourceIn(folder: string): TrySource {
  return { ...readStackConfig(folder, "dev"), rules: join(folder, "rules") };
}

/**
 * Points of presence that learn as late as P allows, their clocks off by as much as is allowed.
 *
 * @param propagation P in milliseconds
 */
function popsOf(propagation: number) {
  return [
    { name: "AMS", lag: constantLag(0), clockOffset: 0 },
    { name: "SIN", lag: uniformLag(propagation / 600, propagation / 10), clockOffset: -5_000 },
    { name: "GRU", lag: uniformLag(propagation / 2, propagation), clockOffset: 5_000 },
  ];
}

/** A ring is at work where a host asks for its tokens or links. */
function isUsed(ring: Ring, { hosts }: Definitions): boolean {
  return hosts.some(
    ({ tokens, rules }) =>
      tokens.some((use) => use.ring === ring.id) ||
      rules.some((rule) => ringsOf(rule.require).includes(ring.id)),
  );
}

/** How long an API call takes, in milliseconds of virtual time. */
const CALL = { least: 50, most: 2_000 };

/** The example deployed to a local Cloudflare, with everybody who takes part in it. */
export interface Stage {
  readonly local: Local;
  readonly clock: VirtualClock;
  readonly agenda: Agenda;
  readonly front: Front;
  readonly store: StateStore;
  readonly definitions: Definitions;
  readonly environment: Environment;
  readonly usages: readonly RingUsage[];
  /** Rings that a host uses: nothing of the others is at Cloudflare. */
  readonly used: readonly Ring[];
  /** Those of them that are rotated here: the keys of a mirrored one are its provider's to turn. */
  readonly rotated: readonly Ring[];
  /** Instances of the issuer, from prompt to as late as L, clocks off both ways. */
  readonly issuers: readonly Issuer[];
  readonly world: RotationWorld;
  /** Who makes the keys of mirrored rings. */
  readonly providers: Providers;
  /** Every private or symmetric key that ever was in the stack's outputs, by kid. */
  readonly material: ReadonlyMap<string, SignerJwk>;
  /** Lets time pass until every point of presence has learned of all that was written. */
  settle(): Promise<void>;
  /** Reads the stack's outputs, as issuers do. To be called after each update. */
  readKeys(): Promise<void>;
  ledgerOf(ring: Ring): Promise<RingLedger>;
  ledger(): Promise<Ledger>;
  /** The keys of a ring in the stack's outputs. */
  keysOf(ring: Ring): Promise<RingKeys>;
}

/** Requests of a canary come out at any place: which one is by chance, and the answer names it. */
function anywhere(edge: Edge, random: () => number): RotationWorld["edge"] {
  const { pops } = edge.world;
  return async (request) => {
    const pop = pops[Math.floor(random() * pops.length)]?.name ?? "";
    const { status, body } = await edge.handle(request, { pop });
    return { status, body: Buffer.from(body).toString(), pop };
  };
}

/** What a source says. Throws ProblemError with every problem of the definitions. */
export function readTrySource(source: TrySource): StackSettings & { readonly definitions: Definitions } {
  const settings = readSettings(source.config, "dev");
  const { definitions, problems } = loadDefinitions(readRuleFiles(source.rules), settings.environment);
  if (errorsOf(problems).length > 0) throw new ProblemError(problems);
  return { ...settings, definitions };
}

/**
 * Deploys the definitions to a local Cloudflare with a first, plain `up`.
 *
 * @param start when, in milliseconds since the epoch
 * @throws ProblemError with every problem of the definitions; CommandError TRY_STOPPED when the deploy fails
 */
export async function createStage(
  source: TrySource = sourceIn(SHOP),
  { seed = 1, ...start }: { readonly seed?: number; readonly start?: number } = {},
): Promise<{ stage: Stage; deployed: RunResult }> {
  const { environment, accountId, definitions } = readTrySource(source);
  const used = definitions.rings.filter((ring) => isUsed(ring, definitions));
  const rotated = used.filter(({ kind }) => kind !== "mirror");
  const policies = definitions.rings.map((ring) => rotationPolicy(ring));
  const propagation = Math.min(...policies.map((policy) => policy.propagationSeconds), 600);
  const usages = ringUsages(definitions, environment).filter(({ ring }) => used.includes(ring));
  const store = memoryStore();
  const random = seededRandom(seed + 3000);
  const deliveries = new KeyDeliveries();
  const providers = await createProviders(definitions.rings);
  const material = new Map<string, SignerJwk>();
  // What the API calls do to the agenda is known before the agenda is.
  const during: { call: () => Promise<void> } = { call: async () => undefined };
  const local = createLocal({
    seed,
    ...start,
    store,
    edge: { pops: popsOf(1000 * propagation) },
    from: source,
    rules: source.rules,
    config: {
      // Our own issuer answers for every ring, and this account has no Secrets Store yet.
      "keyturn:samples": JSON.stringify(
        Object.fromEntries(definitions.rings.map(({ id }) => [id, `http://issuer.invalid/sample/${id}`])),
      ),
      "keyturn:secretsStoreId": "",
    },
    fetch: (edge) => async (input, init) => {
      await during.call();
      const answer = await edge.fetch(input as Request, init);
      await during.call();
      return answer;
    },
  });
  const { clock, edge, runner } = local;
  const agenda = new Agenda(clock);
  const stored = definitions.rings.filter((ring) => ring.signer?.kind === "secretsStore");

  /** Workers see a secret as soon as it is written, in the middle of the update. */
  const readSecrets = () => {
    for (const ring of stored) {
      const name = ring.signer?.kind === "secretsStore" ? ring.signer.name : "";
      const text = edge.secretValue(accountId, "keyturn", name);
      const jwk = text === undefined ? undefined : (JSON.parse(text) as SignerJwk);
      if (jwk?.kid !== undefined) deliveries.note(ring.id, jwk, clock.now());
    }
  };
  during.call = async () => {
    readSecrets();
    await agenda.pass(CALL.least + Math.floor((CALL.most - CALL.least) * random()));
  };

  const longestLag = 1000 * Math.max(0, ...policies.map((policy) => policy.signerLagSeconds));
  const signerSkew = 1000 * Math.max(0, ...policies.map((policy) => policy.skewSeconds.signer));
  const faults = [
    { lag: 0, skew: signerSkew },
    { lag: longestLag, skew: -signerSkew },
    { lag: Math.floor(longestLag / 2), skew: 0 },
    { lag: longestLag, skew: signerSkew },
  ];
  const issuers = faults.map((fault) => createTryIssuer(deliveries, clock, definitions, usages, fault));
  const ledger = async () => (await runner.outputs()).ledger as Ledger;
  const keys = async () => ((await runner.outputs()).signers ?? {}) as Readonly<Record<string, RingKeys>>;
  const stage: Stage = {
    local,
    clock,
    agenda,
    front: frontOf(edge, agenda, clock),
    store,
    definitions,
    environment,
    providers,
    usages,
    used,
    rotated,
    issuers,
    world: { ...localRotation(local, issuers.at(-1) as Issuer), edge: anywhere(edge, random) },
    material,
    settle: () => agenda.until(edge.world.settlesAt()),
    async readKeys() {
      readSecrets();
      for (const [ring, { active, pending, retiring, retired }] of Object.entries(await keys())) {
        for (const jwk of [active, pending, ...retiring, ...retired]) {
          if (jwk?.kid !== undefined) material.set(jwk.kid, jwk);
        }
        const isStored = stored.some((each) => ledgerId(each) === ring);
        if (active && !isStored) deliveries.note(ring, active, clock.now());
      }
    },
    ledger,
    async ledgerOf(ring) {
      const found = (await ledger()).rings[ledgerId(ring)];
      if (found === undefined) throw new Error(`the ledger has no ring ${ring.id}`);
      return found;
    },
    async keysOf(ring) {
      const own = providers.keyOf(ring);
      if (own !== undefined) return { active: own, retiring: [], retired: [] };
      const found = (await keys())[ledgerId(ring)];
      if (found === undefined) throw new Error(`the outputs have no keys of ring ${ring.id}`);
      return found;
    },
  };
  // A provider's keys are known before the first deploy, and its tokens are its own to sign.
  edge.world.commitAccount(accountId, "lists", accountLists(definitions));
  await fetchAll(stage.world, definitions.rings, source.rules, providers);
  for (const ring of definitions.rings) {
    const jwk = providers.keyOf(ring);
    if (jwk === undefined) continue;
    deliveries.note(ring.id, jwk, clock.now());
    material.set(jwk.kid ?? "", jwk);
  }
  const deployed = await runner.up();
  if (!deployed.ok)
    throw new CommandError("TRY_STOPPED", `the deploy failed: ${deployed.diagnostics.join("; ")}`);
  await stage.readKeys();
  return { stage, deployed };
}

import type { KeyRecord, Ledger, Move, RingLedger } from "../ledger.ts";
import { LEDGER_FORMAT, ledgerDigest } from "../ledger.ts";
import { nextLedger } from "../next.ts";
import type { RingDefinition } from "../ringDefinition.ts";
import type { KeyState } from "../states.ts";

export const STACK = "organization/keyturn/dev";

export const RING: RingDefinition = {
  id: "shop",
  kind: "jwt",
  algorithm: "ES256",
  size: 0,
  lifetimeSeconds: 900,
  keyLimit: 4,
  reserve: 1,
  signerLagSeconds: 300,
  overlapSeconds: (lifetime) => lifetime + 1000,
  places: ["zone header authorization"],
  accepts: [
    { claim: "iss", value: "https://a.example/" },
    { claim: "aud", value: "api" },
  ],
};

const AT = "2026-01-01T00:00:00.000Z";
const PROVED = { publishedAt: AT, provedAt: AT, rounds: 3, pops: ["AMS"] };

/** Every move of a ring's first key and of one whole rotation. */
const MOVES: readonly Move[] = [
  { kind: "verify", key: "k1", at: AT, evidence: PROVED },
  { kind: "promote", key: "k1", at: AT },
  { kind: "generate", key: "k2", at: AT, plannedAt: AT },
  { kind: "publish", key: "k2", at: AT },
  { kind: "verify", key: "k2", at: AT, evidence: PROVED },
  { kind: "promote", key: "k2", at: AT },
  { kind: "acknowledge", key: "k1", at: AT, evidence: { observedAt: AT } },
  { kind: "retire", key: "k1", at: AT, evidence: { samples: 3, observedAt: AT } },
  { kind: "confirm", key: "k1", at: AT, evidence: { provedAt: AT, rounds: 3, pops: ["AMS"] } },
];

/** The ledger after each step of the walk. */
export function walk(definition: RingDefinition = RING): { label: string; ledger: Ledger }[] {
  const empty: Ledger = { format: LEDGER_FORMAT, stack: STACK, rings: {} };
  const known = new Set([definition.algorithm]);
  const steps = [
    { label: "create k1", ledger: filled(need(nextLedger(empty, [definition], undefined, known))) },
  ];
  for (const move of MOVES) {
    const before = (steps.at(-1) as { ledger: Ledger }).ledger;
    const ring = before.rings[definition.id] as RingLedger;
    const advance = {
      format: 1,
      stack: STACK,
      ring: definition.id,
      serial: ring.serial + 1,
      ledger: ledgerDigest(ring),
      move,
    } as const;
    steps.push({
      label: `${move.kind} ${move.key}`,
      ledger: filled(need(nextLedger(before, [definition], advance, known))),
    });
  }
  return steps;
}

/** The ledger of the walk in which the newest key, or the retiring one, is in this state. */
export function ledgerOf(state: KeyState): Ledger {
  const label: Partial<Record<KeyState, string>> = {
    ACTIVE: "promote k1",
    GENERATED: "generate k2",
    PUBLISHED: "publish k2",
    VERIFIED: "verify k2",
    RETIRING: "promote k2",
    RETIRED: "retire k1",
  };
  const step = walk().find((entry) => entry.label === label[state]);
  if (step === undefined) throw new Error(`the walk has no step for ${state}`);
  return step.ledger;
}

function need(answer: ReturnType<typeof nextLedger>): Ledger {
  if (!answer.ok) throw new Error(answer.message);
  return answer.ledger;
}

/** As the program fills in what the resources made. */
function filled(ledger: Ledger): Ledger {
  const fill = (key: KeyRecord): KeyRecord => ({ ...key, kid: key.kid ?? `kid-${key.name}` });
  const rings = Object.entries(ledger.rings).map(
    ([id, ring]) => [id, { ...ring, keys: ring.keys.map(fill) }] as const,
  );
  return { ...ledger, rings: Object.fromEntries(rings) };
}

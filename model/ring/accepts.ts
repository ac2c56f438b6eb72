/** Issuers and audiences that a deploy left out of the definitions: tokens with them are out, and hold until they end. */
import { type Definitions, isTokenRing, type Ring, type Several } from "../definition/types.ts";
import { formatDuration } from "../facts/durations.ts";
import { advance, type Decision, instant, type Situation, wait } from "./decision.ts";
import type { Accepted, Move, RingLedger } from "./ledger.ts";
import { activeKey, hasBlocked, publishedKeys } from "./realize.ts";
import { ledgerId } from "./ringDefinition.ts";

/**
 * What a ring accepts from now on, the oldest first: what it accepted before, and what is wanted. Nobody who was let in a moment ago is
 * refused by a deploy; a ring whose rules never refused anybody has nobody to spare.
 */
export function accepting(ring: RingLedger, wanted: readonly Accepted[]): readonly Accepted[] {
  const { accepts = [] } = ring;
  if (!hasBlocked(ring)) return wanted;
  const isIn = (list: readonly Accepted[], each: Accepted) => list.some((other) => isSame(other, each));
  return [
    ...accepts.map((each) => (isIn(wanted, each) ? { claim: each.claim, value: each.value } : each)),
    ...wanted.filter((each) => !isIn(accepts, each)),
  ];
}

/** Definitions as rules have to be made of them: with what their rings still accept. */
export function withWhatIsLeaving(
  definitions: Definitions,
  ledgers: Readonly<Record<string, RingLedger>>,
): Definitions {
  const rings = definitions.rings.map((ring) => asAccepted(ring, ledgers[ledgerId(ring)]));
  return { ...definitions, rings };
}

/** A ring with every issuer and audience that its tokens may have, those first that points of presence know longest. */
export function asAccepted<R extends Ring>(ring: R, ledger: Pick<RingLedger, "accepts"> | undefined): R {
  if (!isTokenRing(ring)) return ring;
  const all = (own: Several, claim: Accepted["claim"]): Several => {
    const known = (ledger?.accepts ?? []).flatMap((each) => (each.claim === claim ? [each.value] : []));
    const [first = own[0], ...more] = [...known, ...own.filter((value) => !known.includes(value))];
    return [first, ...more];
  };
  return { ...ring, issuers: all(ring.issuers, "iss"), audiences: all(ring.audiences, "aud") };
}

/** The deploy that left something out is seen to be done: the longest life of a token counts from here. */
export function noteWhatLeaves(situation: Situation): Decision | undefined {
  const { ring, wanted, now } = situation;
  const active = activeKey(ring);
  const fresh = leaving(ring, wanted.accepts).filter(({ leftAt }) => leftAt === undefined);
  if (active === undefined || fresh.length === 0) return undefined;
  return advance(
    situation,
    { kind: "leave", key: active.name, evidence: { observedAt: instant(now) } },
    `the definitions no longer have ${named(fresh)}: tokens with it are accepted for ${formatDuration(overlapOf(ring))} more`,
  );
}

/** No token can be left that was made before, and has what was left out. */
export function endWhatLeft(situation: Situation): Decision | undefined {
  const { ring, now } = situation;
  const active = activeKey(ring);
  const over = ended(ring, now);
  if (active === undefined || over.length === 0) return undefined;
  return advance(
    situation,
    { kind: "end", key: active.name, evidence: { observedAt: instant(now) } },
    `no token that was made before can still have ${named(over)}: the next \`pulumi up\` takes it out of the rules`,
  );
}

/** At once, where an operator asks for it: what was left out must not be accepted any longer. */
export function endAtOnce(situation: Situation): Decision {
  const { ring, wanted, now } = situation;
  const active = activeKey(ring);
  const going = leaving(ring, wanted.accepts);
  if (active === undefined || going.length === 0)
    return wait(now, `ring ${ring.ring} accepts nothing that the deployed definitions do not have`);
  return advance(
    situation,
    { kind: "end", key: active.name, over: true, evidence: { observedAt: instant(now) } },
    `asked for: tokens with ${named(going)} are to be refused: \`pulumi up\` takes it out of the rules`,
  );
}

/** Only where nothing else is to be waited for. */
export function waitForWhatLeaves({ ring }: Situation): Decision | undefined {
  const [next] = (ring.accepts ?? []).flatMap((each) => endOf(ring, each) ?? []).sort((a, b) => a - b);
  if (next === undefined) return undefined;
  return wait(next, `tokens with ${named(left(ring))} are accepted until then`);
}

/** What the definitions no longer have and rules still accept; `until` where `leave` has noted it. */
export function stillAccepted(
  ring: RingLedger,
  wanted: readonly Accepted[],
): readonly { readonly what: string; readonly until?: string }[] {
  return leaving(ring, wanted).map((each) => {
    const end = endOf(ring, each);
    return { what: named([each]), ...(end === undefined ? {} : { until: instant(end) }) };
  });
}

/** The ring's list after `leave`: what is not wanted any more is marked with when that was seen. */
export function marked(ring: RingLedger, wanted: readonly Accepted[], at: string | undefined): Accepted[] {
  const going = leaving(ring, wanted);
  return (ring.accepts ?? []).map((each) =>
    going.includes(each) && at !== undefined ? { leftAt: at, ...each } : each,
  );
}

/** The ring's list after `end`: without what was marked long enough ago, or `over` without all that is not wanted. */
export function withoutEnded(
  ring: RingLedger,
  wanted: readonly Accepted[],
  { over: atOnce, evidence }: Pick<Move, "over" | "evidence">,
): Accepted[] {
  const over = atOnce ? leaving(ring, wanted) : ended(ring, Date.parse(evidence?.observedAt ?? ""));
  return (ring.accepts ?? []).filter((each) => !over.includes(each));
}

function leaving(ring: RingLedger, wanted: readonly Accepted[]): readonly Accepted[] {
  return (ring.accepts ?? []).filter((each) => !wanted.some((other) => isSame(other, each)));
}

function isSame(a: Accepted, b: Accepted): boolean {
  return a.claim === b.claim && a.value === b.value;
}

function left(ring: RingLedger): readonly Accepted[] {
  return (ring.accepts ?? []).filter(({ leftAt }) => leftAt !== undefined);
}

function ended(ring: RingLedger, now: number): readonly Accepted[] {
  return left(ring).filter((each) => now >= (endOf(ring, each) ?? Number.POSITIVE_INFINITY));
}

/** O after it was seen to be left out, in milliseconds: issuers may follow as late as after a promotion. */
function endOf(ring: RingLedger, { leftAt }: Accepted): number | undefined {
  return leftAt === undefined ? undefined : Date.parse(leftAt) + 1000 * overlapOf(ring);
}

function overlapOf(ring: RingLedger): number {
  return Math.max(0, ...publishedKeys(ring).map(({ overlapSeconds }) => overlapSeconds));
}

function named(accepted: readonly Accepted[]): string {
  return accepted.map(({ claim, value }) => `${claim} ${value}`).join(", ");
}

import { expressionDifferences } from "./expressions.ts";
import type { Thing } from "./things.ts";

/** One thing that is not on both sides what it was. */
export interface Change {
  readonly kind: Thing["kind"];
  readonly id: string;
  /** `moved`: for other requests. A thing can be renamed, moved and changed at once. */
  readonly what: readonly ("added" | "removed" | "renamed" | "moved" | "changed")[];
  /** Each fact that differs; one side is missing where the fact is new or gone. */
  readonly facts: readonly Difference[];
}

export interface Difference {
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

/** What was added, renamed, moved and changed, in the order of the later side; then what was removed. */
export function changesOf(before: readonly Thing[], after: readonly Thing[]): readonly Change[] {
  const old = new Map(before.map((thing) => [keyOf(thing), thing]));
  const kept = new Set<Thing>();
  const changes = after.flatMap((thing): Change[] => {
    const former = formerOf(thing, old);
    if (former === undefined)
      return [{ ...named(thing), what: ["added"], facts: differences({}, all(thing)) }];
    kept.add(former);
    const moved = former.place !== thing.place;
    const facts = differences(former.facts, thing.facts).flatMap(narrowed);
    const what = [
      ...(former.id === thing.id ? [] : ["renamed" as const]),
      ...(moved ? ["moved" as const] : []),
      ...(facts.length === 0 ? [] : ["changed" as const]),
    ];
    const renamed = differences({ id: former.id }, { id: thing.id });
    const places = differences(placed(former), placed(thing));
    return what.length === 0 ? [] : [{ ...named(thing), what, facts: [...renamed, ...places, ...facts] }];
  });
  const removed = before
    .filter((thing) => !kept.has(thing))
    .map((thing): Change => ({ ...named(thing), what: ["removed"], facts: differences(all(thing), {}) }));
  return [...changes, ...removed];
}

/** Ids of the earlier side → of the later one, for what was renamed. */
export function renamesOf(
  kind: Thing["kind"],
  before: readonly Thing[],
  after: readonly Thing[],
): ReadonlyMap<string, string> {
  const old = new Map(before.map((thing) => [keyOf(thing), thing]));
  return new Map(
    after
      .filter((thing) => thing.kind === kind)
      .flatMap((thing): [string, string][] => {
        const former = formerOf(thing, old);
        return former === undefined || former.id === thing.id ? [] : [[former.id, thing.id]];
      }),
  );
}

/** The same id goes before the one that a thing says it had: `was` stays in definitions for years. */
function formerOf(thing: Thing, old: ReadonlyMap<string, Thing>): Thing | undefined {
  const { kind, was } = thing;
  return old.get(keyOf(thing)) ?? (was === undefined ? undefined : old.get(keyOf({ kind, id: was })));
}

/** Of an expression that changed only what changed in it. */
function narrowed(difference: Difference): readonly Difference[] {
  const { name, before, after } = difference;
  if (name !== "expression" || before === undefined || after === undefined) return [difference];
  return expressionDifferences(before, after);
}

function keyOf({ kind, id }: Pick<Thing, "kind" | "id">): string {
  return `${kind} ${id}`;
}

function named({ kind, id }: Thing): Pick<Thing, "kind" | "id"> {
  return { kind, id };
}

function placed({ place }: Thing): Record<string, string> {
  return place === undefined ? {} : { for: place };
}

function all(thing: Thing): Record<string, string> {
  return { ...placed(thing), ...thing.facts };
}

function differences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Difference[] {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({
      name,
      ...(before[name] === undefined ? {} : { before: before[name] }),
      ...(after[name] === undefined ? {} : { after: after[name] }),
    }));
}

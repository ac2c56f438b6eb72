import { show } from "../definition/secrets.ts";
import type { Requirement } from "../definition/types.ts";
import type { Alternative, SecurityScheme } from "./types.ts";

/** One way to satisfy what is asked: all of this together. Empty, nothing is asked. */
export interface Way {
  /** Rings of tokens; undefined where a document does not say whose they are. */
  readonly rings: readonly (string | undefined)[];
  readonly scopes: readonly string[];
  /** What is neither a token nor a scope, named. */
  readonly others: readonly string[];
}

/** The ways that an alternative of a document comes to. */
export function wayOf(
  alternative: Alternative,
  schemes: ReadonlyMap<string, SecurityScheme>,
  ringOf: (scheme: string) => string | undefined,
): Way {
  const tokens = alternative.filter(({ scheme }) => schemes.get(scheme)?.kind === "token");
  return {
    rings: [...new Set(tokens.map(({ scheme }) => ringOf(scheme)))],
    scopes: [...new Set(tokens.flatMap(({ scopes }) => scopes))],
    others: alternative.flatMap(({ scheme }) => {
      const found = schemes.get(scheme);
      return found?.kind === "other" ? [found.what] : [];
    }),
  };
}

const NOTHING: Way = { rings: [], scopes: [], others: [] };

/** The ways to satisfy several requirements at once. Claims are left out: documents do not speak of them. */
export function waysOf(requirements: readonly Requirement[]): readonly Way[] {
  return requirements.reduce<readonly Way[]>(
    (ways, require) => ways.flatMap((way) => waysOfOne(require).map((more) => together(way, more))),
    [NOTHING],
  );
}

function waysOfOne(require: Requirement): readonly Way[] {
  switch (require.kind) {
    case "none":
      return [NOTHING];
    // Of a token that may be left out, documents say that nothing need be brought.
    case "absent":
      return [NOTHING];
    case "where":
      return [{ ...NOTHING, others: [require.says] }];
    case "link":
      return [{ ...NOTHING, others: [`a link of ${require.ring}`] }];
    case "token":
      return [{ ...NOTHING, rings: [require.ring], scopes: require.scopes }];
    case "any":
      return require.of.flatMap(waysOfOne);
    case "all":
      return waysOf(require.of);
  }
}

function together(a: Way, b: Way): Way {
  const join = <T>(one: readonly T[], other: readonly T[]) => [...new Set([...one, ...other])];
  return {
    rings: join(a.rings, b.rings),
    scopes: join(a.scopes, b.scopes),
    others: join(a.others, b.others),
  };
}

/** Whether nothing is asked. */
export function isOpen({ rings, scopes, others }: Way): boolean {
  return rings.length === 0 && scopes.length === 0 && others.length === 0;
}

/** Whether two ways may ask for tokens of the same rings, and for nothing else but scopes. */
export function haveSameRings(a: Way, b: Way): boolean {
  if (a.others.length > 0 || b.others.length > 0 || a.rings.length !== b.rings.length) return false;
  return a.rings.every((ring) => ring === undefined || b.rings.includes(ring) || b.rings.includes(undefined));
}

/** Whether two ways ask for the same. */
export function areSame(a: Way, b: Way): boolean {
  const isIn = (some: readonly string[], all: readonly string[]) => some.every((each) => all.includes(each));
  return haveSameRings(a, b) && isIn(a.scopes, b.scopes) && isIn(b.scopes, a.scopes);
}

/** A way in words. */
export function wayText(way: Way): string {
  if (isOpen(way)) return "nothing";
  const { rings, scopes, others } = way;
  return [
    ...rings.map((ring) => (ring === undefined ? "a token" : `a token of ${ring}`)),
    ...scopes.map((scope) => `scope ${show(scope)}`),
    ...others,
  ].join(", ");
}

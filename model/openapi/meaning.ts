import type { Alternative, SecurityScheme } from "./types.ts";

/** What a rule can ask for in place of what the document asks for. */
export type Meaning = {
  /** What of the document's demand the rule leaves out, a sentence each. */
  readonly notes: readonly string[];
} & (
  | { readonly kind: "open" }
  /** A token of one of these; never an empty list, and none of them asks for all that another asks for. */
  | { readonly kind: "token"; readonly any: readonly AskedToken[] }
  /** Nothing that a rule can say comes near it. */
  | { readonly kind: "unsaid" }
);

/** A ring's token with scopes. */
export interface AskedToken {
  readonly ring: string;
  readonly scopes: readonly string[];
}

/** The meaning of an operation of which only a comment is drafted, with the reason. */
export function unsaid(note: string): Meaning {
  return { kind: "unsaid", notes: [note] };
}

/**
 * What the alternatives of an operation come to. One that no rule can say makes the whole unsaid, since a rule must
 * refuse nobody whom the document lets in.
 *
 * @param ringOf the ring whose tokens a scheme means
 */
export function meaningOf(
  alternatives: readonly Alternative[],
  schemes: ReadonlyMap<string, SecurityScheme>,
  ringOf: (scheme: string) => string,
): Meaning {
  const asking = alternatives.filter((each) => each.length > 0);
  if (asking.length < alternatives.length || asking.length === 0) {
    const notes = asking.length === 0 ? [] : ["a token is optional, and is not looked at"];
    return { kind: "open", notes };
  }
  const read = asking.map((each) => readAlternative(each, schemes, ringOf));
  const without = read.flatMap((each) => ("unsaid" in each ? [each.unsaid] : []));
  const said = read.flatMap((each) => ("unsaid" in each ? [] : [each]));
  if (without.length > 0) return { kind: "unsaid", notes: unique(without) };
  return {
    kind: "token",
    any: withoutSurplus(said),
    notes: unique(
      said.flatMap(({ beside }) => beside.map((what) => `${what} beside the token is not checked`)),
    ),
  };
}

/** Tokens of which one is enough, without those that ask for all that another asks for. */
export function withoutSurplus(any: readonly AskedToken[]): readonly AskedToken[] {
  return any
    .filter(
      (each, index) =>
        !any.some((other, place) => asksAll(each, other) && (place < index || !asksAll(other, each))),
    )
    .map(({ ring, scopes }) => ({ ring, scopes }));
}

/** Whether the first asks for all that the second asks for. */
export function asksAll(token: AskedToken, other: AskedToken): boolean {
  return token.ring === other.ring && other.scopes.every((scope) => token.scopes.includes(scope));
}

interface Said extends AskedToken {
  readonly beside: readonly string[];
}

function readAlternative(
  alternative: Alternative,
  schemes: ReadonlyMap<string, SecurityScheme>,
  ringOf: (scheme: string) => string,
): Said | { readonly unsaid: string } {
  const tokens = alternative.filter(({ scheme }) => schemes.get(scheme)?.kind === "token");
  const beside = alternative.flatMap(({ scheme }) => {
    const found = schemes.get(scheme);
    return found?.kind === "other" ? [found.what] : [];
  });
  const rings = unique(tokens.map(({ scheme }) => ringOf(scheme)));
  const [ring] = rings;
  if (ring === undefined) return { unsaid: beside.join(" and ") };
  if (rings.length > 1) return { unsaid: `tokens of the rings ${rings.join(" and ")} in one request` };
  return { ring, scopes: unique(tokens.flatMap(({ scopes }) => scopes)), beside };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

import { show } from "../definition/secrets.ts";
import type { Alternative, SecurityScheme } from "./types.ts";

/** What a rule can ask for in place of what the document asks for. */
export type Meaning = {
  /** What of the document's demand the rule leaves out, a sentence each. */
  readonly notes: readonly string[];
} & (
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly ring: string; readonly scopes: readonly string[] }
  /** Nothing that a rule can say comes near it. */
  | { readonly kind: "unsaid" }
);

/** The meaning of an operation of which only a comment is drafted, with the reason. */
export function unsaid(note: string): Meaning {
  return { kind: "unsaid", notes: [note] };
}

/**
 * What the alternatives of an operation come to. Where several will do, only what all of them have in common is asked
 * for: a rule must refuse nobody whom the document lets in.
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
  const [first] = said;
  if (without.length > 0 || first === undefined) return { kind: "unsaid", notes: unique(without) };
  const rings = unique(said.map(({ ring }) => ring));
  if (rings.length > 1) {
    return unsaid(`a token of any of the rings ${rings.join(", ")}`);
  }
  const common = first.scopes.filter((scope) => said.every(({ scopes }) => scopes.includes(scope)));
  const differ = said.some(({ scopes }) => scopes.length > common.length);
  const any = said.map(({ scopes }) => scopes.map(show).join(" and ") || "none").join(" or ");
  return {
    kind: "token",
    ring: first.ring,
    scopes: common,
    notes: [
      ...(differ ? [`any of several sets of scopes (${any}); asked for is what they have in common`] : []),
      ...unique(
        said.flatMap(({ beside }) => beside.map((what) => `${what} beside the token is not checked`)),
      ),
    ],
  };
}

interface Said {
  readonly ring: string;
  readonly scopes: readonly string[];
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

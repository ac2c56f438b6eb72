import type { ClaimRequirement, Definitions, Ring, TokenSource } from "../../model/definition/types.ts";

/** A request that a token or link of one ring is good for, as the definitions have it. */
export interface RingUsage {
  readonly ring: Ring;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** Where the token stands; the first place that the host names. Absent for links. */
  readonly source?: TokenSource;
  /** What a token has to say so that the rule lets it through. */
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** For each ring the first rule that refuses requests without its token or link; rings without one are left out. */
export function ringUsages(definitions: Definitions): RingUsage[] {
  return definitions.rings.flatMap((ring) => {
    for (const host of definitions.hosts) {
      const rule = host.rules.find((each) => each.require?.ring === ring.id && each.mode === "block");
      if (rule?.require === undefined) continue;
      const source = host.tokens.find((use) => use.ring === ring.id)?.sources[0];
      const { segments, rest } = rule.match.path;
      const path = [...segments.map((segment) => segment ?? "1"), ...(rest ? ["1"] : [])].join("/");
      const token = rule.require.kind === "token" ? rule.require : undefined;
      return [
        {
          ring,
          host: host.host,
          method: rule.match.methods?.[0] ?? "GET",
          path: `/${path}`,
          ...(token && source ? { source } : {}),
          scopes: token?.scopes ?? [],
          claims: Object.assign({}, ...(token?.claims ?? []).map(satisfying)),
        },
      ];
    }
    return [];
  });
}

function satisfying({ path, values, length }: ClaimRequirement): Record<string, unknown> {
  const value = length === undefined ? values[0] : [values[0]];
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, unknown>;
}

import type { Choices } from "../choices.ts";
import { prepareConfiguration } from "../token/configuration.ts";
import { type DecodedToken, decodeToken } from "../token/decode.ts";
import { extractToken, type TokenCarrier } from "../token/source.ts";
import { type TokenVerdict, verifyDecoded, whenMalformed } from "../token/validate.ts";
import type { TokenConfiguration } from "../world/types.ts";

/** The tokens of one request: one verdict per configuration, worked out when first asked for. */
export interface TokenSet {
  readonly ids: readonly string[];
  /** Undefined if the zone has no such configuration. */
  verdict(id: string): TokenVerdict | undefined;
  /** Whether the request carries something for some configuration. */
  anyPresent(): boolean;
}

/** `nowMs` is the instant at which `exp` and `nbf` are judged, in milliseconds. */
export function createTokenSet(
  configurations: readonly TokenConfiguration[],
  carrier: TokenCarrier,
  nowMs: number,
  choices: Choices,
): TokenSet {
  const verdicts = new Map<string, TokenVerdict>();
  // Several configurations often share a header: its token is taken apart only once.
  let lastToken: string | undefined;
  let lastDecoded: DecodedToken | undefined;

  function judge(configuration: TokenConfiguration): TokenVerdict {
    const prepared = prepareConfiguration(configuration);
    const token = extractToken(prepared.sources, carrier, choices);
    if (token === undefined) return { valid: false, present: false, problem: "missing" };
    if (token !== lastToken) {
      lastToken = token;
      lastDecoded = decodeToken(token, choices);
    }
    if (lastDecoded === undefined) return whenMalformed(token, choices);
    return verifyDecoded(prepared, lastDecoded, nowMs, choices);
  }

  const set: TokenSet = {
    ids: configurations.map((configuration) => configuration.id),
    verdict(id) {
      let verdict = verdicts.get(id);
      if (verdict === undefined) {
        const configuration = configurations.find((candidate) => candidate.id === id);
        if (configuration === undefined) return undefined;
        verdict = judge(configuration);
        verdicts.set(id, verdict);
      }
      return verdict;
    },
    anyPresent: () => set.ids.some((id) => set.verdict(id)?.present === true),
  };
  return set;
}

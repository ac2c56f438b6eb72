import { hostFor } from "../definition/hostNames.ts";
import {
  type HostDefinition,
  isTokenRing,
  type Ring,
  type TokenRing,
  type TokenUse,
} from "../definition/types.ts";
import type { PolicyRequest } from "../policy/evaluate.ts";
import type { PolicyTest } from "./types.ts";

/** Claims that say whether a token is valid: what a test writes itself there, no policy judges. */
const JUDGED = ["iss", "aud", "exp", "nbf", "iat"];

/**
 * A test's request as policies see it. A token or link that the test makes invalid, or old, is none; nor is a token
 * whose validity the test writes itself, for which it takes `keyturn test`.
 *
 * @param rings and hosts of the definitions that the test was read with
 */
export function asRequest(
  { host, method, path, headers, token, link, after }: PolicyTest,
  { rings, hosts }: { readonly rings: readonly Ring[]; readonly hosts: readonly HostDefinition[] },
): PolicyRequest {
  const [bare = ""] = path.split("?");
  const use = hostFor(host, hosts)?.tokens.find(({ ring }) => ring === token?.ring);
  const tokenRing = rings.filter(isTokenRing).find(({ id }) => id === token?.ring);
  const isValid =
    token !== undefined &&
    tokenRing !== undefined &&
    token.fault === undefined &&
    after <= tokenRing.lifetime &&
    use !== undefined &&
    JUDGED.every((name) => token.claims[name] === undefined);
  const linkRing = rings.find(({ id }) => id === link);
  const isLinked =
    linkRing?.kind === "hmac" &&
    after <= linkRing.lifetime &&
    (bare === path || linkRing.bind.includes("query"));
  return {
    host,
    method,
    path: bare,
    headers: [...Object.entries(headers), ...(token === undefined ? [] : [carrying(use)])],
    ...(isValid ? { tokens: { [tokenRing.id]: { ...claimsOf(tokenRing), ...token.claims } } } : {}),
    ...(isLinked ? { links: [linkRing.id] } : {}),
  };
}

/** The header that a test's token comes in: two in one place are ambiguous, whatever they say. */
function carrying(use: TokenUse | undefined): readonly [string, string] {
  const { kind, name } = use?.sources[0] ?? { kind: "header", name: "authorization" };
  return kind === "header" ? [name, "token"] : ["cookie", `${name}=token`];
}

/** What tests' tokens say besides, apart from times. */
function claimsOf({ issuers, audiences }: TokenRing) {
  return { iss: issuers[0], aud: audiences[0], sub: "policy-test" };
}

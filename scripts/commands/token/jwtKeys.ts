import type { TokenKey } from "../../token/readKeys.ts";

/** The keys that verify JWTs: the secret of a link ring stands in rules, never in a token configuration. */
export function jwtKeys(keys: readonly TokenKey[]): readonly TokenKey[] {
  return keys.filter((key) => key.jwk.parameter === undefined);
}

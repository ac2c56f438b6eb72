import type { TokenKey } from "./readKeys.ts";
import { TokenInputError } from "./tokenInputError.ts";
import { quote } from "./words.ts";

/**
 * The key to sign with: the only one, or the one with the `kid`. Of a ring's keys only the active one signs:
 * a pending key is proved with canary tokens alone, a retiring one is on its way out. Throws `TokenInputError`.
 */
export function pickSigningKey(keys: readonly TokenKey[], kid?: string): TokenKey {
  const usable = keys.filter(({ role = "active" }) => role === "active");
  const [first, ...others] = kid === undefined ? usable : usable.filter((key) => key.jwk.kid === kid);
  if (!first) {
    const wanted =
      kid === undefined ? "no key that may sign was given" : `no key that may sign has the kid ${quote(kid)}`;
    throw new TokenInputError("KEY_NOT_FOUND", wanted);
  }
  if (others.length === 0) return first;
  const kids = [first, ...others].map((key) => quote(key.jwk.kid)).join(", ");
  throw new TokenInputError("KEY_AMBIGUOUS", `${others.length + 1} keys were given: ${kids}`);
}

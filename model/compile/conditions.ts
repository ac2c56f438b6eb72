import type { HmacRing, HostDefinition, JwtRing } from "../definition/types.ts";
import type { Condition } from "../policy/conditions.ts";
import { sourcesOf } from "../policy/policy.ts";
import { all, any, anyIsSet, hasClaim, hasScope, linkIsValid, not } from "./expressions.ts";
import { stateOf, tokenGuard, type ZoneInput } from "./zoneInput.ts";

/** Link secrets that a rule has room for: two in an overlap, one more in an emergency. */
const SECRETS_AT_ONCE = 3;

type KeysOf = (ring: HmacRing) => readonly string[];

/** An expression that holds where a request to the host meets all of the conditions; undefined where none can. */
export function meets(
  input: ZoneInput,
  host: HostDefinition,
  conditions: readonly Condition[],
): string | undefined {
  return meetsAll(input, host, conditions, (ring) => namesOf(input, ring));
}

/** The longest that `meets` gets while the rings rotate. */
export function meetsAtLongest(
  input: ZoneInput,
  host: HostDefinition,
  conditions: readonly Condition[],
): string | undefined {
  return meetsAll(input, host, conditions, (ring) => {
    const names = namesOf(input, ring);
    const spare = Math.max(SECRETS_AT_ONCE - names.length, 0);
    return [...names, ...Array.from({ length: spare }, (_, index) => `spare${index}`)];
  });
}

function namesOf(input: ZoneInput, { id }: HmacRing): readonly string[] {
  return stateOf(input, id).keys.map((key) => key.name);
}

function meetsAll(
  input: ZoneInput,
  host: HostDefinition,
  conditions: readonly Condition[],
  keysOf: KeysOf,
): string | undefined {
  const each = conditions.map((condition) => meetsOne(input, host, condition, keysOf));
  return each.includes(undefined) ? undefined : all(...each);
}

function meetsOne(
  input: ZoneInput,
  host: HostDefinition,
  condition: Condition,
  keysOf: KeysOf,
): string | undefined {
  switch (condition.kind) {
    case "token":
      return tokenGuard(input, host, input.rings.get(condition.ring) as JwtRing);
    case "link": {
      const ring = input.rings.get(condition.ring) as HmacRing;
      const keys = keysOf(ring);
      // Without any secret no link is valid.
      return keys.length === 0 ? undefined : linkIsValid(ring, keys);
    }
    case "absent":
      return not(anyIsSet(sourcesOf([host], condition.ring)));
    case "where":
      return `(${condition.expression})`;
    case "scope":
      return hasScope(input.rings.get(condition.ring) as JwtRing, condition.scope);
    case "claim":
      return hasClaim(condition.ring, condition.claim);
    case "any": {
      const alternatives = condition.of.flatMap((each) => meetsAll(input, host, each, keysOf) ?? []);
      return alternatives.length === 0 ? undefined : any(alternatives);
    }
  }
}

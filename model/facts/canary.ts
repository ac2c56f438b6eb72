/** Where and with what a ring of keys is proved. */

/** The edge answers for rings below it. No origin is asked below this path. */
export const CANARY_PREFIX = "/.well-known/keyturn/";

/** The audience of the tokens that prove a key. No rule accepts it. */
export const CANARY_AUDIENCE = "keyturn-canary";

/** The path that proves a ring. */
export function canaryPath(ring: string): string {
  return `${CANARY_PREFIX}${ring}`;
}

/** The audience of the tokens that prove a key at the canary path. No rule accepts it. */
export const CANARY_AUDIENCE = "keyturn-canary";

/**
 * How long and how often an operation of a resource goes on. A dynamic provider outlives a killed CLI, so whoever
 * frees a dead run's lock counts on these.
 */

/** No write of ours begins later than this after its operation did, in seconds. */
export const LAST_WRITE_SECONDS = 50;

/** The longest that one call takes, in seconds. */
export const CALL_SECONDS = 15;

/** For how long after it began an operation of a killed run may still write, in seconds. */
export const MAY_WRITE_SECONDS = LAST_WRITE_SECONDS + CALL_SECONDS;

/**
 * How often something is done again: a call that failed, a key set that was written and does not read back so,
 * before Cloudflare is said to have dropped a key; rules that somebody wrote into meanwhile.
 */
export const ATTEMPTS = { call: 6, readBack: 3, merge: 5 } as const;

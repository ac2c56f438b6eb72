import type { PolicyTest } from "../../../model/policyTests/types.ts";

/** Headers that say who sends or how, which the edge sets itself or a client may not choose. */
const NOT_OURS =
  /^(?:host|connection|content-length|transfer-encoding|te|upgrade|expect|x-forwarded-.*|x-real-ip|true-client-ip|cf-.*)$/i;

/** Methods that change nothing at an origin (RFC 9110 section 9.2.1). */
const SAFE = ["GET", "HEAD", "OPTIONS"];

/**
 * Why a test cannot be sent to a server that is not ours, or must not be; undefined where it can.
 *
 * @param host the server's; undefined for one on this machine, which takes requests for any host
 * @param hasTokens whether there is a command that makes tokens
 */
export function notSent(test: PolicyTest, host: string | undefined, hasTokens: boolean): string | undefined {
  const { token, link, expected } = test;
  if (host !== undefined && test.host !== host) return `it is for ${test.host}`;
  if (test.instant !== undefined) return "it happens at another time";
  if (test.after > 0) return "its token or link is from another time";
  if (test.times > 1) return "it is sent many times";
  if (link !== undefined) return `its link is signed with a secret of ${link}`;
  if (token?.fault !== undefined) return `its token is wrong: ${token.fault}`;
  if (token !== undefined && !hasTokens) return "it needs a token: give --token-command";
  const header = Object.keys(test.headers).find((name) => NOT_OURS.test(name));
  if (header !== undefined) return `its header ${header} is not a client's to choose`;
  if (expected.status === "passes" && !SAFE.includes(test.method))
    return `${test.method} would change something at the origin`;
  if (/[^\x21-\x7E]/.test(test.path)) return "its path cannot be sent as it is written";
  return undefined;
}

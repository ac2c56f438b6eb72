import type { LinkPart } from "../../model/definition/types.ts";
import { LINK_FLAGS, linkPrefix } from "../../model/facts/links.ts";
import { encodeMac, type LinkFlags, linkMac } from "./linkMac.ts";
import { checkParameter, readLinkTarget } from "./linkTarget.ts";
import { TokenInputError } from "./tokenInputError.ts";
import { secondsOf } from "./words.ts";

const BIND =
  "Leave the query out, or have it signed: `bind: [path, query]` in the ring's `hmac`, --bind path,query here.";

/** What to sign and with which secret. */
export interface SignLinkInput {
  /** Key bytes: the UTF-8 of the ring's password (`secretOf` takes them from a JWK). */
  readonly secret: Uint8Array;
  /** `/images/cat.jpg`, with a query or without, or an absolute URL. */
  readonly path: string;
  /** Name of the query parameter; it becomes the last one. */
  readonly parameter: string;
  readonly issuedAt: Date;
  /** What links of the ring are signed for (`hmac.bind`); the path alone when left out. */
  readonly bind?: readonly LinkPart[] | undefined;
  /** keyturn's rules use `s`. */
  readonly flags?: LinkFlags | undefined;
}

/**
 * Signs a link for is_timed_hmac_valid_v0: `<path>?<parameter>=<seconds>-<MAC>`. How long it lives is not in
 * the link but in the rule. Throws `TokenInputError`.
 */
export function signLink(input: SignLinkInput): string {
  const { secret, path, parameter, issuedAt, bind = ["path"], flags = LINK_FLAGS } = input;
  if (secret.length === 0) throw new TokenInputError("KEY_UNUSABLE", "the secret is empty");
  const { origin, pathAndQuery } = readLinkTarget(path);
  checkParameter(parameter, pathAndQuery);
  if (pathAndQuery.includes("?") && !bind.includes("query")) {
    throw new TokenInputError(
      "LINK_PATH_INVALID",
      "the link has a query, and is signed for its path alone",
      BIND,
    );
  }
  const issued = Math.floor(secondsOf(issuedAt));
  if (!/^\d{10}$/.test(String(issued))) {
    throw new TokenInputError(
      "LIFETIME_INVALID",
      "the time of a link has to have 10 digits: from 2001-09-09 to 2286-11-20",
    );
  }
  const mac = encodeMac(linkMac(secret, pathAndQuery, issued), flags);
  return `${origin}${linkPrefix(pathAndQuery, parameter)}${issued}-${mac}`;
}

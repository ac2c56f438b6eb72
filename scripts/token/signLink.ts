import { LINK_FLAGS, linkPrefix } from "../../model/facts/links.ts";
import { encodeMac, type LinkFlags, linkMac } from "./linkMac.ts";
import { checkParameter, readLinkTarget } from "./linkTarget.ts";
import { TokenInputError } from "./tokenInputError.ts";
import { secondsOf } from "./words.ts";

/** What to sign and with which secret. */
export interface SignLinkInput {
  /** Key bytes: the UTF-8 of the ring's password (`secretOf` takes them from a JWK). */
  readonly secret: Uint8Array;
  /** `/images/cat.jpg`, with a query or without, or an absolute URL. */
  readonly path: string;
  /** Name of the query parameter; it becomes the last one. */
  readonly parameter: string;
  readonly issuedAt: Date;
  /** keyturn's rules use `s`. */
  readonly flags?: LinkFlags | undefined;
}

/**
 * Signs a link for is_timed_hmac_valid_v0: `<path>?<parameter>=<seconds>-<MAC>`. How long it lives is not in
 * the link but in the rule. Throws `TokenInputError`.
 */
export function signLink({ secret, path, parameter, issuedAt, flags = LINK_FLAGS }: SignLinkInput): string {
  if (secret.length === 0) throw new TokenInputError("KEY_UNUSABLE", "the secret is empty");
  const { origin, pathAndQuery } = readLinkTarget(path);
  checkParameter(parameter, pathAndQuery);
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

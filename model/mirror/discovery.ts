/** OpenID Connect Discovery 1.0 and RFC 8414: where an issuer says that its keys are. */
import { z } from "zod";

const metadata = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
});

export type Discovery =
  | { readonly ok: true; readonly url: string; readonly algorithms: readonly string[] | undefined }
  | { readonly ok: false; readonly reason: string };

/** The address of an issuer's discovery document (OpenID Connect Discovery 1.0 section 4.1). */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/**
 * Reads a discovery document. Its issuer must be the one that was asked for, letter by letter (section 4.3): one that
 * speaks for another issuer could bring keys of its own into a ring.
 */
export function readDiscovery(text: string, issuer: string): Discovery {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "the discovery document is not JSON" };
  }
  const parsed = metadata.safeParse(value);
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path.join(".") || "its issuer";
    return { ok: false, reason: `the discovery document does not say ${member} as it must` };
  }
  const { issuer: said, jwks_uri: url, id_token_signing_alg_values_supported: algorithms } = parsed.data;
  if (said !== issuer) {
    const short = said.slice(0, 200).replaceAll(/\p{C}/gu, "?");
    return {
      ok: false,
      reason: `the discovery document is for the issuer ${short}, asked was ${issuer}: write from.issuer as the provider's tokens have it`,
    };
  }
  if (!URL.canParse(url) || new URL(url).protocol !== "https:")
    return { ok: false, reason: "jwks_uri of the discovery document is no https address" };
  return { ok: true, url, algorithms };
}

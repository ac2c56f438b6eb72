import type { TokenKey } from "./readKeys.ts";
import { type LinkExpectation, type LinkVerdict, splitLink, verifyLink } from "./verifyLink.ts";
import { describeInstant, isoOf, secondsOf } from "./words.ts";

/** Everything about a signed link that may be shown: neither its MAC nor a secret is in it. */
export interface LinkExplanation {
  readonly kind: "link";
  /** The text under the MAC, without the time. */
  readonly message?: string;
  /** What the rule cuts off before the time, and how many bytes that is. */
  readonly separator?: { readonly text: string; readonly bytes: number };
  readonly issued?: { readonly at: string; readonly relative: string };
  /** The first instant at which the link is refused; missing when the lifetime is not known. */
  readonly ends?: { readonly at: string; readonly relative: string };
  /** Missing when no secrets or no lifetime were given. */
  readonly verdict?: LinkVerdict;
}

/** What is known about the ring of a link to be explained. */
export type LinkContext = Omit<LinkExpectation, "lifetimeSeconds"> & {
  readonly lifetimeSeconds?: number | undefined;
};

/** Explains a signed link relative to `context.now`. */
export function explainLink(link: string, keys: readonly TokenKey[], context: LinkContext): LinkExplanation {
  const { lifetimeSeconds } = context;
  const parts = splitLink(link, context.parameter);
  const now = secondsOf(context.now);
  if (!parts) return { kind: "link", verdict: verifyLink(link, keys, { ...context, lifetimeSeconds: 1 }) };
  const end = lifetimeSeconds === undefined ? undefined : parts.issued + lifetimeSeconds;
  const decidable = lifetimeSeconds !== undefined && keys.length > 0;
  return {
    kind: "link",
    message: parts.message,
    separator: { text: parts.separator, bytes: Buffer.byteLength(parts.separator) },
    issued: { at: isoOf(parts.issued), relative: describeInstant(parts.issued, now) },
    ...(end === undefined ? {} : { ends: { at: isoOf(end), relative: describeInstant(end, now) } }),
    ...(decidable ? { verdict: verifyLink(link, keys, { ...context, lifetimeSeconds }) } : {}),
  };
}

import type { LinkPart } from "../../model/definition/types.ts";
import { formatDuration } from "../../model/facts/durations.ts";
import { LINK_FLAGS, separatorLength } from "../../model/facts/links.ts";
import { describeInstant, finding, isoOf, quote, type Refusal, secondsOf, type Warning } from "./findings.ts";
import type { TokenKey } from "./readKeys.ts";
import { decodeMac, type LinkFlags, linkMac, macsEqual, pathProblem, secretOf } from "./signLink.ts";

/** What a link is held against. */
export interface LinkExpectation {
  readonly now: Date;
  /** The `ttl` argument of the rule, in seconds. */
  readonly lifetimeSeconds: number;
  readonly parameter: string;
  readonly flags?: LinkFlags | undefined;
  /** What links of the ring are signed for (`hmac.bind`); the path alone when left out. */
  readonly bind?: readonly LinkPart[] | undefined;
}

/** A link taken apart as the rule does it; the MAC is not in it. */
export interface LinkParts {
  readonly message: string;
  readonly separator: string;
  /** Seconds since 1970. */
  readonly issued: number;
}

/** The judgement of a link. `refusals` is empty exactly when it is accepted; its first entry decided. */
export interface LinkVerdict {
  readonly accepted: boolean;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly parts?: LinkParts;
  /** `kid` or description of the key whose secret made the MAC. */
  readonly key?: string;
}

/**
 * Judges a link (path with query, or absolute URL) as a rule of keyturn does: the query in its one form
 * (`model/facts/links.ts`), then `is_timed_hmac_valid_v0` with one branch per key: MAC over message and time, then
 * `now < issued + lifetime`, strictly and without leeway.
 */
export function verifyLink(link: string, keys: readonly TokenKey[], expected: LinkExpectation): LinkVerdict {
  const split = splitLink(link, expected.parameter);
  if (split === undefined) {
    const message = `the link does not end in \`?${expected.parameter}=<10 digits>-<MAC>\``;
    return { accepted: false, refusals: [finding("LINK_MALFORMED", message)], warnings: [] };
  }
  const { mac, ...parts } = split;
  const refusals: Refusal[] = [];
  const signer = findSigner(parts, mac, keys, expected.flags ?? LINK_FLAGS, refusals);
  refusals.unshift(...formRefusals(parts, expected));
  const now = secondsOf(expected.now);
  const end = parts.issued + expected.lifetimeSeconds;
  if (now >= end) {
    const life = formatDuration(expected.lifetimeSeconds);
    refusals.push(
      finding(
        "LINK_EXPIRED",
        `it ended ${describeInstant(end, now)} (${isoOf(end)}), ${life} after it was issued`,
      ),
    );
  }
  return {
    accepted: refusals.length === 0,
    refusals,
    warnings: warningsOf(parts.issued, now),
    parts,
    ...(signer ? { key: signer.jwk.kid ?? signer.label } : {}),
  };
}

/** What the rule asks besides the function, which does not sign the separator: one form of the query alone. */
function formRefusals({ message, separator }: LinkParts, expected: LinkExpectation): Refusal[] {
  const { parameter, bind = ["path"] } = expected;
  const [path = "", ...query] = message.split("?");
  const refusals: Refusal[] = [];
  const ambiguity = pathProblem(path);
  if (ambiguity !== undefined) refusals.push(finding("LINK_PATH_AMBIGUOUS", ambiguity));
  const wanted = `${query.length > 0 ? "&" : "?"}${parameter}=`;
  if (separator !== wanted) {
    const message = `before the time stands ${quote(separator)}, not \`${wanted}\``;
    refusals.push(finding("LINK_SEPARATOR_MISMATCH", message));
  }
  if (query.length > 0 && !bind.includes("query")) {
    refusals.push(finding("LINK_QUERY_UNBOUND", `the link has a query besides \`${parameter}\``));
  }
  if (new URLSearchParams(query.join("?")).has(parameter)) {
    refusals.push(finding("LINK_PARAMETER_REPEATED", `the link has \`${parameter}\` more than once`));
  }
  return refusals;
}

/**
 * Cuts a link as the rule does: last `\d{10}-.{43,}`, and before it exactly as many bytes of separator as
 * `?<parameter>=` has.
 */
export function splitLink(
  link: string,
  parameter: string,
): (LinkParts & { readonly mac: string }) | undefined {
  const uri = link
    .trim()
    .replace(/^https?:\/\/[^/?#]+/i, "")
    .replace(/#.*$/s, "");
  const found = /^(.+)(\d{10})-(.{43,})$/s.exec(uri);
  if (!found) return undefined;
  const [, before = "", digits = "", mac = ""] = found;
  const bytes = Buffer.from(before, "utf8");
  const cut = bytes.length - separatorLength(parameter);
  if (cut < 1) return undefined;
  return {
    message: bytes.subarray(0, cut).toString("utf8"),
    separator: bytes.subarray(cut).toString("utf8"),
    issued: Number(digits),
    mac,
  };
}

function findSigner(
  { message, issued }: LinkParts,
  mac: string,
  keys: readonly TokenKey[],
  flags: LinkFlags,
  refusals: Refusal[],
): TokenKey | undefined {
  const given = decodeMac(mac, flags);
  if (given === undefined) {
    const form =
      flags === "s" ? "43 characters of URL-safe Base64" : "URL-encoded standard Base64 of 32 bytes";
    refusals.push(finding("LINK_MAC_ENCODING", `the MAC is not ${form}`));
    return undefined;
  }
  const secrets = keys.filter((key) => key.jwk.kty === "oct");
  const signer = secrets.find((key) => macsEqual(given, linkMac(secretOf(key.jwk), message, issued)));
  if (!signer) {
    const count = `${secrets.length} ${secrets.length === 1 ? "secret" : "secrets"}`;
    refusals.push(
      finding("LINK_MAC_INVALID", `none of ${count} gives this MAC for ${quote(message)} at ${issued}`),
    );
  }
  return signer;
}

function warningsOf(issued: number, now: number): Warning[] {
  if (issued <= now) return [];
  return [
    finding(
      "LINK_ISSUED_AHEAD",
      `it is dated ahead: issued ${describeInstant(issued, now)} (${isoOf(issued)})`,
    ),
  ];
}

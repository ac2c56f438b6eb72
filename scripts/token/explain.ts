import { selectKey } from "./chooseKey.ts";
import { decodeJwt, readHeader } from "./decodeJwt.ts";
import { describeInstant, type Finding, isoOf, quote, secondsOf } from "./findings.ts";
import type { TokenKey } from "./readKeys.ts";
import { type Expectation, type JwtVerdict, verifyJwt } from "./verifyJwt.ts";
import { type LinkExpectation, type LinkVerdict, splitLink, verifyLink } from "./verifyLink.ts";

/** A time claim in words. */
export interface ExplainedTime {
  readonly claim: string;
  readonly at: string;
  readonly relative: string;
}

/** Everything about a JWT that may be shown: neither the token nor its signature nor any key is in it. */
export interface JwtExplanation {
  readonly kind: "jwt";
  readonly header?: Readonly<Record<string, unknown>>;
  /** Not verified unless `verdict.accepted`. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly times: readonly ExplainedTime[];
  readonly keys: readonly {
    readonly key: string;
    readonly kid?: string;
    readonly chosen: boolean;
    readonly why: string;
  }[];
  /** Missing when no keys were given: then nobody can say what the edge would do. */
  readonly verdict?: JwtVerdict;
}

/** Explains a JWT relative to `expected.now`: header, claims, times, which key would be chosen, the verdict. */
export async function explainJwt(
  text: string,
  keys: readonly TokenKey[],
  expected: Expectation,
): Promise<JwtExplanation> {
  const decoded = decodeJwt(text);
  if (!decoded.ok) {
    return { kind: "jwt", times: [], keys: [], verdict: await verifyJwt(text, keys, expected) };
  }
  const { header, claims } = decoded.jwt;
  const readable = readHeader(header);
  const judgements = readable.ok ? selectKey(readable, keys).judgements : [];
  const undecided = keys.length === 0 && readable.ok;
  return {
    kind: "jwt",
    header,
    ...(claims ? { claims } : {}),
    times: explainTimes(claims ?? {}, secondsOf(expected.now)),
    keys: judgements.map(({ key, chosen, why }) => ({
      key: key.label,
      ...(key.jwk.kid === undefined ? {} : { kid: key.jwk.kid }),
      chosen,
      why,
    })),
    ...(undecided ? {} : { verdict: await verifyJwt(text, keys, expected) }),
  };
}

function explainTimes(claims: Readonly<Record<string, unknown>>, now: number): ExplainedTime[] {
  return ["iat", "nbf", "exp"].flatMap((claim) => {
    const value = claims[claim];
    if (typeof value !== "number" || !Number.isFinite(value)) return [];
    return [{ claim, at: isoOf(value), relative: describeInstant(value, now) }];
  });
}

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

interface Verdict {
  readonly accepted: boolean;
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly kid?: string;
  readonly alg?: string;
  readonly key?: string;
}

/** A verdict as text: one line, or one per reason with its remedy below; warnings last. */
export function renderVerdict(verdict: Verdict): string {
  const { kid = verdict.key, alg } = verdict;
  const by = kid === undefined ? "" : `: key ${quote(kid)}${alg ? ` (${alg})` : ""}`;
  const lines = verdict.accepted
    ? [`accepted${by}`]
    : verdict.refusals.flatMap((refusal) => tell("refused", refusal));
  return text([...lines, ...verdict.warnings.flatMap((warning) => tell("warning", warning))]);
}

/** An explanation as text for a person. Neither token nor signature, MAC or key is in it. */
export function renderExplanation(explanation: JwtExplanation | LinkExplanation): string {
  const body = explanation.kind === "jwt" ? jwtLines(explanation) : linkLines(explanation);
  const verdict = explanation.verdict ? renderVerdict(explanation.verdict) : unknownVerdict(explanation);
  return `${text(body)}${section("verdict", verdict.trimEnd().split("\n"))}`;
}

function jwtLines({ header, claims, times, keys, verdict }: JwtExplanation): string[] {
  const verified = verdict?.claims ? "claims" : "claims (not verified)";
  return [
    ...(header ? block("header", members(header)) : []),
    ...(claims ? block(verified, members(claims)) : []),
    ...(times.length > 0
      ? block(
          "times",
          times.map(({ claim, at, relative }) => `${claim}: ${at}, ${relative}`),
        )
      : []),
    ...(keys.length > 0
      ? block(
          "keys",
          keys.map((key) => `${key.chosen ? "chosen" : "passed over"}: ${nameOf(key)}: ${key.why}`),
        )
      : []),
  ];
}

function nameOf({ key, kid }: JwtExplanation["keys"][number]): string {
  return kid === undefined || key.includes(kid) ? key : `${key}, kid ${quote(kid)}`;
}

function linkLines({ message, separator, issued, ends }: LinkExplanation): string[] {
  const lines: string[] = [];
  if (message !== undefined) lines.push(`signed text: ${quote(message, 400)}, followed by the time`);
  if (separator) lines.push(`separator: ${quote(separator.text)}, ${separator.bytes} bytes, not signed`);
  if (issued) lines.push(`issued: ${issued.at}, ${issued.relative}`);
  if (ends) lines.push(`ends: ${ends.at}, ${ends.relative}; refused from that second on, no leeway`);
  return lines.length > 0 ? block("link", lines) : [];
}

function unknownVerdict({ kind }: JwtExplanation | LinkExplanation): string {
  return kind === "jwt"
    ? "unknown: no key was given, so the signature was not checked"
    : "unknown: the secret, or the lifetime of the rule, was not given";
}

function members(object: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(object).map(([name, value]) => `${quote(name).slice(1, -1)}: ${quote(value, 400)}`);
}

function tell(word: string, { code, message, hint }: Finding): string[] {
  return [`${word} ${code}: ${message}`, `  ${hint}`];
}

function block(title: string, lines: readonly string[]): string[] {
  return [title, ...lines.map((line) => `  ${line}`)];
}

function section(title: string, lines: readonly string[]): string {
  return text(block(title, lines));
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

import type { JwtExplanation } from "./explainJwt.ts";
import type { LinkExplanation } from "./explainLink.ts";
import type { Finding } from "./finding.ts";
import { quote } from "./words.ts";

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

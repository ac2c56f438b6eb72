import { canonicalJson } from "../../model/ring/canonicalJson.ts";
import { containsSecret } from "./secrets.ts";

/**
 * A change as `preview --diff` shows it: one line a member, old and new value; what holds a secret is `[secret]`,
 * whole.
 */
export function describeChange(
  step: string,
  urn: string,
  olds: Readonly<Record<string, unknown>>,
  news: Readonly<Record<string, unknown>>,
): string[] {
  if (step === "same") return [];
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (name) => name !== "__provider",
  );
  const lines = names.flatMap((name) => memberLines(name, olds[name], news[name]));
  return [`${step} ${urn}`, ...lines.map((line) => `    ${line}`)];
}

function memberLines(name: string, before: unknown, after: unknown): string[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (containsSecret(before) || containsSecret(after)) return [`~ ${name}: [secret] => [secret]`];
  if (Array.isArray(before) && Array.isArray(after)) return elementLines(name, before, after);
  return [`~ ${name}: ${JSON.stringify(before)} => ${JSON.stringify(after)}`];
}

/** Lists are compared by element, so that one changed rule is one line. */
function elementLines(name: string, before: readonly unknown[], after: readonly unknown[]): string[] {
  const had = new Set(before.map(canonicalJson));
  const has = new Set(after.map(canonicalJson));
  return [
    ...before
      .filter((entry) => !has.has(canonicalJson(entry)))
      .map((entry) => `- ${name}: ${JSON.stringify(entry)}`),
    ...after
      .filter((entry) => !had.has(canonicalJson(entry)))
      .map((entry) => `+ ${name}: ${JSON.stringify(entry)}`),
  ];
}

import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import type { Source } from "./source.ts";

/** Forms in which secrets end up in files, each with what it is called. */
const FORMS: readonly {
  readonly name: string;
  readonly pattern: RegExp;
  /** True where nothing else looks so: no comment makes it harmless. */
  readonly certain?: true;
}[] = [
  { certain: true, name: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  // Each run of letters is taken whole (the look-ahead) and then looked at from its end: linear in the text.
  { name: "a token", pattern: /(?<![\w-])(?=([\w-]*))\1(?<=eyJ[\w-]{8,})\.[\w-]{8,}\./ },
  { certain: true, name: "a key with its secret member", pattern: /"(k|d)"\s*:\s*"[A-Za-z0-9_-]{16,}/ },
  { name: "a hexadecimal key", pattern: /(^|[^0-9A-Za-z])[0-9a-fA-F]{32,}([^0-9A-Za-z]|$)/ },
  {
    certain: true,
    name: "a secret inside is_timed_hmac_valid_v0",
    pattern: /is_timed_hmac_valid_v0\s*\(\s*(r#*)?"(?!\$\{secret:)/,
  },
];

const SECRET = "SECRET_IN_DEFINITION";

/** Words that are measured. A slash ends a word, so that paths are not taken for Base64. */
const LONG_WORD = /[A-Za-z0-9+_=-]{24,}/g;

/** Bits per character above which a long word is taken for random; names in English stay below 3.7. */
const RANDOM_BITS = 3.9;

/** The kind of secret that a text looks like, or undefined. */
export function secretKind(text: string): string | undefined {
  const form = FORMS.find(({ pattern }) => pattern.test(text));
  if (form !== undefined) return form.name;
  const random = (text.match(LONG_WORD) ?? []).some(
    (word) => looksMixed(word) && bitsPerCharacter(word) > RANDOM_BITS,
  );
  return random ? "a random word such as a key or password" : undefined;
}

/** Whether a text that looks like a secret is said to be none, with a reason, and may be one. */
export function isExcused(source: Source, text: string, at: Position): boolean {
  const certain = FORMS.some(({ pattern, certain: sure }) => sure === true && pattern.test(text));
  return !certain && (source.noSecret(at.line) ?? "") !== "";
}

/** A problem for each text of a file that looks like a secret. The text itself is in none of them. */
export function secretProblems(source: Source): Problem[] {
  return source.texts.flatMap(({ text, at }) => {
    const kind = secretKind(text);
    if (kind === undefined || isExcused(source, text, at)) return [];
    const leaked =
      "take it out and treat it as leaked; keyturn makes its own keys, and rules name them by their ring";
    const certain = FORMS.some((form) => form.certain === true && form.name === kind);
    return [
      problem(
        SECRET,
        at,
        source.noSecret(at.line) === "" && !certain
          ? `this looks like ${kind}, and the comment that it is none gives no reason`
          : `this looks like ${kind}`,
        certain
          ? leaked
          : `${leaked}. If it is none, say why at the end of the line: # keyturn: no secret, because ...`,
      ),
    ];
  });
}

/**
 * The problems with every text that looks like a secret hidden, whoever put it into a message, and without what else
 * is wrong with such a text.
 */
export function withoutSecrets(problems: readonly Problem[], sources: readonly Source[]): readonly Problem[] {
  if (problems.length === 0) return problems;
  const texts = sources.flatMap((source) => source.texts.map(({ text }) => text.trim()));
  const secrets = texts.filter((text) => text !== "" && secretKind(text) !== undefined);
  const hide = (text: string) => secrets.reduce((sum, secret) => sum.replaceAll(secret, "(hidden)"), text);
  const place = ({ file, line, column }: Position) => `${file}:${line}:${column}`;
  const leaked = new Set(problems.filter(({ code }) => code === SECRET).map(place));
  const kept = problems.filter((each) => each.code === SECRET || !leaked.has(place(each)));
  return kept.map((each) => ({ ...each, message: hide(each.message), hint: hide(each.hint) }));
}

/** A text for use in a message: shortened, without control characters, and hidden when it looks like a secret. */
export function show(text: string): string {
  if (secretKind(text) !== undefined) return "(hidden)";
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return short.replaceAll(/\p{C}/gu, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Capitals, small letters and digits together; or small letters and digits without any separator. */
function looksMixed(word: string): boolean {
  const mixed = /[0-9]/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word);
  return mixed || (/^[a-z0-9]{32,}$/.test(word) && /[0-9].*[0-9]/.test(word));
}

function bitsPerCharacter(word: string): number {
  const counts = new Map<string, number>();
  for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

import { RE2JS } from "re2js";
import { toBytes } from "./bytes.ts";
import { LIMITS } from "./limits.ts";
import { regexSize } from "./regexSize.ts";
import { toRe2 } from "./regexSyntax.ts";
import { expandTemplate } from "./wildcard.ts";

const judged = new Map<string, string | undefined>();

/** As many patterns are remembered: a zone's rules repeat theirs, and judging one costs more than all else in its rule. */
const REMEMBERED = 50_000;

/** What is wrong with a pattern (a byte string), as "must …"; `undefined` when it is fine. */
export function regexProblem(pattern: string): string | undefined {
  if (!judged.has(pattern)) {
    if (judged.size >= REMEMBERED) judged.clear();
    judged.set(pattern, judge(pattern));
  }
  return judged.get(pattern);
}

function judge(pattern: string): string | undefined {
  const translated = toRe2(pattern);
  if ("must" in translated) return translated.must;
  if (regexSize(translated.re2) > LIMITS.regexSize.value)
    return "must be smaller; its repetitions multiply what they repeat";
  try {
    // The other alternative changes nothing in what is wrong, and spares an analysis that only matching needs.
    RE2JS.compile(`x|${translated.re2}`);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : "";
    const reason = /error parsing regexp: ([^:`]+)/.exec(text)?.[1]?.trim();
    return `must be a regular expression of RE2 and Rust${reason === undefined ? "" : `: ${reason}`}`;
  }
}

/** A checked pattern, compiled, and what it wants the bytes of a value to be. */
function compiled(pattern: string): { regex: RE2JS; prepared: (bytes: string) => string } {
  const translated = toRe2(pattern);
  if ("must" in translated) throw new RangeError(`the regular expression ${translated.must}`);
  const decode = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");
  return { regex: RE2JS.compile(translated.re2), prepared: translated.unicode ? decode : (bytes) => bytes };
}

/** A test for a partial, case-sensitive match in time linear in the text. */
export function regexTest(pattern: string): (bytes: string) => boolean {
  const { regex, prepared } = compiled(pattern);
  return (bytes) => regex.test(prepared(bytes));
}

/** Replaces the first match; `${1}` … `${9}` stand for groups, `${0}` for the whole match. */
export function regexReplacer(pattern: string, replacement: string): (bytes: string) => string {
  const { regex, prepared } = compiled(pattern);
  return (bytes) => {
    const text = prepared(bytes);
    const matcher = regex.matcher(text);
    if (!matcher.find()) return bytes;
    const encoded = (part: string) => (text === bytes ? part : toBytes(part));
    const filled = expandTemplate(replacement, (group) =>
      group <= matcher.groupCount() ? encoded(matcher.group(group) ?? "") : undefined,
    );
    return encoded(text.slice(0, matcher.start())) + filled + encoded(text.slice(matcher.end()));
  };
}

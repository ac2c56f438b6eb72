import { type Matcher, RE2JS } from "re2js";
import { toBytes } from "./bytes.ts";
import { LIMITS } from "./limits.ts";
import { regexSize } from "./regexSize.ts";

/**
 * What Rust's regex crate refuses although RE2 would take it, and what RE2 cannot do although Rust can. Both are
 * refused, so that a pattern that passes means the same in both.
 */
function foreignSyntax(pattern: string): string | undefined {
  let inClass = false;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] as string;
    if (character === "\\") {
      const next = pattern[index + 1] ?? "";
      if (/[QEC<>]/.test(next)) return `must not use \\${next}`;
      if (/[1-9]/.test(next)) return "must not use back-references";
      if (pattern.startsWith("\\b{", index)) return "must not use \\b{…}";
      index++;
    } else if (inClass) {
      if (character === "]") inClass = false;
      else if (character === "[" && pattern[index + 1] !== ":") return "must write a [ within a class as \\[";
      else if (character === "[") index = Math.max(index, pattern.indexOf(":]", index) + 1);
      else if (/^(?:&&|--|~~)/.test(pattern.slice(index, index + 2)))
        return "must not use set operations in a class";
    } else if (character === "[") {
      inClass = true;
      if (pattern[index + 1] === "^") index++;
      if (pattern[index + 1] === "]") index++;
    } else if (character === "{" && !/^\{[0-9]+(?:,[0-9]*)?\}/.test(pattern.slice(index, index + 24))) {
      return "must write a literal { as \\{";
    } else if (/^\(\?(?:=|!|<=|<!|>|\|)/.test(pattern.slice(index, index + 4))) {
      return "must not use look-around or atomic groups";
    } else if (/^\(\?[a-zA-Z-]*[xuR]/.test(pattern.slice(index, index + 8))) {
      return "must not use the flags x, u or R";
    }
  }
  return undefined;
}

/** What is wrong with a pattern, as "must …"; `undefined` when it is fine. */
export function regexProblem(pattern: string): string | undefined {
  const foreign = foreignSyntax(pattern);
  if (foreign !== undefined) return foreign;
  if (regexSize(pattern) > LIMITS.regexSize.value)
    return "must be smaller; its repetitions multiply what they repeat";
  try {
    RE2JS.compile(toBytes(pattern));
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : "";
    const reason = /error parsing regexp: ([^:`]+)/.exec(text)?.[1]?.trim();
    return `must be a regular expression of RE2 and Rust${reason === undefined ? "" : `: ${reason}`}`;
  }
}

/** A test for a partial, case-sensitive match in time linear in the text. */
export function regexTest(pattern: string): (bytes: string) => boolean {
  const compiled = RE2JS.compile(toBytes(pattern));
  return (bytes) => compiled.test(bytes);
}

function expand(template: string, matcher: Matcher): string {
  return template.replace(/\$\{([0-9])\}/g, (_, digit: string) => {
    const group = Number(digit);
    return group <= matcher.groupCount() ? (matcher.group(group) ?? "") : "";
  });
}

/** Replaces the first match, or all; `${1}` … `${9}` stand for groups, `${0}` for the whole match. */
export function regexReplacer(
  pattern: string,
  replacement: string,
  which: "first" | "all",
): (bytes: string) => string {
  const compiled = RE2JS.compile(toBytes(pattern));
  const template = toBytes(replacement);
  return (bytes) => {
    const matcher = compiled.matcher(bytes);
    let result = "";
    let done = 0;
    while (matcher.find()) {
      result += bytes.slice(done, matcher.start()) + expand(template, matcher);
      done = matcher.end();
      if (which === "first") break;
    }
    return result + bytes.slice(done);
  };
}

import { fromBytes } from "./bytes.ts";

/** A pattern as RE2 takes it, over characters (`unicode`) or over bytes; or what the author must change. */
type Translated = { readonly re2: string; readonly unicode: boolean } | { readonly must: string };

class Refused extends Error {}

/** `\xHH` (a byte without the flag `u`), `\x{…}`, `\uHHHH`, `\u{…}`, `\UHHHHHHHH`. */
const numbered = /\\(?:x([0-9A-Fa-f]{2})|[xuU]\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;
const named = /\\[pP](?:\{[^{}]*\}|[A-Za-z])/y;
const posix = /\[:\^?[a-z]+:\]/y;
const counted = /\{ *([0-9]+) *(,?) *([0-9]*) *\}/y;
const group = /\(\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])/y;
const unicodeHead = /^((?:\(\?[imsU]+\))*)\(\?([imsU]*)u([imsU]*)\)/;
const asciiPunctuation = /[!-/:-@[-`{-~ ]/;

/** What stands for `\d`, `\s` and `\w` in a class. RE2's own `\s` lacks the vertical tab, and all three are ASCII. */
const shorthands = {
  bytes: { d: "0-9", s: "\\t-\\r ", w: "0-9A-Za-z_" },
  unicode: {
    d: "\\p{Nd}",
    s: "\\t-\\r\\x{85}\\p{Z}",
    w: "\\p{L}\\p{M}\\p{Nl}\\p{Nd}\\p{Pc}\\x{200c}\\x{200d}",
  },
} as const;
/** All other bytes. */
const complements = {
  D: "\\x{0}-/:-\\x{ff}",
  S: "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{ff}",
  W: "\\x{0}-/:-@\\[-\\^`\\{-\\x{ff}",
} as const;

/**
 * Reads a pattern of Rust's regex crate in bytes mode, which the public engine uses, and writes it for RE2. What RE2
 * cannot do is refused as well, so that a pattern that passes means the same in both.
 */
class Translator {
  readonly #text: string;
  readonly #unicode: boolean;
  readonly #folds: boolean;
  #at = 0;
  #out = "";

  constructor(text: string) {
    const head = unicodeHead.exec(text);
    this.#text = text;
    this.#unicode = head !== null;
    this.#folds = /\(\?[a-zA-Z]*i/.test(text);
    if (head === null) return;
    const flags = `${head[2]}${head[3]}`;
    this.#at = head[0].length;
    this.#out = head[1] + (flags === "" ? "" : `(?${flags})`);
  }

  run(): Translated {
    while (this.#at < this.#text.length) this.#piece();
    return { re2: this.#out, unicode: this.#unicode };
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  #next(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
    this.#at += character.length;
    return character;
  }

  #piece(): void {
    const character = this.#text[this.#at] as string;
    if (character === "\\") this.#out += this.#escape(false);
    else if (character === "[") this.#class();
    else if (character === "{") {
      const found = this.#take(counted);
      if (found === undefined) throw new Refused("must write a literal { as \\{");
      this.#out += `{${found[1]}${found[2]}${found[3]}}`;
    } else if (this.#text.startsWith("(?", this.#at)) this.#group();
    else {
      const next = this.#next();
      this.#out += next < "\x80" ? next : this.#literal(next.codePointAt(0) as number, false);
    }
  }

  /** A character outside of a class, which a repetition after it must take as a whole, and `i` must not fold by halves. */
  #literal(code: number, isByte: boolean): string {
    if (this.#unicode || code < 0x80) return `\\x{${code.toString(16)}}`;
    const bytes = isByte ? [code] : [...Buffer.from(String.fromCodePoint(code))];
    return `(?-i:${bytes.map((byte) => `\\x{${byte.toString(16)}}`).join("")})`;
  }

  #inClass(code: number, isByte: boolean): string {
    if (!this.#unicode && code >= 0x80) {
      if (!isByte) throw new Refused("must not name Unicode characters in a class without the flag u");
      if (this.#folds) throw new Refused("must not combine the flag i with bytes above \\x7f in a class");
    }
    return `\\x{${code.toString(16)}}`;
  }

  #escape(isInClass: boolean): string {
    const number = this.#take(numbered);
    if (number !== undefined) {
      const code = Number.parseInt(number[1] ?? number[2] ?? number[3] ?? number[4] ?? "", 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        throw new Refused("must name characters that exist");
      const isByte = number[1] !== undefined;
      return isInClass ? this.#inClass(code, isByte) : this.#literal(code, isByte);
    }
    const property = this.#take(named);
    if (property !== undefined) {
      if (!this.#unicode) throw new Refused("must begin with (?u) to use \\p");
      return property[0];
    }
    const letter = this.#text[this.#at + 1] ?? "";
    if (/[0-9]/.test(letter)) throw new Refused("must not use back-references");
    if (this.#text.startsWith("\\b{", this.#at)) throw new Refused("must not use \\b{…}");
    this.#at += 1 + letter.length;
    if (/[dswDSW]/.test(letter)) return this.#shorthand(letter, isInClass);
    if (/[bB]/.test(letter) && this.#unicode) throw new Refused(`must not use \\${letter} with the flag u`);
    if (/[aftnrvAzbB]/.test(letter) || (asciiPunctuation.test(letter) && !/[<>]/.test(letter))) {
      return letter === " " ? " " : `\\${letter}`;
    }
    throw new Refused(`must not use \\${letter}`);
  }

  #shorthand(letter: string, isInClass: boolean): string {
    const lower = letter.toLowerCase() as "d" | "s" | "w";
    const inside = shorthands[this.#unicode ? "unicode" : "bytes"][lower];
    if (!isInClass) return `[${letter === lower ? "" : "^"}${inside}]`;
    if (letter === lower) return inside;
    if (this.#unicode) throw new Refused(`must not use \\${letter} in a class with the flag u`);
    return complements[letter as "D" | "S" | "W"];
  }

  #class(): void {
    this.#at++;
    this.#out += "[";
    for (const first of ["^", "]"]) {
      if (this.#text[this.#at] !== first) continue;
      this.#out += first === "]" ? "\\]" : first;
      this.#at++;
    }
    while (this.#at < this.#text.length) {
      const two = this.#text.slice(this.#at, this.#at + 2);
      if (two[0] === "\\") this.#out += this.#escape(true);
      else if (["&&", "--", "~~"].includes(two)) throw new Refused("must not use set operations in a class");
      else if (two[0] === "[") {
        const found = this.#take(posix);
        if (found === undefined) throw new Refused("must write a [ within a class as \\[");
        this.#out += found[0];
      } else {
        const next = this.#next();
        this.#out += next < "\x80" ? next : this.#inClass(next.codePointAt(0) as number, false);
        if (next === "]") return;
      }
    }
  }

  #group(): void {
    const found = this.#take(group);
    if (found === undefined) {
      if (/^\(\?(?:=|!|<=|<!|>|\|)/.test(this.#text.slice(this.#at, this.#at + 4))) {
        throw new Refused("must not use look-around or atomic groups");
      }
      this.#out += this.#next();
      return;
    }
    const [, on = "", off = "", end] = found;
    if (/[^imsU]/.test(on)) throw new Refused(`must use the flag u only at its start, and not x or R`);
    if (/[^imsUu-]/.test(off) || (off.includes("u") && this.#unicode)) {
      throw new Refused("must not switch off the flags x, u or R");
    }
    const without = off.replace("u", "");
    const flags = on + (without === "-" ? "" : without);
    this.#out += flags === "" && end === ")" ? "" : `(?${flags}${end}`;
  }
}

/** A pattern (a byte string) as RE2 takes it. Linear time. */
export function toRe2(pattern: string): Translated {
  try {
    return new Translator(fromBytes(pattern) ?? pattern).run();
  } catch (error) {
    if (error instanceof Refused) return { must: error.message };
    throw error;
  }
}

/** A literal run of bytes, or a `*`. */
type Part = string | undefined;

/** What is wrong with a wildcard pattern, as "must …"; `undefined` when it is fine. */
export function wildcardProblem(pattern: string): string | undefined {
  for (let index = 0; index < pattern.length; index++) {
    if (pattern[index] === "\\") {
      const next = pattern[++index];
      if (next !== "*" && next !== "\\") return "must use a backslash only as \\* or \\\\";
    } else if (pattern[index] === "*" && pattern[index + 1] === "*") return "must not contain **";
  }
  return undefined;
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  let run = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] as string;
    if (character === "*") {
      parts.push(run, undefined);
      run = "";
    } else run += character === "\\" ? (pattern[++index] ?? "") : character;
  }
  parts.push(run);
  return parts.filter((part) => part !== "");
}

/** Upper-case ASCII letters to lower case; other bytes stay. */
export function asciiLower(bytes: string): string {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes.charCodeAt(index) > 127) return bytes.replace(/[A-Z]+/g, (run) => run.toLowerCase());
  }
  return bytes.toLowerCase();
}

/** Lower-case ASCII letters to upper case; other bytes stay. */
export function asciiUpper(bytes: string): string {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes.charCodeAt(index) > 127) return bytes.replace(/[a-z]+/g, (run) => run.toUpperCase());
  }
  return bytes.toUpperCase();
}

/**
 * Where each `*` of the pattern matched, or `undefined` when the whole text does not match. Each `*` takes as
 * little as it can, the last one what is left; time linear in the text for each star.
 */
function starsOf(parts: readonly Part[], text: string): [number, number][] | undefined {
  const stars: [number, number][] = [];
  let at = 0;
  let open = -1;
  for (const [index, part] of parts.entries()) {
    if (part === undefined) {
      open = at;
      continue;
    }
    const isLast = index === parts.length - 1;
    if (open < 0) {
      if (!text.startsWith(part, at)) return undefined;
    } else {
      const found = isLast ? text.length - part.length : text.indexOf(part, at);
      if (found < at || (isLast && !text.endsWith(part))) return undefined;
      stars.push([open, found]);
      at = found;
      open = -1;
    }
    at += part.length;
  }
  if (open >= 0) {
    stars.push([open, text.length]);
    return stars;
  }
  return at === text.length ? stars : undefined;
}

/** Whether the pattern (a byte string) matches the entire value; unless `strict`, the case of ASCII does not count. */
export function wildcardTest(pattern: string, strict: boolean): (bytes: string) => boolean {
  const parts = partsOf(strict ? pattern : asciiLower(pattern));
  const [first, second] = parts;
  const prepared = strict ? (bytes: string) => bytes : asciiLower;
  if (parts.length === 0) return (bytes) => bytes === "";
  if (parts.length === 1) return first === undefined ? () => true : (bytes) => prepared(bytes) === first;
  if (parts.length === 2 && second === undefined)
    return (bytes) => prepared(bytes).startsWith(first as string);
  if (parts.length === 2) return (bytes) => prepared(bytes).endsWith(second as string);
  return (bytes) => starsOf(parts, prepared(bytes)) !== undefined;
}

/** A replacement's `${0}` … `${9}` filled in, and its `$$` made a `$`. */
export function expandTemplate(template: string, group: (index: number) => string | undefined): string {
  return template.replace(/\$(?:\$|\{([0-9])\})/g, (_, digit: string | undefined) =>
    digit === undefined ? "$" : (group(Number(digit)) ?? ""),
  );
}

/** Replaces the entire value when the pattern matches it; `${1}` … stand for what each `*` took. */
export function wildcardReplacer(
  pattern: string,
  replacement: string,
  strict: boolean,
): (bytes: string) => string {
  const parts = partsOf(strict ? pattern : asciiLower(pattern));
  return (bytes) => {
    const stars = starsOf(parts, strict ? bytes : asciiLower(bytes));
    if (stars === undefined) return bytes;
    return expandTemplate(replacement, (index) => bytes.slice(...(stars[index - 1] ?? [0, 0])));
  };
}

/**
 * About how many instructions a pattern compiles to: characters and classes count one, and a counted
 * repetition multiplies what it repeats. Takes any text; answers a number, exact only in its magnitude.
 */
export function regexSize(pattern: string): number {
  const outer: number[] = [];
  let total = 0;
  let last = 0;
  const atom = (size: number) => {
    total += size;
    last = size;
  };
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] as string;
    if (character === "\\") {
      index++;
      atom(1);
    } else if (character === "[") {
      const from = index + (pattern[index + 1] === "^" ? 3 : 2);
      index = from - 1;
      while (index < pattern.length && pattern[index] !== "]") index += pattern[index] === "\\" ? 2 : 1;
      atom(1);
    } else if (character === "(") {
      outer.push(total);
      total = 0;
    } else if (character === ")") {
      last = total + 2;
      total = (outer.pop() ?? 0) + last;
    } else if (character === "{") {
      const counts = /^\{([0-9]+)(?:,([0-9]*))?\}/.exec(pattern.slice(index, index + 24));
      if (counts === null) continue;
      const times = Math.max(1, Number(counts[1]), Number(counts[2] ?? 0));
      total += last * (times - 1);
      last *= times;
      index += counts[0].length - 1;
    } else atom(1);
  }
  return total + outer.reduce((sum, size) => sum + size, 0);
}

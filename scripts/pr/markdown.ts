/** What the comment on a pull request begins with, so that the next one is written over it. */
export const MARKER = "<!-- keyturn -->";

/** Text between fences that nothing in it ends (GitHub Flavored Markdown 0.29 section 4.5); control characters are left out. */
export function fenced(text: string): string {
  const plain = text.replaceAll(/(?!\n)\p{Cc}/gu, "").trimEnd();
  const longest = Math.max(2, ...[...plain.matchAll(/^ *(`+)/gm)].map(([, run = ""]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${plain}\n${fence}`;
}

/** The whole lines of a text that fit some characters, and how many do not. A comment holds 65,536 in all. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text.trimEnd();
  const lines = text.trimEnd().split("\n");
  let length = 0;
  const kept = lines.findIndex((line) => {
    length += line.length + 1;
    return length > most;
  });
  return [...lines.slice(0, kept), `… ${lines.length - kept} more lines`].join("\n");
}

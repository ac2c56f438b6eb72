import type { StacksDiff } from "./diffProject.ts";
import {
  answersOf,
  decidersOf,
  factsOf,
  headingOf,
  requestOf,
  summaryOf,
  titleOf,
  tooManyOf,
} from "./words.ts";

/** Forms of what `keyturn diff` prints; `json` is the envelope that every command has. */
export const formats = {
  text: (diffs) => diffs.map(asText).join("\n"),
  markdown: (diffs) => diffs.map(asMarkdown).join("\n"),
} satisfies Record<string, (diffs: readonly StacksDiff[]) => string>;

export type FormatName = keyof typeof formats | "json";

function asText(diff: StacksDiff): string {
  const changes = diff.changes.map((change) => [titleOf(change), ...factsOf(change)].join("\n    "));
  const verdicts = diff.verdicts.map((verdict) =>
    [
      `${headingOf(verdict)}: ${answersOf(verdict)}`,
      `decided by ${decidersOf(verdict)}`,
      `${counted(verdict.requests)}, such as ${requestOf(verdict.example)}`,
    ].join("\n    "),
  );
  return `${[summaryOf(diff), ...tooManyOf(diff), ...changes, ...verdicts].join("\n")}\n`;
}

function asMarkdown(diff: StacksDiff): string {
  const changes = diff.changes.flatMap((change) => [
    `* ${code(titleOf(change))}`,
    ...factsOf(change).map((fact) => `  * ${code(fact)}`),
  ]);
  const rows = diff.verdicts.map((verdict) =>
    [
      headingOf(verdict),
      cell(answersOf(verdict)),
      cell(decidersOf(verdict)),
      String(verdict.requests),
      cell(requestOf(verdict.example)),
    ].join(" | "),
  );
  const table =
    rows.length === 0
      ? []
      : [
          "",
          "| what becomes of requests | answer | decided by | requests | such as |",
          "|---|---|---|---:|---|",
          ...rows.map((row) => `| ${row} |`),
        ];
  const tooMany = tooManyOf(diff).flatMap((line) => ["", code(line)]);
  return `${[`**${summaryOf(diff)}**`, ...tooMany, ...(changes.length > 0 ? [""] : []), ...changes, ...table].join("\n")}\n`;
}

function counted(requests: number): string {
  return requests === 1 ? "1 request" : `${requests} requests`;
}

/** A code span, in which nothing is read as Markdown or as a mention (GitHub Flavored Markdown 0.29 section 6.3). */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${space}${text}${space}${fence}`;
}

/** A code span in a table, where a pipe ends a cell even there (section 4.10). */
function cell(text: string): string {
  return code(text).replaceAll("|", "\\|");
}

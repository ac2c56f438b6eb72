import { formatProblems, type Problem } from "../../model/problem/problem.ts";

/** Problems for a person, `file:line:col CODE: …`; empty when there are none. */
export function asText(problems: readonly Problem[]): string {
  return problems.length === 0 ? "" : `${formatProblems(problems)}\n`;
}

/** Problems as annotations of GitHub Actions (docs.github.com: workflow commands), one line each. */
export function asGithub(problems: readonly Problem[]): string {
  return problems
    .map(({ severity, file, line, column, code, message, hint }) => {
      const place = `file=${property(file)},line=${line},col=${column},title=${property(code)}`;
      return `::${severity} ${place}::${data(`${message}\n${hint}`)}\n`;
    })
    .join("");
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

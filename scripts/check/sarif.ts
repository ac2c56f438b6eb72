import { problemCodes } from "../../model/problem/codes.ts";
import type { Problem } from "../../model/problem/problem.ts";
import manifest from "../../package.json" with { type: "json" };
import type { CheckReport } from "./checkProject.ts";

/** Every code, in the order of the table: a result names its rule by name and position. */
const codes = Object.entries(problemCodes);

/** Problems as a log of SARIF 2.1.0 (OASIS), which code scanning takes; each code is a rule with its help. */
export function asSarif({ result }: CheckReport): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: manifest.name, version: manifest.version, rules: codes.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: [
          ...result.problems.map(resultOf),
          ...result.suppressed.map(({ problem, until, reason }) => ({
            ...resultOf(problem),
            suppressions: [
              { kind: "inSource", status: "accepted", justification: `until ${until}: ${reason}` },
            ],
          })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf([code, { severity, explanation }]: (typeof codes)[number]) {
  return {
    id: code,
    shortDescription: { text: explanation.split(/(?<=\.) /, 1)[0] ?? explanation },
    fullDescription: { text: explanation },
    help: {
      text: `${explanation} \`keyturn explain ${code}\` says more.`,
      markdown: `${explanation}\n\n\`keyturn explain ${code}\` says more.`,
    },
    defaultConfiguration: { level: severity },
  };
}

function resultOf({ code, severity, file, line, column, message, hint }: Problem) {
  return {
    ruleId: code,
    ruleIndex: codes.findIndex(([each]) => each === code),
    level: severity,
    message: { text: `${message}\n${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split("/").map(encodeURIComponent).join("/") },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

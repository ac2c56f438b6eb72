import type { BranchCoverage } from "../../model/policyTests/branches.ts";
import type { PolicyTest } from "../../model/policyTests/types.ts";
import { columns } from "../cli/columns.ts";
import { junitDocument } from "../cli/junit.ts";
import { plain } from "../cli/print.ts";

/** One test, as it is shown. */
export interface TestRow {
  readonly test: PolicyTest;
  readonly outcome: "ok" | "failed" | "not sent";
  /** What was expected and seen, or why it was not sent. */
  readonly said: string;
}

/** What was tested. */
export interface TestReport {
  readonly rows: readonly TestRow[];
  /** Where it was asked for. */
  readonly coverage?: BranchCoverage;
}

/** Forms of what `keyturn test` prints; `json` is the envelope that every command has. */
export const formats = {
  text: asText,
  junit: asJunit,
} satisfies Record<string, (report: TestReport) => string>;

export type FormatName = keyof typeof formats | "json";

const WORDS = { ok: "ok   ", failed: "FAIL ", "not sent": "-    " } as const;

function asText({ rows, coverage }: TestReport): string {
  const lines = rows.map(({ test: { name, at }, outcome, said }) => {
    const head = plain(`${WORDS[outcome]} ${name}`);
    if (outcome === "ok") return `${head}\n`;
    return outcome === "failed"
      ? `${head}\n      ${plain(`${at.file}:${at.line}:${at.column} ${said}`)}\n`
      : `${head}: not sent, since ${plain(said)}\n`;
  });
  return `${lines.join("")}${coverage === undefined ? "" : coverageText(coverage)}`;
}

/** One test case a policy test, those of a file together. */
function asJunit({ rows }: TestReport): string {
  return junitDocument(
    "keyturn test",
    rows.map(({ test: { name, at }, outcome, said }) => {
      const named = { classname: at.file, name };
      if (outcome === "ok") return named;
      if (outcome === "not sent") return { ...named, skipped: `not sent, since ${said}` };
      const body = `${at.file}:${at.line}:${at.column} ${said}`;
      return { ...named, failure: { type: "TEST_FAILED", message: said, body } };
    }),
  );
}

function coverageText({ rules }: BranchCoverage): string {
  const missing = rules.flatMap(({ host, rule, uncovered }) => uncovered.map((name) => [host, rule, name]));
  const counted = rules.map(({ host, rule, covered, uncovered }) => [
    host,
    rule,
    `${covered.length} of ${covered.length + uncovered.length}`,
  ]);
  const named = missing.length === 0 ? "" : `not covered\n${columns(missing)}`;
  return `covered\n${columns(counted)}${named}`;
}

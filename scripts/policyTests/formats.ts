import type { BranchCoverage } from "../../model/policyTests/branches.ts";
import type { TestResult } from "../../model/policyTests/result.ts";
import type { ExpectedReply } from "../../model/policyTests/types.ts";
import { columns } from "../cli/columns.ts";
import { junitDocument } from "../cli/junit.ts";

/** What was tested. */
export interface TestReport {
  readonly results: readonly TestResult[];
  /** Where it was asked for. */
  readonly coverage?: BranchCoverage;
}

/** Forms of what `keyturn test` prints; `json` is the envelope that every command has. */
export const formats = {
  text: asText,
  junit: asJunit,
} satisfies Record<string, (report: TestReport) => string>;

export type FormatName = keyof typeof formats | "json";

function asText({ results, coverage }: TestReport): string {
  const lines = results.map((result) => {
    const { name, at } = result.test;
    if (result.ok) return `ok    ${name}\n`;
    return `FAIL  ${name}\n      ${at.file}:${at.line}:${at.column} ${difference(result)}\n`;
  });
  return `${lines.join("")}${coverage === undefined ? "" : coverageText(coverage)}`;
}

/** One test case a policy test, those of a file together. */
function asJunit({ results }: TestReport): string {
  return junitDocument(
    "keyturn test",
    results.map((result) => {
      const { name, at } = result.test;
      const message = difference(result);
      const body = `${at.file}:${at.line}:${at.column} ${message}`;
      const failure = result.ok ? {} : { failure: { type: "TEST_FAILED", message, body } };
      return { classname: at.file, name, ...failure };
    }),
  );
}

/** What a test expected and what became of its request. */
function difference({ test: { expected }, seen, wanted, decides, passedOver }: TestResult): string {
  const { status, by, reply } = expected;
  const said = `${status}${by === undefined ? "" : ` by ${by}`}${reply === undefined ? "" : ` with ${replyText(reply)}`}`;
  const misfits = seen.misfits.length === 0 ? "" : ` whose ${seen.misfits.join(", and whose ")}`;
  const found = `${seen.status}${seen.by.length === 0 ? "" : ` by ${seen.by.join(", ")}`}${misfits}`;
  const answers = wanted?.map((each) => `${each.status} by ${each.by}`) ?? ["nothing on the canary path"];
  const over =
    passedOver.length === 0 ? "" : `; ${decides.join(", ")} decides, passed over: ${passedOver.join(", ")}`;
  const policy = answers.join(" or ") || "passes";
  return `expected ${said}; the compiled rules: ${found}; the policy: ${policy}${over}`;
}

function replyText({ type, json, body }: ExpectedReply): string {
  const parts = [
    ...(type === undefined ? [] : [`type ${type}`]),
    ...(json === undefined ? [] : [`json ${JSON.stringify(json)}`]),
    ...(body === undefined ? [] : [`body ${JSON.stringify(body)}`]),
  ];
  return parts.join(" and ");
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

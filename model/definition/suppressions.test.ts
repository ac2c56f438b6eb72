import { describe, expect, test } from "vitest";
import { problem } from "../problem/codes.ts";
import { formatProblems } from "../problem/problem.ts";
import { readSource } from "./source.ts";
import { suppress, suppressionsIn } from "./suppressions.ts";

const ignore = (rest: string) => `# keyturn: ignore ${rest}`;
const good = "RING_UNUSED until 2027-03-01, because its rules come later";
const read = (...lines: readonly string[]) => suppressionsIn(readSource("a.yaml", lines.join("\n")));
const warning = (line: number) =>
  problem("RING_UNUSED", { file: "a.yaml", line, column: 3 }, "no rule uses it", "use it");

describe("a suppression", () => {
  test("is about its line, or where it stands alone, about the next that is no comment", () => {
    const { suppressions, problems } = read(
      `a: 1 ${ignore(good)}`,
      ignore(good),
      "# and this is why",
      `  ${ignore(good)}`,
      "b: 2",
      `c: 3 # known ${ignore(good)}`,
    );
    expect(problems).toEqual([]);
    expect(suppressions.map(({ at, about }) => [at.line, at.column, about])).toEqual([
      [1, 6, 1],
      [2, 1, 5],
      [4, 3, 5],
      [6, 6, 6],
    ]);
    expect(suppressions[0]).toMatchObject({
      code: "RING_UNUSED",
      until: "2027-03-01",
      reason: "its rules come later",
    });
  });

  test("is none inside of a text", () => {
    const lines = [
      "a: |",
      `  ${ignore("x")}`,
      `  y ${ignore("x")}`,
      `b: "z ${ignore("x")}"`,
      `c: 'q ${ignore("x")}'`,
    ];
    expect(read(...lines, `d: | ${ignore("RING_UNUSED")}`, "  x").problems).toMatchObject([{ line: 6 }]);
    expect(read("\uFEFFa: 1", "---", `b: [ ${ignore("x")}`).problems).toMatchObject([{ line: 3, column: 6 }]);
  });

  test("states an end that exists, a reason, and the code of a warning", () => {
    const lines = [
      "RING_UNUSED",
      "RING_UNUSED until 2027-03-01",
      "RING_UNUSED until 2027-03-01, because",
      "RING_UNUSED, because I say so",
      "RING_UNUSED until 2027-02-30, because I say so",
      "RING_UNUSD until 2027-03-01, because I say so",
      "constructor until 2027-03-01, because I say so",
      "RING_UNKNOWN until 2027-03-01, because I say so",
    ].map((rest) => `a: 1 ${ignore(rest)}`);
    const { suppressions, problems } = read(...lines, "a: 1 # keyturn: ingore", "a: 1 # keyturn: no secret");
    expect(suppressions).toEqual([]);
    const form = (line: number) =>
      `a.yaml:${line}:6 warning SUPPRESSION_INVALID: the comment to keyturn is not understood\n    write # keyturn: ignore CODE until 2027-03-01, because <reason>, with a date that exists\n`;
    expect(`${formatProblems(problems)}\n`).toBe(
      `${[1, 2, 3, 4, 5].map(form).join("")}a.yaml:6:6 warning SUPPRESSION_CODE_UNKNOWN: there is no code RING_UNUSD
    did you mean RING_UNUSED?
${form(7)}a.yaml:8:6 warning SUPPRESSION_OF_ERROR: RING_UNKNOWN is an error, and only warnings can be ignored
    mend the error, and remove the comment
${form(9)}`,
    );
  });

  test("never shows a secret that stands in its reason", () => {
    const { suppressions } = read(`a: 1 ${ignore(`${good} ${"0123456789abcdef".repeat(2)}`)}`);
    expect(suppressions[0]?.reason).toBe("(hidden)");
  });
});

describe("suppress", () => {
  const { suppressions } = read(`a: 1 ${ignore(good)}`);
  const last = "2027-02-28";
  const over = "2027-03-01";

  test("takes out the warnings of its line until the end, and no others", () => {
    expect(suppress([warning(1), warning(2)], suppressions, last, () => true)).toEqual({
      problems: [warning(2)],
      suppressed: [{ problem: warning(1), until: "2027-03-01", reason: "its rules come later" }],
    });
    const elsewhere = { ...warning(1), file: "b.yaml" };
    const other = { ...warning(1), code: "RULE_EXCEPTED" };
    expect(suppress([warning(1), elsewhere, other], suppressions, last, () => true).problems).toEqual([
      elsewhere,
      other,
    ]);
  });

  test("shows them afterwards, and that the end has passed", () => {
    const { problems, suppressed } = suppress([warning(1)], suppressions, over, () => true);
    expect(suppressed).toEqual([]);
    expect(formatProblems(problems)).toBe(`a.yaml:1:3 warning RING_UNUSED: no rule uses it
    use it
a.yaml:1:6 warning SUPPRESSION_ENDED: RING_UNUSED was to be ignored until 2027-03-01
    mend the warning and remove the comment, or give it another end and say why`);
  });

  test("tells one that hits nothing, where all was looked for", () => {
    expect(formatProblems(suppress([], suppressions, last, () => true).problems)).toBe(
      `a.yaml:1:6 warning SUPPRESSION_UNUSED: there is no RING_UNUSED to ignore on line 1
    remove the comment, or move it to the warning's line`,
    );
    expect(suppress([], suppressions, last, () => false).problems).toEqual([]);
  });
});

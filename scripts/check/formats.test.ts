import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readFiles } from "../../model/definition/load.ts";
import { shownLine } from "../../model/definition/shownLine.ts";
import { problem, problemCodes } from "../../model/problem/codes.ts";
import manifest from "../../package.json" with { type: "json" };
import type { CheckReport } from "./checkProject.ts";
import { formats } from "./formats.ts";

/** What we use of a log (docs.oasis-open.org: sarif-v2.1.0 sections 3.13 to 3.35), each member with its type. */
const level = z.enum(["none", "note", "warning", "error"]);
const message = z.strictObject({ text: z.string().min(1) });
const sarifLog = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string().min(1),
              shortDescription: message,
              fullDescription: message,
              help: message.extend({ markdown: z.string() }),
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message,
          locations: z.array(
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[^\s\\]+$/) }),
                region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1) }),
              }),
            }),
          ),
          suppressions: z
            .array(
              z.strictObject({
                kind: z.enum(["inSource", "external"]),
                status: z.enum(["accepted", "underReview", "rejected"]),
                justification: z.string(),
              }),
            )
            .optional(),
        }),
      ),
    }),
  ]),
});

const at = (line: number, column: number, file = "rules/a b.yaml") => ({ file, line, column });
const text = `host: api.exampel.com
tokens: { ring: mian, in: [header authorization] }
# ${"x".repeat(200)} y ${"z".repeat(200)}
api: 0123456789abcdef0123456789abcdef`;
const sources = readFiles([{ path: "rules/a b.yaml", text }]).sources;
const problems = [
  problem("HOST_WITHOUT_ZONE", at(1, 7), "no zone of <dev>", "write 100%\n& more"),
  problem("RING_UNUSED", at(2, 17), 'the "ring"', "mend it"),
  problem("RING_UNUSED", at(3, 204), "far out", "h"),
  problem("MEMBER_UNKNOWN", at(4, 1), "hidden line", "h"),
  problem("SETTING_INVALID", at(2, 3, "Pulumi,x:y.yaml"), "bell \u0007", "h"),
];
const report: CheckReport = {
  result: {
    stacks: ["dev"],
    files: ["rules/a b.yaml", "rules/clean.yaml"],
    errors: 3,
    warnings: 2,
    problems,
    suppressed: [
      {
        problem: problem("RING_UNUSED", at(3, 1), "m", "h"),
        until: "2027-03-01",
        reason: "<known>",
      },
    ],
  },
  lineOf: ({ file, line }) => {
    const source = sources.find(({ path }) => path === file);
    return source && shownLine(source, line);
  },
};

test("text has the line with a caret under the place, but none that may hold a secret and none of a stack's file", () => {
  expect(formats.text(report)).toBe(`rules/a b.yaml:1:7 HOST_WITHOUT_ZONE: no zone of <dev>
    host: api.exampel.com
          ^
    write 100%
& more
rules/a b.yaml:2:17 warning RING_UNUSED: the "ring"
    tokens: { ring: mian, in: [header authorization] }
                    ^
    mend it
rules/a b.yaml:3:204 warning RING_UNUSED: far out
    …${"x".repeat(58)} y ${"z".repeat(59)}…
     ${" ".repeat(59)}^
    h
rules/a b.yaml:4:1 MEMBER_UNKNOWN: hidden line
    h
Pulumi,x:y.yaml:2:3 SETTING_INVALID: bell \u0007
    h
`);
});

test("annotations of GitHub escape what ends a property or a line", () => {
  const [first, , , , last] = formats.github(report).split("\n");
  expect(first).toBe(
    "::error file=rules/a b.yaml,line=1,col=7,title=HOST_WITHOUT_ZONE::no zone of <dev>%0Awrite 100%25%0A& more",
  );
  expect(last).toBe("::error file=Pulumi%2Cx%3Ay.yaml,line=2,col=3,title=SETTING_INVALID::bell \u0007%0Ah");
});

test("JUnit has a case for each problem and for each file without any", () => {
  expect(formats.junit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="keyturn check" tests="7" failures="3" errors="0" skipped="1">
  <testsuite name="keyturn check" tests="7" failures="3" errors="0" skipped="1">
    <testcase classname="rules/clean.yaml" name="no problem"/>
    <testcase classname="rules/a b.yaml" name="HOST_WITHOUT_ZONE 1:7"><failure type="HOST_WITHOUT_ZONE" message="no zone of &lt;dev&gt;">rules/a b.yaml:1:7 HOST_WITHOUT_ZONE: no zone of &lt;dev&gt;&#10;write 100%&#10;&amp; more</failure></testcase>
    <testcase classname="rules/a b.yaml" name="RING_UNUSED 2:17"><system-out>rules/a b.yaml:2:17 RING_UNUSED: the &quot;ring&quot;&#10;mend it</system-out></testcase>
    <testcase classname="rules/a b.yaml" name="RING_UNUSED 3:204"><system-out>rules/a b.yaml:3:204 RING_UNUSED: far out&#10;h</system-out></testcase>
    <testcase classname="rules/a b.yaml" name="MEMBER_UNKNOWN 4:1"><failure type="MEMBER_UNKNOWN" message="hidden line">rules/a b.yaml:4:1 MEMBER_UNKNOWN: hidden line&#10;h</failure></testcase>
    <testcase classname="Pulumi,x:y.yaml" name="SETTING_INVALID 2:3"><failure type="SETTING_INVALID" message="bell \uFFFD">Pulumi,x:y.yaml:2:3 SETTING_INVALID: bell \uFFFD&#10;h</failure></testcase>
    <testcase classname="rules/a b.yaml" name="RING_UNUSED 3:1"><skipped message="until 2027-03-01: &lt;known&gt;"/></testcase>
  </testsuite>
</testsuites>
`);
});

describe("SARIF 2.1.0", () => {
  const log = JSON.parse(formats.sarif(report));
  const [run] = log.runs;

  test("has the members that the standard asks for, and no others", () => {
    expect(sarifLog.safeParse(log).error?.issues).toBeUndefined();
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(sarifLog.safeParse({ ...log, version: "2.1" }).success).toBe(false);
  });

  test("has every code as a rule with its help", () => {
    expect([log.version, run.tool.driver.name, run.tool.driver.version, run.columnKind]).toEqual([
      "2.1.0",
      "keyturn",
      manifest.version,
      "utf16CodeUnits",
    ]);
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(Object.keys(problemCodes));
    expect(run.tool.driver.rules.find(({ id }: { id: string }) => id === "RING_UNUSED")).toEqual({
      id: "RING_UNUSED",
      shortDescription: { text: "No rule uses the ring; its keys are made and rotated for nothing." },
      fullDescription: { text: "No rule uses the ring; its keys are made and rotated for nothing." },
      help: {
        text: "No rule uses the ring; its keys are made and rotated for nothing. `keyturn explain RING_UNUSED` says more.",
        markdown:
          "No rule uses the ring; its keys are made and rotated for nothing.\n\n`keyturn explain RING_UNUSED` says more.",
      },
      defaultConfiguration: { level: "warning" },
    });
  });

  test("has a result with its region for each problem", () => {
    expect(run.results).toHaveLength(6);
    expect(run.results[4].suppressions).toBeUndefined();
    expect(run.results[5].suppressions).toEqual([
      { kind: "inSource", status: "accepted", justification: "until 2027-03-01: <known>" },
    ]);
    expect(run.results[0]).toEqual({
      ruleId: "HOST_WITHOUT_ZONE",
      ruleIndex: Object.keys(problemCodes).indexOf("HOST_WITHOUT_ZONE"),
      level: "error",
      message: { text: "no zone of <dev>\nwrite 100%\n& more" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "rules/a%20b.yaml" },
            region: { startLine: 1, startColumn: 7 },
          },
        },
      ],
    });
  });
});

import { expect, test } from "vitest";
import type { StacksDiff } from "./diffProject.ts";
import { formats } from "./formats.ts";

/** Names, paths and expressions as somebody writes them who wants out of the comment. */
const HOSTILE: StacksDiff = {
  stacks: ["dev"],
  endpoints: 1,
  requests: 3,
  opened: [],
  closed: [],
  changes: [
    {
      kind: "rule",
      id: "`",
      what: ["changed"],
      facts: [
        { name: "path", before: "/a\n<!-- keyturn -->\n# @everyone", after: "``</details>|\u202e`" },
        { name: "text", before: "`" },
      ],
    },
  ],
  verdicts: [
    {
      outcome: "opens",
      before: { answer: "401 a|b\\|c", decidedBy: ["`x`"] },
      after: { answer: "passes", decidedBy: [] },
      requests: 3,
      example: {
        host: "a.example",
        method: "GET",
        path: "/a\r\n| @everyone |",
        test: { name: '```\n"', at: { file: "a.test.yaml", line: 1, column: 2 } },
      },
    },
  ],
  tooMany: { digest: "0", message: "1 endpoint opens (a`b`\n@everyone)" },
};

test("nothing in the definitions gets out of a code span, a line or a cell", () => {
  expect(formats.markdown([HOSTILE])).toBe(
    [
      "**dev: 1 change, 3 of 3 requests get another verdict**",
      "",
      "``CHANGES_TOO_MANY: 1 endpoint opens (a`b`\\u{a}@everyone)``",
      "",
      "* `` changed: rule ` ``",
      "  * ``` path: /a\\u{a}<!-- keyturn -->\\u{a}# @everyone → ``</details>|\\u{202e}` ```",
      "  * ``text: ` → (nothing)``",
      "",
      "| what becomes of requests | answer | decided by | requests | such as |",
      "|---|---|---|---:|---|",
      '| opens | `401 a\\|b\\\\|c → passes` | `` `x` → no rule `` | 3 | ````GET https://a.example/a\\u{d}\\u{a}\\| @everyone \\| of the policy test "```\\u{a}"" (a.test.yaml:1:2)```` |',
      "",
    ].join("\n"),
  );
});

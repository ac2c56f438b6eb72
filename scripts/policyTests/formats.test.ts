import { expect, test } from "vitest";
import { formats, type TestRow } from "./formats.ts";

const row = (outcome: TestRow["outcome"], name: string, said: string): TestRow => ({
  test: {
    name,
    host: "api.example.com",
    method: "GET",
    path: "/",
    headers: {},
    after: 0,
    times: 1,
    expected: { status: "passes" },
    at: { file: "api.test.yaml", line: 2, column: 5 },
  },
  outcome,
  said,
});

test("each test has lines of its own, whatever its name holds", () => {
  const rows = [
    row("ok", "a\nFAIL  b", ""),
    row("failed", "c\r\n::error::d", "expected\n::stop-commands::x"),
    row("not sent", "\u001b[2Ke", "its header a\nb"),
  ];
  expect(formats.text({ rows })).toBe(`ok    a\\u{a}FAIL  b
FAIL  c\\u{d}\\u{a}::error::d
      api.test.yaml:2:5 expected\\u{a}::stop-commands::x
-     \\u{1b}[2Ke: not sent, since its header a\\u{a}b
`);
});

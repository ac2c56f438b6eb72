import { expect, test } from "vitest";
import { ExpressionError, formatProblems, maskSecrets, problemsIn } from "./problems.ts";

test.each([
  ['is_timed_hmac_valid_v0("secret", a)', 'is_timed_hmac_valid_v0("******", a)'],
  ['IS_TIMED_HMAC_VALID_V0 ( "se\\"cr" )', 'IS_TIMED_HMAC_VALID_V0 ( "******" )'],
  ['is_timed_hmac_valid_v0(r#"se"cr"#, a)', 'is_timed_hmac_valid_v0(r#"*****"#, a)'],
  ['is_timed_hmac_valid_v0("never ends', 'is_timed_hmac_valid_v0("**********'],
  [
    'is_timed_hmac_valid_v0("a") or is_timed_hmac_valid_v0("b")',
    'is_timed_hmac_valid_v0("*") or is_timed_hmac_valid_v0("*")',
  ],
  ['is_timed_hmac_valid("misspelled", a)', 'is_timed_hmac_valid("**********", a)'],
  ['is_timed_hmac_valid_v0 "bare"', 'is_timed_hmac_valid_v0 "****"'],
  ['http.host eq "plain"', 'http.host eq "plain"'],
])("%s is shown as %s", (source, shown) => {
  expect(maskSecrets(source)).toBe(shown);
});

test("a long line is cut around the problem", () => {
  const source = `${"ssl or ".repeat(100)}bad`;
  const problem = problemsIn(source)("UNKNOWN_FIELD", 700, 703, "there is no field bad");
  const [head, text, carets] = formatProblems(source, [problem]).split("\n");
  expect(head).toBe("1:701 UNKNOWN_FIELD: there is no field bad");
  expect(text).toHaveLength(103);
  expect(text?.startsWith("  …")).toBe(true);
  expect(text?.slice(carets?.indexOf("^"))).toBe("bad");
});

test("an ExpressionError counts its problems and keeps the text out of sight", () => {
  const source = 'hidden eq "text"';
  const problems = [1, 2].map((at) => problemsIn(source)("UNKNOWN_FIELD", 0, at, "there is no such field"));
  const error = new ExpressionError(source, problems);
  expect(error.message).toBe("1:1 UNKNOWN_FIELD: there is no such field (and 1 more)");
  expect(error.code).toBe("UNKNOWN_FIELD");
  expect(Object.values(error).some((value) => value === source)).toBe(false);
  expect(error.format().split("\n")[1]).toBe('  hidden eq "text"');
});

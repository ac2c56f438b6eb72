import { expect, test } from "vitest";
import { describeChange } from "./changes.ts";
import { wrapSecret } from "./secrets.ts";

test("nothing is said of what stays", () => {
  expect(describeChange("same", "urn", { a: 1 }, { a: 2 })).toEqual([]);
});

test("one changed rule among many is one line out and one in; the code of a provider is not shown", () => {
  const rules = [{ ref: "a" }, { ref: "b", on: true }, { ref: "c" }];
  const changed = [{ ref: "a" }, { ref: "b", on: false }, { ref: "c" }];
  expect(
    describeChange("update", "urn::x", { rules, __provider: "old" }, { rules: changed, __provider: "new" }),
  ).toEqual(["update urn::x", '    - rules: {"ref":"b","on":true}', '    + rules: {"ref":"b","on":false}']);
});

test("what holds a secret is shown as changed and no more", () => {
  const lines = describeChange(
    "update",
    "urn::x",
    { secrets: { a: wrapSecret("old-secret") }, serial: 1 },
    { secrets: { a: wrapSecret("new-secret") }, serial: 2 },
  );
  expect(lines).toEqual(["update urn::x", "    ~ secrets: [secret] => [secret]", "    ~ serial: 1 => 2"]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problemsOfCompiled } from "../compile/compile.ts";
import { sortProblems } from "../problem/problem.ts";
import { loadDefinitions } from "./load.ts";
import { FAULTS, type Fault, filesWith, STACK } from "./testing/faults.ts";

/** Place and code of every problem; a message may name what another fault changes. */
function problemsOf(faults: readonly Fault[]): readonly string[] {
  const loaded = loadDefinitions(filesWith(faults), STACK);
  return sortProblems([...loaded.problems, ...problemsOfCompiled(loaded, STACK)]).map(
    ({ file, line, column, code }) => `${file}:${line}:${column} ${code}`,
  );
}

test("the definitions that the faults are made in have no problem", () => {
  expect(problemsOf([])).toEqual([]);
});

test.each(FAULTS.map((fault) => [fault.becomes.trim().slice(0, 60), fault] as const))(
  "%s",
  (_name, fault) => {
    expect(
      problemsOf([fault])
        .map((each) => each.split(" ")[1])
        .sort(),
    ).toEqual(fault.code.split("|").sort());
  },
);

/** YAML that can be read although it must not stand: its other problems come with it. */
test.each([
  ["MEMBER_DUPLICATE", "    mode: block\n", "    mode: block\n    mode: log\n"],
  ["YAML_ALIAS", "      scope: orders:read\n", "      scope: &word orders:read\n      ring: *word\n"],
])("%s hides no other problem of its file", (code, line, becomes) => {
  const files = filesWith(FAULTS.filter(({ becomes: other }) => other.includes("orders//health")));
  const changed = files.map(({ path, text }) => ({ path, text: text.replace(line, () => becomes) }));
  const codes = loadDefinitions(changed, STACK).problems.map((each) => each.code);
  expect(codes).toEqual(expect.arrayContaining([code, "PATH_INVALID"]));
});

test("an unread file makes no name unknown", () => {
  const files = filesWith([]).map((file) =>
    file.path === "keys.yaml" ? { ...file, path: "keys.yaml.txt" } : file,
  );
  expect(loadDefinitions(files, STACK).problems.map(({ code, hint }) => [code, hint])).toEqual([
    ["FILE_NAME_INVALID", "rename it to keys.yaml, or move it out of the folder"],
  ]);
});

describe("a misfit in one member hides no other problem and brings none", () => {
  const alone = new Map(FAULTS.map((fault) => [fault, problemsOf([fault])]));

  test("two or three faults have the problems of each", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(FAULTS.length - 1), { minLength: 2, maxLength: 3 }), (picked) => {
        const faults = picked.flatMap((index) => FAULTS[index] ?? []);
        fc.pre(new Set(faults.map(({ file, line }) => `${file} ${line}`)).size === faults.length);
        const lines = faults.map(({ line }) => line);
        const unsure = faults.filter(({ reads = [] }) => reads.some((line) => lines.includes(line)));
        const sure = (problem: string) =>
          !unsure.some(({ code }) => code.split("|").some((each) => problem.endsWith(` ${each}`)));
        const each = new Set(faults.flatMap((fault) => alone.get(fault) ?? []));
        expect([...problemsOf(faults)].filter(sure).sort()).toEqual([...each].filter(sure).sort());
      }),
      { numRuns: 300 },
    );
  });
});

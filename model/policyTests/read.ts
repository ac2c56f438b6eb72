import { nameIn } from "../definition/hostNames.ts";
import { nearest } from "../definition/nearest.ts";
import { membersOf, schemasAt } from "../definition/schemaPaths.ts";
import { secretProblems, show, withoutSecrets } from "../definition/secrets.ts";
import { readSource, type Source } from "../definition/source.ts";
import type { Definitions, Environment } from "../definition/types.ts";
import { problem } from "../problem/codes.ts";
import { type Problem, sortProblems } from "../problem/problem.ts";
import { type Path, readTest } from "./readTest.ts";
import { type TestParts, testFileSchema } from "./schema.ts";
import type { PolicyTest } from "./types.ts";

/**
 * Reads policy tests.
 *
 * @param files those whose names end in `.test.yaml`, with the path that problems shall name
 * @param definitions what is tested: a test may name only what they have
 * @param hosts how the stack names hosts, by their names in definitions and tests
 * @returns `problems`: all of them, sorted by place; where there is one, no test must be run
 */
export function readPolicyTests(
  files: readonly { readonly path: string; readonly text: string }[],
  definitions: Definitions,
  hosts?: Environment["hosts"],
): { readonly tests: readonly PolicyTest[]; readonly problems: readonly Problem[] } {
  const sources = files.map(({ path, text }) => readSource(path, text));
  const read = sources.map((source) => readFile(source, definitions, hosts));
  const problems = [...read.flatMap((each) => each.problems), ...sources.flatMap(secretProblems)];
  return {
    tests: read.flatMap((each) => each.tests),
    problems: sortProblems(withoutSecrets(problems, sources)),
  };
}

function readFile(source: Source, definitions: Definitions, hosts: Environment["hosts"]) {
  const problems: Problem[] = [...source.problems];
  const report = (at: Path, message: string, hint: string) => {
    problems.push(problem("TEST_INVALID", source.at(at), message, hint));
  };
  if (source.data === undefined && problems.length > 0) return { tests: [], problems };
  const parsed = testFileSchema.safeParse(source.data ?? {});
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code !== "unrecognized_keys") {
        report(issue.path, `${issue.path.map(String).join(".") || "the file"} does not fit`, issue.message);
        continue;
      }
      const known = membersOf(schemasAt([testFileSchema], issue.path));
      for (const key of issue.keys) {
        const guess = nearest(key, known);
        const hint = guess === undefined ? `known here: ${known.join(", ")}` : `did you mean ${guess}?`;
        const at = source.atKey([...issue.path, key]);
        problems.push(problem("TEST_INVALID", at, `${show(key)} is not a member of a test`, hint));
      }
    }
    return { tests: [], problems };
  }
  const { tests } = parsed.data;
  const read = ({ host = parsed.data.host, ...parts }: TestParts, at: Path, places: readonly Path[]) => {
    const named = host === undefined ? {} : { host: nameIn(hosts, host) };
    return readTest({ ...parts, ...named }, at, places, source, definitions, report);
  };
  const all = tests.flatMap(({ rows, ...base }, index): PolicyTest[] => {
    const at = ["tests", index];
    if (rows === undefined) return read(base, at, [at]);
    return rows.flatMap((row, position) => {
      const own = [...at, "rows", position];
      const name = [base.name, row.name].filter((each) => each !== undefined).join(": ");
      return read({ ...base, ...row, ...(name === "" ? {} : { name }) }, own, [own, at]);
    });
  });
  return { tests: all, problems };
}

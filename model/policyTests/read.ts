import { nearest } from "../definition/nearest.ts";
import { membersOf, schemasAt } from "../definition/schemaPaths.ts";
import { secretProblems, show, withoutSecrets } from "../definition/secrets.ts";
import { readSource, type Source } from "../definition/source.ts";
import type { Definitions } from "../definition/types.ts";
import { durationAdvice, parseDuration } from "../facts/durations.ts";
import { METHODS } from "../facts/methods.ts";
import { problem } from "../problem/codes.ts";
import { type Problem, sortProblems } from "../problem/problem.ts";
import { type TestParts, testFileSchema } from "./schema.ts";
import type { PolicyTest } from "./types.ts";

type Path = readonly PropertyKey[];

/**
 * Reads policy tests.
 *
 * @param files those whose names end in `.test.yaml`, with the path that problems shall name
 * @param definitions what is tested: a test may name only what they have
 * @returns `problems`: all of them, sorted by place; where there is one, no test must be run
 */
export function readPolicyTests(
  files: readonly { readonly path: string; readonly text: string }[],
  definitions: Definitions,
): { readonly tests: readonly PolicyTest[]; readonly problems: readonly Problem[] } {
  const sources = files.map(({ path, text }) => readSource(path, text));
  const read = sources.map((source) => readFile(source, definitions));
  const problems = [...read.flatMap((each) => each.problems), ...sources.flatMap(secretProblems)];
  return {
    tests: read.flatMap((each) => each.tests),
    problems: sortProblems(withoutSecrets(problems, sources)),
  };
}

function readFile(source: Source, definitions: Definitions) {
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
  const { host, tests } = parsed.data;
  const all = tests.flatMap(({ rows, ...base }, index): PolicyTest[] => {
    const at = ["tests", index];
    if (rows === undefined) return readTest({ host, ...base }, at, [at], source, definitions, report);
    return rows.flatMap((row, position) => {
      const own = [...at, "rows", position];
      const name = [base.name, row.name].filter((each) => each !== undefined).join(": ");
      const joined = { host, ...base, ...row, ...(name === "" ? {} : { name }) };
      return readTest(joined, own, [own, at], source, definitions, report);
    });
  });
  return { tests: all, problems };
}

/** One test; nothing where it cannot be run. `places` are those where its members may stand, the nearest first. */
function readTest(
  parts: TestParts,
  self: Path,
  places: readonly Path[],
  source: Source,
  { hosts, rings }: Definitions,
  report: (at: Path, message: string, hint: string) => void,
): PolicyTest[] {
  const { host, method = "GET", path, token, link, after, expect, by } = parts;
  let sound = true;
  const fault = (member: string, message: string, hint: string) => {
    sound = false;
    const base = places.find((place) => has(source.data, [...place, member])) ?? self;
    report([...base, member], message, hint);
  };
  if (path === undefined) fault("path", "the test has no path", "add path: /orders/1");
  else if (!path.startsWith("/")) fault("path", "a path begins with /", "write /orders/1");
  if (expect === undefined) fault("expect", "the test expects nothing", "add expect: passes, or a status");
  if (expect === "passes" && by !== undefined)
    fault("by", "a request that passes is refused by no rule", "leave by out");
  if (!(METHODS as readonly string[]).includes(method))
    fault("method", `${show(method)} is not a method`, `use one of ${METHODS.join(", ")}`);
  const known = hosts.find((each) => each.host === host);
  if (known === undefined) {
    const names = hosts.map((each) => each.host).join(", ");
    fault(
      "host",
      host === undefined ? "the test has no host" : `no rule is about ${show(host)}`,
      `hosts are ${names}`,
    );
  } else if (by !== undefined && ![...known.rules.map(({ id }) => id), ...BESIDE_RULES].includes(by)) {
    const guess = nearest(
      by,
      known.rules.map(({ id }) => id),
    );
    fault(
      "by",
      `${known.host} has no rule ${show(by)}`,
      guess ? `did you mean ${guess}?` : "name a rule by its id",
    );
  }
  const seconds = after === undefined ? 0 : parseDuration(after);
  if (seconds === undefined)
    fault("after", `${show(after ?? "")} is not a duration`, durationAdvice(after ?? ""));
  const asked = token === undefined || token === "none" ? undefined : token;
  const ofKind = (kind: "jwt" | "hmac") => rings.filter((ring) => ring.kind === kind).map(({ id }) => id);
  const named = [
    { member: "token", ring: asked?.ring, all: ofKind("jwt"), what: "tokens" },
    { member: "link", ring: link, all: ofKind("hmac"), what: "links" },
  ];
  for (const { member, ring, all, what } of named) {
    if (ring === undefined || all.includes(ring)) continue;
    fault(member, `no ring ${show(ring)} signs ${what}`, `those that do are ${all.join(", ") || "none"}`);
  }
  if (!sound || path === undefined || expect === undefined || host === undefined || seconds === undefined)
    return [];
  return [
    {
      name: parts.name ?? `${method} ${path}`,
      host,
      method,
      path,
      headers: parts.headers ?? {},
      ...(asked === undefined
        ? {}
        : {
            token: {
              ring: asked.ring,
              claims: asked.claims ?? {},
              ...(asked.is === undefined ? {} : { fault: asked.is }),
            },
          }),
      ...(link === undefined ? {} : { link }),
      after: seconds,
      expected: { status: expect, ...(by === undefined ? {} : { by }) },
      at: source.at(self),
    },
  ];
}

/** What decides besides rules. */
const BESIDE_RULES = ["ambiguous", "otherwise", "canary"];

function has(data: unknown, path: Path): boolean {
  const found = path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    data,
  );
  return found !== undefined;
}

import { problem } from "../problem/codes.ts";
import { errorsOf, type Problem, sortProblems } from "../problem/problem.ts";
import { rotationProblems } from "../rotationPolicy/policy.ts";
import { checkAcrossFiles } from "./acrossFiles.ts";
import { adviceOn } from "./advice.ts";
import { readHosts } from "./hosts.ts";
import { checkPlans } from "./plans.ts";
import type { Named } from "./reading.ts";
import { readRings } from "./rings.ts";
import { secretProblems, withoutSecrets } from "./secrets.ts";
import { isNameable, ringIdsIn, ruleIdsIn, type ShapedFile, shapeOf } from "./shape.ts";
import { readSource, type Source } from "./source.ts";
import type { Definitions, Environment } from "./types.ts";

/**
 * Reads definition files.
 *
 * @param files every file under `rules/`, with the path that problems shall name
 * @param environment the stack's zones, host names and mode
 * @returns the definitions without the parts that have problems, and all problems sorted by place; use the
 *   definitions only when no problem is an error
 */
export function loadDefinitions(
  files: readonly { readonly path: string; readonly text: string }[],
  environment: Environment,
): { readonly definitions: Definitions; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const sources: Source[] = [];
  const shaped: ShapedFile[] = [];
  for (const { path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (!/\.ya?ml$/.test(path)) {
      problems.push(
        problem(
          "FILE_NAME_INVALID",
          { file: path, line: 1, column: 1 },
          "the file is not read, since its name does not end in .yaml",
          `rename it to ${path.replace(/\.ya?ml[^/]*$/i, ".yaml")}, or move it out of the folder`,
        ),
      );
      continue;
    }
    const source = readSource(path, text);
    sources.push(source);
    const { shape, problems: misfits } = shapeOf(source);
    problems.push(...secretProblems(source), ...misfits);
    if (shape !== undefined) shaped.push({ source, shape });
  }
  const read = readRings(shaped);
  problems.push(...read.problems);
  const named: Named = {
    ringIds: new Set(shaped.flatMap(({ source }) => ringIdsIn(source))),
    ruleIds: new Set(shaped.flatMap(({ source }) => ruleIdsIn(source))),
    complete: sources.every(isNameable),
  };
  const { hosts, problems: found } = readHosts(
    shaped,
    new Map(read.rings.map((ring) => [ring.id, ring])),
    named,
    environment,
  );
  problems.push(...found);
  const definitions: Definitions = { rings: read.rings, hosts };
  for (const ring of definitions.rings) problems.push(...rotationProblems(ring));
  problems.push(...checkAcrossFiles(definitions, named), ...checkPlans(definitions));
  // Advice on the whole is only sound when nothing was left out of it.
  if (errorsOf(problems).length === 0) problems.push(...adviceOn(definitions));
  return { definitions, problems: sortProblems(withoutSecrets(problems, sources)) };
}

import { type Problem, sortProblems } from "../problem/problem.ts";
import { rotationProblems } from "../rotationPolicy/policy.ts";
import { checkAcrossFiles } from "./acrossFiles.ts";
import { readHosts } from "./hosts.ts";
import { checkPlans } from "./plans.ts";
import { readRings } from "./rings.ts";
import { secretProblems } from "./secrets.ts";
import { type ShapedFile, shapeOf } from "./shape.ts";
import { readSource } from "./source.ts";
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
  const shaped: ShapedFile[] = [];
  let complete = true;
  for (const { path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const source = readSource(path, text);
    problems.push(...secretProblems(source));
    const { shape, problems: misfits } = shapeOf(source);
    problems.push(...misfits);
    if (shape === undefined) complete = false;
    else shaped.push({ source, shape });
  }
  const read = readRings(shaped);
  problems.push(...read.problems);
  const rings = new Map(read.rings.map((ring) => [ring.id, ring]));
  const ringIds = new Set(shaped.flatMap(({ shape }) => Object.keys(shape.keys ?? {})));
  const { hosts, problems: found } = readHosts(shaped, rings, ringIds, environment);
  // A file that could not be read may define what the others name; those would only be echoes of its problems.
  problems.push(...(complete ? found : found.filter((each) => each.code !== "RING_UNKNOWN")));
  const definitions: Definitions = { rings: read.rings, hosts };
  for (const ring of definitions.rings) problems.push(...rotationProblems(ring));
  problems.push(...checkAcrossFiles(definitions, complete));
  problems.push(...checkPlans(definitions));
  return { definitions, problems: sortProblems(problems) };
}

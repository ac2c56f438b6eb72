import { problem } from "../problem/codes.ts";
import { errorsOf, type Problem, sortProblems } from "../problem/problem.ts";
import { rotationProblems } from "../rotationPolicy/policy.ts";
import { checkAcrossFiles } from "./acrossFiles.ts";
import { adviceOn, unusedIn } from "./advice.ts";
import { claimProblems } from "./declaredClaims.ts";
import { readHosts } from "./hosts.ts";
import { checkPlans } from "./plans.ts";
import type { Named } from "./reading.ts";
import { withOverrides } from "./ringOverrides.ts";
import { readRings } from "./rings.ts";
import { ringsAsked, ringsRead } from "./ringsAsked.ts";
import { secretProblems, withoutSecrets } from "./secrets.ts";
import { isNameable, ringIdsIn, ruleIdsIn, type ShapedFile, shapeOf } from "./shape.ts";
import { readSource, type Source } from "./source.ts";
import { type Suppression, suppressionsIn } from "./suppressions.ts";
import type { Definitions, Environment } from "./types.ts";

/** Definition files, each read by itself: what is the same in every stack. */
export interface ReadFiles {
  /** How many files there are, read or not. */
  readonly count: number;
  readonly sources: readonly Source[];
  readonly shaped: readonly ShapedFile[];
  readonly problems: readonly Problem[];
  /** Warnings that the files say to pass over; `suppress` does so where they are shown. */
  readonly suppressions: readonly Suppression[];
}

/**
 * Reads definition files, each by itself.
 *
 * @param files every file under `rules/`, with the path that problems shall name
 */
export function readFiles(files: readonly { readonly path: string; readonly text: string }[]): ReadFiles {
  const problems: Problem[] = [];
  const sources: Source[] = [];
  const shaped: ShapedFile[] = [];
  const suppressions: Suppression[] = [];
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
    const { shaped: file, problems: own } = shapeOf(source);
    const ignored = suppressionsIn(source);
    suppressions.push(...ignored.suppressions);
    problems.push(...secretProblems(source), ...own, ...ignored.problems);
    if (file !== undefined) shaped.push(file);
  }
  return { count: files.length, sources, shaped, problems, suppressions };
}

/** Reads definition files for one stack: `readFiles`, then `definitionsIn`. */
export function loadDefinitions(
  files: readonly { readonly path: string; readonly text: string }[],
  environment: Environment,
): Loaded {
  return definitionsIn(readFiles(files), environment);
}

export interface Loaded {
  /** Where no problem is an error, the whole, else only the rings that are sound. */
  readonly definitions: Definitions;
  /** All of them, sorted by place. */
  readonly problems: readonly Problem[];
  /** What could be read, with the least in place of what could not, to look for further problems in and for nothing else. */
  readonly readable: Definitions;
}

/**
 * What files that were read say in one stack.
 *
 * @param environment the stack's zones, host names and mode
 */
export function definitionsIn(files: ReadFiles, environment: Environment): Loaded {
  const { sources, shaped } = files;
  const problems: Problem[] = [...files.problems];
  const inFiles = readRings(shaped);
  const here = withOverrides(inFiles.rings, environment);
  const read = {
    rings: here.rings,
    sound: withOverrides(inFiles.sound, environment).rings,
    problems: [...inFiles.problems, ...here.problems],
  };
  const named: Named = {
    ringIds: new Set(shaped.flatMap(({ source }) => ringIdsIn(source))),
    ruleIds: new Set(shaped.flatMap(({ source }) => ruleIdsIn(source))),
    complete: sources.length === files.count && sources.every(isNameable),
  };
  const { hosts, problems: found } = readHosts(
    shaped,
    new Map(read.rings.map((ring) => [ring.id, ring])),
    named,
    environment,
  );
  const all: Definitions = { rings: read.rings, hosts };
  problems.push(...read.problems, ...found, ...read.rings.flatMap((ring) => rotationProblems(ring)));
  const across = checkAcrossFiles(all, named);
  problems.push(...across, ...checkPlans(all), ...claimProblems(all));
  const whole =
    shaped.length === files.count &&
    shaped.every(({ misfits }) => misfits.every((path) => path[0] === "keys")) &&
    errorsOf(found).length === 0;
  const advice = [...adviceOn(all), ...(whole ? unusedIn(all) : [])];
  // Of an order that cannot be, nobody asks what it does.
  problems.push(...advice.filter(({ code }) => code !== "RULE_ORDER_WITHOUT_EFFECT" || across.length === 0));
  const sorted = sortProblems(withoutSecrets(problems, sources));
  return {
    definitions: errorsOf(sorted).length === 0 ? all : { rings: read.sound, hosts: [] },
    problems: sorted,
    readable: readableIn(all),
  };
}

/** Without what asks a ring that is not there, and with numbers where there are none. */
function readableIn({ rings, hosts }: Definitions): Definitions {
  const known = (ids: readonly string[]) => ids.every((id) => rings.some((ring) => ring.id === id));
  return {
    rings: rings.map((ring) => ({ ...ring, lifetime: Number.isNaN(ring.lifetime) ? 1 : ring.lifetime })),
    hosts: hosts.map((host) => ({
      ...host,
      tokens: host.tokens.filter((use) => known([use.ring])),
      rules: host.rules.filter((rule) => known([...ringsAsked(rule), ...ringsRead(rule)])),
    })),
  };
}

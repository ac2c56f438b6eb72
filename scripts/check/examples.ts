import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkProject } from "./checkProject.ts";
import { asText } from "./text.ts";

/** Folder of the examples: one folder a code, with definitions in `bad/` and `good/`. */
export const examplesFolder = join(import.meta.dirname, "../../model/problem/examples");

/** The day on which examples are checked: what is due by then is due for ever. */
export const EXAMPLE_DAY = "2026-01-01";

/** Files of one side of an example, and what `keyturn check` says of them. */
export interface ExampleSide {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly codes: readonly string[];
  readonly output: string;
}

export type Example = { readonly bad: ExampleSide; readonly good: ExampleSide } | { readonly none: string };

/**
 * The example of a code, checked; undefined for a code that is none of a definition. `none.txt` says why a code has no
 * example: no file brings it about. A side whose stack matters has `Pulumi.<side>.yaml` beside it, one that is held
 * against an OpenAPI document `openapi.<side>.yaml`.
 */
export async function exampleOf(code: string): Promise<Example | undefined> {
  const folder = join(examplesFolder, code);
  if (!existsSync(folder)) return undefined;
  const none = join(folder, "none.txt");
  if (existsSync(none)) return { none: readFileSync(none, "utf8").trim() };
  return { bad: await sideOf(folder, "bad"), good: await sideOf(folder, "good") };
}

async function sideOf(folder: string, side: "bad" | "good"): Promise<ExampleSide> {
  const rules = join(folder, side);
  const ownStack = `Pulumi.${side}.yaml`;
  const own = existsSync(join(folder, ownStack));
  const document = `openapi.${side}.yaml`;
  const documents = existsSync(join(folder, document))
    ? [{ path: document, text: readFileSync(join(folder, document), "utf8") }]
    : [];
  const [openapi] = documents;
  const report = await checkProject({
    project: own ? folder : examplesFolder,
    rules,
    ...(own ? { stack: side } : {}),
    ...(openapi === undefined ? {} : { openapi }),
    today: EXAMPLE_DAY,
    shownAs: (path) => (path.startsWith(rules) ? path.slice(rules.length + 1) : ownStack),
  });
  const definitions = readdirSync(rules)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(rules, path), "utf8") }));
  const stack = own ? [{ path: ownStack, text: readFileSync(join(folder, ownStack), "utf8") }] : [];
  return {
    files: [...definitions, ...documents, ...stack],
    codes: report.result.problems.map((problem) => problem.code),
    output: asText(report),
  };
}

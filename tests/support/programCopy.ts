import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "./temporary.ts";
import { PROJECT_ROOT } from "./world.ts";

let copies = 0;

/**
 * Another checkout's program: a copy in a temporary folder with one file changed.
 *
 * @param edit must change the text, so that a test cannot pass because the source moved on
 */
export function programCopy(
  file: string,
  edit: (text: string) => string,
): () => Promise<Readonly<Record<string, unknown>>> {
  const folder = temporaryFolder("checkout");
  for (const part of ["infra", "model", "edge", "package.json"]) {
    cpSync(join(PROJECT_ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !/\.test\.ts$|\/(cases|recordings)$/.test(path),
    });
  }
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
  const text = readFileSync(join(folder, file), "utf8");
  const edited = edit(text);
  if (edited === text) throw new Error(`nothing to change in ${file}`);
  writeFileSync(join(folder, file), edited);
  return () => {
    copies += 1;
    return import(`${pathToFileURL(join(folder, "infra", "index.ts")).href}?copy=${copies}`);
  };
}

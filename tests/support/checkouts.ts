import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary.ts";
import { rulesOf, type World } from "./world.ts";

/** A folder with a ring's definitions, each file changed by `edit`. */
export function checkout(
  kind: Parameters<typeof rulesOf>[0],
  edit: (text: string, file: string) => string,
): string {
  const folder = temporaryFolder("rules");
  cpSync(rulesOf(kind), folder, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
    const path = join(folder, file);
    writeFileSync(path, edit(readFileSync(path, "utf8"), file));
  }
  return folder;
}

/** Changes the stack's outputs as they are stored. */
export function editOutputs(
  world: World,
  edit: (outputs: Record<string, unknown>) => Record<string, unknown>,
): void {
  const { runner } = world.local;
  const state = runner.state();
  runner.save({ ...state, outputs: edit({ ...state.outputs }) });
}

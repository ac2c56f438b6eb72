import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Each benchmark is a program of its own, so that none warms up or fills the memory of the next. */
const PROGRAMS = ["compile.ts", "language.ts", "tokens.ts", "pipeline.ts"];

for (const program of PROGRAMS) {
  process.stdout.write(`\n${program}\n`);
  const { status } = spawnSync(process.execPath, ["--expose-gc", join(import.meta.dirname, program)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}

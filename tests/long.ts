import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * `npm run test:long`: the generated tests with their full counts. Each suite prints its seed; FUZZ_RUNS
 * sets another count.
 */
const RUNS = process.env.FUZZ_RUNS ?? "200000";

const vitest = join(import.meta.dirname, "..", "node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "fuzz", "--testTimeout=3600000", "--reporter=verbose"],
  {
    stdio: "inherit",
    env: { ...process.env, FUZZ_RUNS: RUNS },
  },
);
process.exitCode = status ?? 1;

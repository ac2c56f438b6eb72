import { readFile } from "node:fs/promises";
import { readStackSigners } from "../../../scripts/engine/stackSigners.ts";
import { parseSigners } from "../../../scripts/token/signers.ts";
import type { KeySource } from "./keySource.ts";

/** The keys from the encrypted stack output, by the pulumi CLI in `cwd`; wrap it in `cachedKeySource`. */
export function stackKeySource(stack: string | undefined, cwd: string): KeySource {
  return () => readStackSigners(stack, { cwd });
}

/** The same from a file that somebody else keeps current, as `pulumi stack output signers --show-secrets --json` prints it. */
export function fileKeySource(path: string): KeySource {
  return async () => parseSigners(await readFile(path, "utf8"));
}

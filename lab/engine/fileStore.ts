import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LockHolder } from "../../scripts/engine/engine.ts";
import type { StateStore } from "./store.ts";

/** A store in a folder; each save is atomic, so a killed process leaves the last whole state. */
export function fileStore(folder: string): StateStore {
  mkdirSync(folder, { recursive: true });
  const state = join(folder, "state.json");
  const lock = join(folder, "lock.json");
  return {
    load: () => (existsSync(state) ? readFileSync(state, "utf8") : undefined),
    save: (text) => {
      writeFileSync(`${state}.new`, text);
      renameSync(`${state}.new`, state);
    },
    lock: () => (existsSync(lock) ? (JSON.parse(readFileSync(lock, "utf8")) as LockHolder) : undefined),
    setLock: (holder) => {
      if (holder === undefined) rmSync(lock, { force: true });
      else writeFileSync(lock, JSON.stringify(holder), { flag: "wx" });
    },
  };
}

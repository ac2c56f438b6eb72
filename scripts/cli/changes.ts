import { type FSWatcher, statSync, watch } from "node:fs";
import { CommandError } from "./errors.ts";

/** A folder whose YAML files are watched. */
export interface Watched {
  readonly folder: string;
  /** Whether folders in it are watched, too. */
  readonly below: boolean;
}

/**
 * Says when a YAML file in one of the folders changed, appeared or went away, from now on until the signal. Changes
 * that come together, or while nobody asks, are one. Throws `CommandError` FILE_UNREADABLE.
 *
 * @param pause lets the rest of a change come, such as a second file that an editor or a checkout writes
 */
export function changesIn(
  folders: readonly Watched[],
  signal: AbortSignal,
  pause: () => Promise<void>,
): AsyncGenerator<void> {
  let changed = Promise.withResolvers<void>();
  const notice = () => changed.resolve();
  const watchers = folders.map((each) => watchFolder(each, notice));
  signal.addEventListener("abort", notice, { once: true });
  return (async function* () {
    try {
      while (!signal.aborted) {
        await changed.promise;
        if (signal.aborted) return;
        await pause();
        changed = Promise.withResolvers();
        yield;
      }
    } finally {
      for (const watcher of watchers) watcher.close();
    }
  })();
}

function watchFolder({ folder, below }: Watched, changed: () => void): FSWatcher {
  try {
    // Where the platform watches folders by itself, one that is not there is said too late.
    statSync(folder);
    const watcher = watch(folder, { recursive: below }, (_event, name) => {
      if (name === null || /\.ya?ml$/.test(name)) changed();
    });
    // A folder that went away is a change; who reads it then says what is wrong.
    return watcher.on("error", changed);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError("FILE_UNREADABLE", `${folder} cannot be watched (${code})`);
  }
}

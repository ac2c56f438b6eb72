import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LockHolder } from "./engine.ts";

/**
 * The lock that the CLI complained of. Backends in a folder or bucket name every holder (`pkg/backend/diy/lock.go`,
 * v3.259.0); Pulumi Cloud only says that there is one.
 */
export function lockFromError(text: string): LockHolder | undefined {
  const found = /created by (?<who>\S+ \(pid \d+\)) at (?<at>\S+)/.exec(text)?.groups;
  if (found !== undefined) return { who: String(found.who), since: instant(String(found.at)) };
  if (text.includes("Another update is currently in progress"))
    return { who: "another update", since: "an unknown time" };
  return undefined;
}

/**
 * The oldest lock of a stack whose state is kept in a folder.
 *
 * @param backend `file://` and the folder
 * @param stack `organization/project/stack`
 */
export function readFileLock(backend: string, stack: string): LockHolder | undefined {
  const folder = join(stateFolder(backend), ".pulumi", "locks", ...stack.split("/"));
  if (!existsSync(folder)) return undefined;
  const holders = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readHolder(join(folder, name)));
  return holders.sort((a, b) => Date.parse(a.since) - Date.parse(b.since))[0];
}

function stateFolder(backend: string): string {
  const path = backend.slice("file://".length);
  if (path.startsWith("~")) return join(process.env.HOME ?? "", path.slice(1));
  return path.startsWith("/") ? fileURLToPath(backend.split("?")[0] ?? backend) : path;
}

/** Nothing when the run ended between the listing and the reading. */
function readHolder(file: string): LockHolder[] {
  try {
    const { pid, username, hostname, timestamp } = JSON.parse(readFileSync(file, "utf8"));
    return [{ who: `${username}@${hostname} (pid ${pid})`, since: instant(timestamp) }];
  } catch {
    return [];
  }
}

function instant(text: string): string {
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? text : new Date(milliseconds).toISOString();
}

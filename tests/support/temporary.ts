import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** A new temporary folder; `removeTemporaryFolders` takes it away. */
export function temporaryFolder(what: string): string {
  const folder = mkdtempSync(join(tmpdir(), `keyturn-${what}-`));
  folders.push(folder);
  return folder;
}

/** For the end of a test file. */
export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

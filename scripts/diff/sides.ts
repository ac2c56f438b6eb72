import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { readRuleFiles, readTestFiles } from "../check/ruleFiles.ts";
import { CommandError } from "../cli/errors.ts";
import type { Io } from "../cli/io.ts";
import { isRevision, readRevision, type SideFiles } from "./revisions.ts";

/**
 * One side of a comparison, as the command line names it: a folder, `REV:path`, or a revision in which the definitions
 * lie where they do now.
 *
 * @param name the folder of the definitions where it is left out
 * @param rules absolute path of that folder
 * @throws CommandError FILE_UNREADABLE, REVISION_UNKNOWN, REVISION_AMBIGUOUS
 */
export function readSide(
  name: string | undefined,
  rules: string,
  { resolvePath, env }: Pick<Io, "resolvePath" | "env">,
): SideFiles {
  const at = { folder: resolvePath("."), env };
  const shownAs = (path: string) => relative(at.folder, path) || ".";
  const folder = name === undefined ? rules : resolvePath(name);
  if (name === undefined || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    if (name !== undefined && isRevision(name, at)) {
      throw new CommandError(
        "REVISION_AMBIGUOUS",
        `${name} is a folder and a revision`,
        `Write ./${name} for the folder, ${name}:${shownAs(rules)} for the revision.`,
      );
    }
    const shown = shownAs(folder);
    return {
      rules: readRuleFiles(folder, shown, "or none"),
      tests: readTestFiles(folder, shown),
    };
  }
  // What looks like a path means one: git names no revision so (git-check-ref-format).
  if (/^[./~]|^\w:\\/.test(name)) readRuleFiles(folder, shownAs(folder), "or none");
  return readRevision(name, shownAs(rules), at);
}

/** Where the definitions lie unless a name says otherwise. */
export function usualFolder(
  { rules, project }: { readonly rules?: string | undefined; readonly project: string },
  { resolvePath, env }: Pick<Io, "resolvePath" | "env">,
): string {
  const named = rules ?? env.KEYTURN_RULES;
  return named === undefined ? join(project, "rules") : resolvePath(named);
}

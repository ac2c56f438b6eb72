import { spawnSync } from "node:child_process";
import { isRuleFile, isTestFile, type RuleFile } from "../../infra/ruleFiles.ts";
import { CommandError } from "../cli/errors.ts";

/** Definitions as one side of a comparison has them. */
export interface SideFiles {
  readonly rules: readonly RuleFile[];
  /** Policy tests beside them. */
  readonly tests: readonly RuleFile[];
}

/** A folder in a commit. */
interface Tree {
  /** How problems name the folder, such as `main:rules`. */
  readonly shownAs: string;
  /** Object name of the folder's tree. */
  readonly id: string;
}

/** Where git runs. */
export interface Place {
  /** The current folder: that of the repository, and of paths that begin with `./`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The largest file that is read from a revision, in bytes: one that somebody committed by mistake fills no memory. */
export const LARGEST_FILE = 16 * 2 ** 20;

/** Whether git takes a name for a commit. False also where there is no git or no repository. */
export function isRevision(name: string, at: Place): boolean {
  return objectOf(`${name}^{commit}`, at).ok;
}

/**
 * The definitions of a revision, out of git's own store: nothing is checked out, and nothing is fetched.
 *
 * @param named `REV:path`, the path from the top of the repository, or with `./` from here; or `REV`, where they lie
 *   in the revision as `usual` says
 * @param usual path of the definitions from the current folder
 * @throws CommandError REVISION_UNKNOWN, FILE_UNREADABLE
 */
export function readRevision(named: string, usual: string, at: Place): SideFiles {
  const tree = treeOf(named, usual, at);
  const entries = entriesOf(tree, at).filter(
    ({ name, mode }) => isRuleFile(name) || isTestFile(name) || mode === SUBMODULE,
  );
  for (const { name, mode, size } of entries) {
    const why =
      WHY_NOT[mode] ?? (size > LARGEST_FILE ? `${size} bytes, up to ${LARGEST_FILE} are read` : undefined);
    if (why !== undefined) throw unreadable(`${tree.shownAs}/${name}`, why);
  }
  const texts = textsOf(entries, tree, at);
  const files = entries.map(({ name }, index) => ({
    path: `${tree.shownAs}/${name}`,
    text: texts[index] ?? "",
    name,
  }));
  const some = (fits: (name: string) => boolean) =>
    files.filter(({ name }) => fits(name)).map(({ path, text }) => ({ path, text }));
  return { rules: some(isRuleFile), tests: some(isTestFile) };
}

/* Modes of what is no file (git-fast-import). */
const LINK = "120000";
const SUBMODULE = "160000";

const WHY_NOT: Readonly<Record<string, string>> = {
  [LINK]: "a symbolic link, which is not followed in a revision",
  [SUBMODULE]: "a submodule, whose files lie in another repository",
};

function treeOf(named: string, usual: string, at: Place): Tree {
  const colon = named.indexOf(":");
  const revision = colon < 0 ? named : named.slice(0, colon);
  const path = colon < 0 ? usual : named.slice(colon + 1);
  const commit = objectOf(`${revision}^{commit}`, at);
  if (!commit.ok) throw unknownRevision(revision, commit.why);
  const shownAs = `${revision}:${path}`.replace(/\/+$/, "");
  const found = objectOf(`${commit.id}:${colon < 0 ? `./${path}` : path}`, at);
  const tree = found.ok ? objectOf(`${found.id}^{tree}`, at) : found;
  if (!tree.ok) throw unreadable(shownAs, "no folder of the revision");
  return { shownAs, id: tree.id };
}

function unknownRevision(revision: string, why: string | undefined): CommandError {
  return new CommandError(
    "REVISION_UNKNOWN",
    `${revision} is no folder, and ${why ?? "no revision of this repository"}`,
  );
}

type Found = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly why?: string };

/** The object that git takes a text for; `why` where it is asked in vain, whatever the text. */
function objectOf(text: string, at: Place): Found {
  const { error, status, stdout } = git(["rev-parse", "--verify", "--quiet", "--end-of-options", text], at);
  if (status === 0) return { ok: true, id: stdout.toString("latin1").trim() };
  if (error !== undefined) return { ok: false, why: `git cannot be run (${error.code ?? error.message})` };
  return git(["rev-parse", "--git-dir"], at).status === 0
    ? { ok: false }
    : { ok: false, why: "this folder is in no git repository" };
}

interface Entry {
  readonly mode: string;
  readonly id: string;
  readonly size: number;
  readonly name: string;
}

function entriesOf({ id, shownAs }: Tree, at: Place): readonly Entry[] {
  const listed = git(["ls-tree", "-r", "-z", "--long", "--full-tree", id], at);
  const partial = () => unreadable(shownAs, "not all of it is in this clone");
  if (listed.status !== 0) throw partial();
  const lines = listed.stdout
    .toString("utf8")
    .split("\0")
    .filter((line) => line !== "");
  return lines.map((line) => {
    const [, mode, object, size, name] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
    // Of an object that is not there older versions of git list BAD for its size.
    if (mode === undefined || object === undefined || name === undefined) throw partial();
    return { mode, id: object, size: Number(size), name };
  });
}

/** The texts of files: of each its header, its bytes and a line's end (git-cat-file, BATCH OUTPUT). */
function textsOf(entries: readonly Entry[], { shownAs }: Tree, at: Place): readonly string[] {
  if (entries.length === 0) return [];
  const input = entries.map(({ id }) => `${id}\n`).join("");
  const { status, stdout } = git(["cat-file", "--batch"], at, input);
  let next = 0;
  return entries.map(({ id, size, name }) => {
    const header = `${id} blob ${size}\n`;
    const start = next + header.length;
    if (status !== 0 || stdout.toString("latin1", next, start) !== header)
      throw unreadable(`${shownAs}/${name}`, "not in this clone");
    next = start + size + 1;
    return stdout.toString("utf8", start, start + size);
  });
}

function unreadable(path: string, why: string): CommandError {
  return new CommandError("FILE_UNREADABLE", `${path} cannot be read (${why})`);
}

function git(parts: readonly string[], { folder, env }: Place, input = "") {
  const { error, ...ended } = spawnSync("git", parts, {
    cwd: folder,
    input,
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ["pipe", "pipe", "ignore"],
    // Of a partial clone git would fetch what it lacks; a comparison reaches no network.
    env: { ...env, GIT_NO_LAZY_FETCH: "1" },
  });
  return { ...ended, error: error as NodeJS.ErrnoException | undefined };
}

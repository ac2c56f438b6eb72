import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeIo } from "../cli/fakeIo.ts";
import { LARGEST_FILE } from "./revisions.ts";
import { readSide } from "./sides.ts";

let top: string;
const write = (name: string, text: string) => {
  mkdirSync(dirname(join(top, name)), { recursive: true });
  writeFileSync(join(top, name), text);
};
const git = (...parts: string[]) =>
  execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...parts], {
    cwd: top,
    encoding: "utf8",
  });
const commit = (name: string) => {
  git("add", "--all");
  git("commit", "--quiet", "--message", name);
  git("tag", name);
};

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), "keyturn-revisions-"));
  git("init", "--quiet", "--initial-branch", "main");
  write("api/rules/b.yaml", "# b, é\n");
  write("api/rules/sub/a.yml", "");
  write("api/rules/a.test.yaml", "# test\n");
  write("api/rules/notes.md", "no definition\n");
  write("api/rules/keys.yaml.txt", "# refused elsewhere\n");
  write("README.md", "");
  commit("v1");
  write("api/rules/b.yaml", "# b, later\n");
  commit("v2");
  symlinkSync("b.yaml", join(top, "api/rules/link.yaml"));
  commit("with-link");
  rmSync(join(top, "api/rules/link.yaml"));
  git("add", "--all");
  const head = git("rev-parse", "HEAD").trim();
  git("update-index", "--add", "--cacheinfo", `160000,${head},api/rules/shared`);
  git("commit", "--quiet", "--message", "submodule");
  git("tag", "with-submodule");
  git("reset", "--quiet", "--hard", "v2");
  write("api/rules/huge.yaml", "");
  truncateSync(join(top, "api/rules/huge.yaml"), LARGEST_FILE + 1);
  commit("with-huge");
  git("reset", "--quiet", "--hard", "v2");
  git("branch", "api");
  write("api/rules/b.yaml", "# not committed\n");
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** A side as `keyturn diff` reads it in a folder of the repository, the definitions in `api/rules`. */
function side(name: string | undefined, folder = "", env: Record<string, string> = {}) {
  const io = fakeIo({ resolvePath: (path) => resolve(top, folder, path), env });
  try {
    const { rules, tests } = readSide(name, join(top, "api/rules"), io);
    return [...rules, ...tests].map(({ path, text }) => `${path}: ${text.trim()}`);
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
}

test.each([
  ["v1", "", "v1:api/rules"],
  ["main~1", "", "main~1:api/rules"],
  ["v1", "api", "v1:rules"],
  ["v1", "api/rules", "v1:."],
  ["v1:api/rules", "api", "v1:api/rules"],
  ["v1:api/rules/", "", "v1:api/rules"],
  ["v1:./rules", "api", "v1:./rules"],
])("%s in the folder %j is what the revision has, %s", (name, folder, shown) => {
  expect(side(name, folder)).toEqual([
    `${shown}/b.yaml: # b, é`,
    `${shown}/keys.yaml.txt: # refused elsewhere`,
    `${shown}/sub/a.yml: `,
    `${shown}/a.test.yaml: # test`,
  ]);
});

test("a folder is read as it lies there, and is what no name means", () => {
  const files = ["b.yaml: # not committed", "keys.yaml.txt: # refused elsewhere", "sub/a.yml: "].map(
    (file) => `api/rules/${file}`,
  );
  expect(side("api/rules")).toEqual([...files, "api/rules/a.test.yaml: # test"]);
  expect(side(undefined)).toEqual(side("api/rules"));
  expect(side("v2")).toContain("v2:api/rules/b.yaml: # b, later");
});

test.each([
  ["nope", "REVISION_UNKNOWN: nope is no folder, and no revision of this repository"],
  ["nope:rules", "REVISION_UNKNOWN: nope is no folder, and no revision of this repository"],
  ["-x", "REVISION_UNKNOWN: -x is no folder, and no revision of this repository"],
  ["v1..v2", "REVISION_UNKNOWN: v1..v2 is no folder, and no revision of this repository"],
  ["v1^{tree}", "REVISION_UNKNOWN: v1^{tree} is no folder, and no revision of this repository"],
  ["v1:nope", "FILE_UNREADABLE: v1:nope cannot be read (no folder of the revision)"],
  ["v1:README.md", "FILE_UNREADABLE: v1:README.md cannot be read (no folder of the revision)"],
  ["./nope", "FILE_UNREADABLE: nope cannot be read (ENOENT)"],
  ["api", "REVISION_AMBIGUOUS: api is a folder and a revision"],
  [
    "with-link",
    "FILE_UNREADABLE: with-link:api/rules/link.yaml cannot be read (a symbolic link, which is not followed in a revision)",
  ],
  [
    "with-submodule",
    "FILE_UNREADABLE: with-submodule:api/rules/shared cannot be read (a submodule, whose files lie in another repository)",
  ],
  [
    "with-huge",
    "FILE_UNREADABLE: with-huge:api/rules/huge.yaml cannot be read (16777217 bytes, up to 16777216 are read)",
  ],
])("%s is refused", (name, message) => {
  expect(side(name)).toBe(message);
});

test("fetches nothing that a partial clone lacks", () => {
  const clone = mkdtempSync(join(tmpdir(), "keyturn-partial-"));
  try {
    git("config", "uploadpack.allowFilter", "true");
    git("clone", "--quiet", "--bare", "--filter=blob:none", `file://${top}`, clone);
    const refused = "FILE_UNREADABLE: v1:api/rules cannot be read (not all of it is in this clone)";
    expect(side("v1:api/rules", clone)).toBe(refused);
    // Without being told not to, git fetches what it is asked for.
    execFileSync("git", ["show", "v1:api/rules/b.yaml"], { cwd: clone });
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
});

test("says where there is no repository, or no git", () => {
  expect(side("v1", "..")).toBe("REVISION_UNKNOWN: v1 is no folder, and this folder is in no git repository");
  expect(side("v1", "", { PATH: "/nowhere" })).toBe(
    "REVISION_UNKNOWN: v1 is no folder, and git cannot be run (ENOENT)",
  );
  expect(side("./api", "", { PATH: "/nowhere" })).toContain("api/rules/b.yaml: # not committed");
});

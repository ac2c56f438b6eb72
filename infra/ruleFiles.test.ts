import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readRuleFiles } from "./ruleFiles.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("names that only look like a definition's come along to be refused; tests, backups and swap files do not", () => {
  const names = ["a.yaml", "b.yml", "c.yaml.txt", "d.YAML", "e.test.yaml", "f.yaml~", ".g.yaml.swp", "h.md"];
  for (const name of names) writeFileSync(join(folder, name), `# ${name}\n`);
  expect(readRuleFiles(folder)).toEqual(
    ["a.yaml", "b.yml", "c.yaml.txt", "d.YAML"].map((name) => ({
      path: `rules/${name}`,
      text: `# ${name}\n`,
    })),
  );
});

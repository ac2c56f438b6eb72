import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStackFiles } from "./stackFiles.ts";

test("files are those of stacks whose names Pulumi takes: none gets out of the Markdown that names it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-stacks-"));
  try {
    const names = ["prod-2", "dev", "eu.test_1", "@everyone", "a b", "**", "<img>", "[x](y)", "`", "a\nb"];
    for (const name of names) writeFileSync(join(folder, `Pulumi.${name}.yaml`), "config: {}\n");
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    const read = await readStackFiles(folder, undefined, (path) => path);
    expect(read.map(({ stack }) => stack)).toEqual(["dev", "eu.test_1", "prod-2"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

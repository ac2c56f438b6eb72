import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { problemsOfCompiled } from "../compile/compile.ts";
import { formatProblems, sortProblems } from "../problem/problem.ts";
import { loadDefinitions } from "./load.ts";
import type { Environment, Zone } from "./types.ts";

/*
 * One folder is one case: the YAML files go in, `expected.txt` is what must come out. `zone.json` may change the
 * zone. To add a case, add a folder. A file that ends in `.as-is` is one that a formatter must not touch.
 */

const folder = fileURLToPath(new URL("./cases/", import.meta.url));

const zone: Zone = {
  id: "0123456789abcdef0123456789abcdef",
  name: "example.com",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
};

describe("every problem of a folder, with its place", () => {
  test.each(readdirSync(folder).sort())("%s", (name) => {
    const read = (file: string) => readFileSync(`${folder}${name}/${file}`, "utf8");
    const files = readdirSync(`${folder}${name}`)
      .filter((file) => /\.yaml(\.as-is)?$/.test(file))
      .map((file) => ({ path: file.replace(".as-is", ""), text: read(file) }));
    const change = existsSync(`${folder}${name}/zone.json`) ? (JSON.parse(read("zone.json")) as object) : {};
    const second: Zone = { ...zone, id: "f".repeat(32), name: "example.org" };
    const environment: Environment = {
      stack: "dev",
      zones: [
        { id: zone.id, name: zone.name, plan: zone.plan, addOns: zone.addOns ?? [], ...change },
        second,
      ],
    };
    const loaded = loadDefinitions(files, environment);
    const problems = [...loaded.problems, ...problemsOfCompiled(loaded, environment)];
    expect(`${formatProblems(sortProblems(problems))}\n`).toBe(read("expected.txt"));
  });
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../cli/commands.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { main } from "../cli/program.ts";

const root = resolve(import.meta.dirname, "../..");
const file = join(root, "rules.schema.json");
const io = fakeIo();
const code = await main(["schema"], io, commands);

test("the shipped file is what the command prints: npm run -s keyturn -- schema > rules.schema.json", () => {
  expect(code).toBe(0);
  expect(io.stdout()).toBe(readFileSync(file, "utf8"));
});

describe("the schema", () => {
  const schema = JSON.parse(io.stdout());

  test("is one of draft-07", () => {
    expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  });

  test("describes every member and refuses those it does not know", () => {
    const found: string[] = [];
    let members = 0;
    const look = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      if ("properties" in node && typeof node.properties === "object" && node.properties !== null) {
        if (!("additionalProperties" in node && node.additionalProperties === false))
          found.push(`${path} is open`);
        for (const [name, member] of Object.entries(node.properties)) {
          members += 1;
          if (typeof member.description !== "string") found.push(`${path}.${name} has no description`);
        }
      }
      for (const [name, inner] of Object.entries(node)) look(inner, `${path}.${name}`);
    };
    look(schema, "");
    expect(found).toEqual([]);
    expect(members).toBeGreaterThan(50);
  });

  test("has examples that are values of their members", () => {
    const rule = schema.properties.rules.items.properties;
    expect(rule.match.examples).toEqual([{ path: "/orders/*" }]);
    expect(rule.rateLimit.properties.requests.examples).toEqual([10]);
    expect(rule.rateLimit.properties.every.examples).toEqual(["1m"]);
  });
});

test("every file of the example names it", () => {
  const folder = join(root, "examples/shop/rules");
  // Policy tests are no definitions.
  for (const name of readdirSync(folder).filter((each) => !each.endsWith(".test.yaml"))) {
    const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(
      readFileSync(join(folder, name), "utf8"),
    )?.[1];
    expect(resolve(folder, named ?? "")).toBe(file);
  }
  expect(existsSync(file)).toBe(true);
});

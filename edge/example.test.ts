import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

test("the README shows the example, and the example's assertions hold", async () => {
  expect(/```ts\n(.*?)```/s.exec(read("README.md"))?.[1]).toBe(read("example.ts"));
  await expect(import("./example.ts")).resolves.toBeDefined();
});

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Environment } from "../../definition/types.ts";

/** The definitions of `examples/shop`, for tests. */
export function exampleFiles(): { path: string; text: string }[] {
  const folder = fileURLToPath(new URL("../../../examples/shop/rules/", import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml") && !name.endsWith(".test.yaml"))
    .map((name) => ({ path: `rules/${name}`, text: readFileSync(`${folder}${name}`, "utf8") }));
}

/** A zone that has everything. */
export const enterprise: Environment = {
  stack: "dev",
  zones: [
    {
      id: "0123456789abcdef0123456789abcdef",
      name: "example.com",
      plan: "enterprise",
      addOns: ["api_shield", "advanced_rate_limiting"],
    },
  ],
};

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{model,infra,scripts,edge,examples,tests}/**/*.test.ts"],
    exclude: ["tests/engine/**", "**/node_modules/**"],
    pool: "forks",
    testTimeout: 30_000,
  },
});

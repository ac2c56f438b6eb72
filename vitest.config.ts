import { defineConfig } from "vitest/config";

/** Tests that run the Pulumi program, whose runtime changes the process: the others get processes of their own. */
const deploying = [
  "{infra,tests}/**/*.test.ts",
  "scripts/{engine,rotate,status}/**/*.test.ts",
  "lab/**/*.test.ts",
];

// Loading the libraries once a process instead of once a file halves the time.
const common = { pool: "forks", isolate: false, testTimeout: 30_000, hookTimeout: 60_000 } as const;
const exclude = ["tests/engine/**", "**/node_modules/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "pure",
          include: ["{model,edge,examples}/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: [...exclude, ...deploying],
        },
      },
      { test: { ...common, name: "deploying", include: deploying, exclude } },
    ],
  },
});

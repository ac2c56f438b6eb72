import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };
import { commands } from "../scripts/cli/commands.ts";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDER = join(ROOT, ".github", "workflows");

const concurrency = z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean().optional() });
const permissions = z.record(z.string(), z.enum(["read", "write"]));
const env = z.record(z.string(), z.string());
const step = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  env: env.optional(),
  "continue-on-error": z.boolean().optional(),
});
const job = z.strictObject({
  needs: z.string().optional(),
  if: z.string().optional(),
  "runs-on": z.string().optional(),
  "timeout-minutes": z.number().optional(),
  environment: z.string().optional(),
  permissions,
  concurrency: concurrency.optional(),
  uses: z.string().optional(),
  steps: z.array(step).default([]),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.unknown(),
  permissions: z.strictObject({}),
  jobs: z.record(z.string(), job),
});

const texts = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]),
);
const workflows = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, workflow.parse(parse(text))]),
);
const jobs = Object.entries(workflows).flatMap(([file, { jobs: all }]) =>
  Object.entries(all).map(([name, each]) => ({ name: `${file} ${name}`, ...each })),
);
const steps = jobs.flatMap(({ name, steps: all }) => all.map((each) => ({ job: name, ...each })));
const scripts: Readonly<Record<string, string>> = manifest.scripts;

/** An expression, as workflows write it. */
const said = (expression: string) => `\${{ ${expression} }}`;
const NUMBER = said("github.event.pull_request.number");

describe("workflows", () => {
  test("every action is pinned by its full commit, with its version beside it", () => {
    const used = Object.entries(texts).flatMap(([file, text]) =>
      text.split("\n").flatMap((line) => (/\buses:/.test(line) ? [`${file}: ${line.trim()}`] : [])),
    );
    expect(used.length).toBeGreaterThan(8);
    const pinned =
      /uses: (?:[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/[\w-]+\.yml)$/;
    expect(used.filter((line) => !pinned.test(line))).toEqual([]);
    const local = jobs.flatMap(({ uses = "" }) => /^\.\/\.github\/workflows\/(.+)$/.exec(uses)?.[1] ?? []);
    expect(local.filter((file) => workflows[file] === undefined)).toEqual([]);
  });

  test("each job has its own rights and no more, an end, and a group", () => {
    expect(Object.fromEntries(jobs.map(({ name, permissions: has }) => [name, has]))).toEqual({
      "deploy.yml deploy": { contents: "read" },
      "pull-request.yml rules": { contents: "read" },
      "pull-request.yml tell": { "pull-requests": "write", "security-events": "write" },
      "pull-request.yml preview": { contents: "read" },
      "pull-request.yml tell-preview": { "pull-requests": "write", "security-events": "write" },
      "tell.yml tell": { "pull-requests": "write", "security-events": "write" },
    });
    const running = jobs.filter(({ uses }) => uses === undefined);
    expect(running.filter((each) => each["timeout-minutes"] === undefined)).toEqual([]);
    expect(Object.fromEntries(running.map((each) => [each.name, each.concurrency]))).toEqual({
      "deploy.yml deploy": { group: `stack-${said("vars.PULUMI_STACK")}` },
      "pull-request.yml rules": {
        group: `rules-${NUMBER}`,
        "cancel-in-progress": true,
      },
      "pull-request.yml preview": { group: `preview-${said("vars.PULUMI_STACK")}` },
      "tell.yml tell": { group: `tell-${NUMBER}` },
    });
  });

  test("only an approved environment has secrets, and there no code of a pull request runs", () => {
    const secret = steps.filter((each) => JSON.stringify(each).includes("secrets."));
    expect(secret.map((each) => each.job)).toEqual(["pull-request.yml preview", "deploy.yml deploy"].sort());
    for (const { name, environment, steps: all } of jobs) {
      if (environment === undefined) continue;
      const checkouts = all.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
      const run = checkouts.filter((each) => each.with?.path === undefined);
      const refs = run.map((each) => each.with?.ref ?? "what was pushed");
      expect([name, environment, refs]).toEqual(
        name === "deploy.yml deploy"
          ? [name, "production", ["what was pushed"]]
          : [name, "preview", [said("github.event.repository.default_branch")]],
      );
    }
    expect(workflows["pull-request.yml"]?.on).toBe("pull_request");
    const writing = jobs.filter(({ permissions: has }) => Object.values(has).includes("write"));
    const runs = writing.flatMap((each) => each.steps.flatMap(({ run = "", uses = "" }) => run + uses));
    expect(runs.filter((text) => /npm|node|checkout/.test(text))).toEqual([]);
  });

  test("a fork's pull request runs what needs no secret and no right", () => {
    const own = "github.event.pull_request.head.repo.full_name == github.repository";
    const { rules, ...others } = workflows["pull-request.yml"]?.jobs ?? {};
    expect(rules?.if).toBeUndefined();
    for (const [name, each] of Object.entries(others)) {
      const closed = each.if?.includes(own) || each.needs === "preview";
      expect([name, closed]).toEqual([name, true]);
    }
  });

  test("no text from outside is expanded into a command, and no checkout leaves a token", () => {
    expect(steps.filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
    const checkouts = steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
    expect(checkouts.filter((each) => each.with?.["persist-credentials"] !== false)).toEqual([]);
    const expanded = Object.values(texts).flatMap((text) =>
      [...text.matchAll(/\$\{\{ (.*?) \}\}/g)].map(([, name]) => name ?? ""),
    );
    const safe =
      /^(?:vars\.\w+|secrets\.\w+|inputs\.confirm|github\.(?:sha|token|repository|event\.(?:pull_request\.(?:number|head\.sha)|repository\.default_branch)))$/;
    expect(expanded.filter((name) => !safe.test(name))).toEqual([]);
  });

  test("every script that is named exists, and every command in it", () => {
    const named = steps.flatMap(({ run = "" }) =>
      [...run.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? ""),
    );
    expect([...new Set(named)].sort()).toEqual(["deploy", "pr", "pr:preview"]);
    const lines = named.map((name) => scripts[name] ?? "none");
    const told = lines.flatMap((line) => /^node scripts\/keyturn\.ts (\w+ \w+) /.exec(line)?.[1] ?? []);
    expect(told).toEqual(["pr report", "pr preview"]);
    const known: readonly string[] = commands.map(({ name }) => name);
    expect(told.filter((name) => !known.includes(name))).toEqual([]);
  });
});

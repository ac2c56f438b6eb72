import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Mode, Zone } from "../model/definition/types.ts";

/** What the program reads from outside: the only place that touches stack configuration, environment and disk. */
export interface Settings {
  readonly environment: Environment;
  /** `organization/project/stack`. */
  readonly stack: string;
  readonly accountId: string;
  readonly secretsStoreId: string | undefined;
  readonly deletable: boolean;
  /** Text of `KEYTURN_ADVANCE`. */
  readonly advance: string | undefined;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Reads stack configuration, `KEYTURN_ADVANCE` and the files under `rules/` (or `KEYTURN_RULES`). */
export function readSettings(): Settings {
  const config = new pulumi.Config("keyturn");
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  return {
    environment: {
      stack: pulumi.getStack(),
      zones: config.requireObject<Zone[]>("zones"),
      hosts: config.getObject<Record<string, string>>("hosts") ?? {},
      mode: (config.get("mode") ?? "block") as Mode,
    },
    stack,
    accountId: config.require("accountId"),
    secretsStoreId: config.get("secretsStoreId") || undefined,
    deletable: config.getBoolean("deletable") ?? false,
    advance: process.env.KEYTURN_ADVANCE,
    files: readRuleFiles(process.env.KEYTURN_RULES ?? join(import.meta.dirname, "..", "rules")),
  };
}

/**
 * Every definition file of a folder, in name order, with the path a person would write. Policy tests
 * (`*.test.yaml`) are not definitions.
 */
export function readRuleFiles(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ path: `rules/${name}`, text: readFileSync(join(folder, name), "utf8") }));
}

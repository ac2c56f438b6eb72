import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Mode, Zone } from "../model/definition/types.ts";
import { type RuleFile, readRuleFiles } from "./ruleFiles.ts";

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
  readonly files: readonly RuleFile[];
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

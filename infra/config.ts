import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Mode, Zone } from "../model/definition/types.ts";
import type { Source } from "../model/update/source.ts";
import { readRuleFiles } from "./ruleFiles.ts";

/** This stack, as `organization/project/stack`. */
export function stackName(): string {
  return `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/**
 * What a plain `up` deploys: stack configuration, and the files under `rules/` (or `KEYTURN_RULES`). With
 * `infra/providers`, which reads the credentials, this is all that touches configuration, environment and disk.
 */
export function readSource(): Source {
  const config = new pulumi.Config("keyturn");
  const secretsStoreId = config.get("secretsStoreId");
  return {
    settings: {
      environment: {
        stack: pulumi.getStack(),
        zones: config.requireObject<Zone[]>("zones"),
        hosts: config.getObject<Record<string, string>>("hosts") ?? {},
        mode: (config.get("mode") ?? "block") as Mode,
      },
      accountId: config.require("accountId"),
      ...(secretsStoreId ? { secretsStoreId } : {}),
      deletable: config.getBoolean("deletable") ?? false,
    },
    files: readRuleFiles(process.env.KEYTURN_RULES ?? join(import.meta.dirname, "..", "rules")),
  };
}

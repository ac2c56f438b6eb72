import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readSettings } from "../model/environment/settings.ts";
import { readVariables, type Variables } from "../model/environment/variables.ts";
import type { NewSource } from "../model/update/plan.ts";
import { readRuleFiles } from "./ruleFiles.ts";

/** This stack, as `organization/project/stack`. */
export function stackName(): string {
  return `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/**
 * What a plain `up` deploys: stack configuration, and the files under `rules/` (or `KEYTURN_RULES`). With
 * `infra/providers`, which reads the credentials, this is all that touches configuration, environment and disk.
 *
 * @throws SettingsError
 */
export function readSource({ rules }: Variables): NewSource {
  const read = readSettings(pulumi.runtime.allConfig(), pulumi.getStack());
  const { samples: _asked, changesAtMost, ...settings } = read;
  const files = readRuleFiles(rules ?? join(import.meta.dirname, "..", "rules"));
  return { settings, files, changesAtMost };
}

/** The environment variables of this run. @throws VariableError */
export function variables(): Variables {
  return readVariables(process.env);
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectFolder } from "../../scripts/check/ruleFiles.ts";

/**
 * Stack configuration from `Pulumi.yaml` (defaults) and `Pulumi.<stack>.yaml` of a folder, as the engine hands it to
 * the program: strings by full name, objects as JSON. Encrypted values are left out. Where the folder has no
 * `Pulumi.yaml`, this project's counts.
 */
export function readStackConfig(
  folder: string,
  stackName: string,
): { project: string; config: Record<string, string> } {
  const own = join(folder, "Pulumi.yaml");
  const projectFile = existsSync(own) ? own : join(projectFolder, "Pulumi.yaml");
  const project = parse(readFileSync(projectFile, "utf8")) as {
    name: string;
    config?: Record<string, { default?: unknown }>;
  };
  const stackFile = join(folder, `Pulumi.${stackName}.yaml`);
  const stack = parse(readFileSync(stackFile, "utf8")) as { config?: Record<string, unknown> };
  const defaults = Object.entries(project.config ?? {}).flatMap(([name, row]) =>
    row.default === undefined ? [] : [[name, row.default] as const],
  );
  const values = { ...Object.fromEntries(defaults), ...stack.config };
  const texts = Object.entries(values).flatMap(([name, value]) =>
    isEncrypted(value) ? [] : [[name, asText(value)] as const],
  );
  return { project: project.name, config: Object.fromEntries(texts) };
}

function isEncrypted(value: unknown): boolean {
  return value !== null && typeof value === "object" && "secure" in value;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

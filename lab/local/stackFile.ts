import { readFileSync } from "node:fs";
import { parse } from "yaml";

/**
 * Stack configuration from `Pulumi.yaml` (defaults) and `Pulumi.<stack>.yaml`, as the engine hands it to the
 * program: strings by full name, objects as JSON. Encrypted values are left out.
 */
export function readStackConfig(
  projectFile: string,
  stackFile: string,
): { project: string; config: Record<string, string> } {
  const project = parse(readFileSync(projectFile, "utf8")) as {
    name: string;
    config?: Record<string, { default?: unknown }>;
  };
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

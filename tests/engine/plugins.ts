import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { packageVersion } from "./providers/packageVersion.ts";

/** A stock provider that the program's packages ask for, and where the engine will find it. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** Folder of the stand-in; undefined where the real plugin is installed. */
  readonly standIn: string | undefined;
}

/** The user's Pulumi folder, whose `plugins/` holds what is installed. */
export function pulumiHome(): string {
  return process.env.PULUMI_HOME || join(homedir(), ".pulumi");
}

/** The two stock providers, each real where a plugin of exactly the npm package's version is installed. */
export function findPlugins(): readonly Plugin[] {
  return ["cloudflare", "random"].map((name) => {
    const version = packageVersion(`@pulumi/${name}`);
    const installed = join(pulumiHome(), "plugins", `resource-${name}-v${version}`);
    const real = existsSync(installed) || onPath(`pulumi-resource-${name}`);
    return { name, version, standIn: real ? undefined : join(import.meta.dirname, "providers", name) };
  });
}

/** True when a program of this name is on PATH. */
export function onPath(name: string): boolean {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .some((folder) => folder !== "" && existsSync(join(folder, name)));
}

import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse, stringify } from "yaml";
import type { Plugin } from "./plugins.ts";
import { pulumiHome } from "./plugins.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** What a checkout needs to be deployed. */
const CHECKOUT = ["infra", "model", "edge", "package.json", "Pulumi.yaml"];

/** What stands in the checkout of the example. */
const EXAMPLE = ["rules", "Pulumi.dev.yaml"];

export const STACK = "dev";
export const PASSPHRASE = "passphrase-of-the-engine-tests";

/** A checkout of its own with a state of its own, in temporary folders. */
export interface Project {
  /** Everything of this project; to be removed at the end. */
  readonly folder: string;
  readonly workDir: string;
  /** Folder of the `file://` backend. */
  readonly backend: string;
  readonly rules: string;
  /** Environment of every process of this project. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Copies the checkout, so that a scenario can change it and nothing else can. `Pulumi.yaml` is the same but for the
 * stand-ins it names.
 *
 * @param environment beside what every run needs: base URL and token of the API
 */
export function createProject(
  plugins: readonly Plugin[],
  environment: Readonly<Record<string, string>>,
): Project {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-engine-"));
  const [workDir, backend, home] = ["project", "backend", "home"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [workDir, backend, home]) mkdirSync(each);
  for (const name of CHECKOUT) cpSync(join(ROOT, name), join(workDir, name), { recursive: true });
  for (const name of EXAMPLE) {
    cpSync(join(ROOT, "examples", "shop", name), join(workDir, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(workDir, "node_modules"));
  // The installed plugins, without anything else of the user's folder: no login and no selected stack.
  symlinkSync(join(pulumiHome(), "plugins"), join(home, "plugins"));
  nameStandIns(join(workDir, "Pulumi.yaml"), plugins);
  return {
    folder,
    workDir,
    backend,
    rules: join(workDir, "rules"),
    environment: {
      // The npm package `node`, where the machine's own is too old to run TypeScript.
      PATH: [join(ROOT, "node_modules", ".bin"), process.env.PATH].join(delimiter),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
      NO_COLOR: "1",
      ...environment,
    },
  };
}

function nameStandIns(file: string, plugins: readonly Plugin[]): void {
  const providers = plugins.flatMap(({ name, version, standIn }) =>
    standIn === undefined ? [] : [{ name, version, path: standIn }],
  );
  if (providers.length === 0) return;
  const project = parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, stringify({ ...project, plugins: { providers } }));
}

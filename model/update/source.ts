import type { DeploymentSettings } from "../environment/settings.ts";

/** What an update is made from, besides keys. */
export interface Source {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly settings: DeploymentSettings;
}

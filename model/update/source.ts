import { z } from "zod";
import { type Environment, MODES } from "../definition/types.ts";

const zone = z.strictObject({
  id: z.string(),
  name: z.string(),
  plan: z.enum(["free", "pro", "business", "enterprise"]),
  addOns: z.array(z.enum(["api_shield", "advanced_rate_limiting"])).exactOptional(),
  limits: z.record(z.string(), z.number()).exactOptional(),
});

/** `DeploymentSettings` as a stack output has them. */
export const settingsSchema = z.strictObject({
  environment: z.strictObject({
    stack: z.string(),
    zones: z.array(zone),
    hosts: z.record(z.string(), z.string()),
    mode: z.enum(MODES),
  }),
  accountId: z.string(),
  secretsStoreId: z.string().exactOptional(),
  deletable: z.boolean(),
});

/** What of the settings shapes resources. What only reaches Cloudflare or an issuer is none of it: credentials, samples. */
export interface DeploymentSettings {
  readonly environment: Environment;
  readonly accountId: string;
  /** The account's Secrets Store; without it the stack makes one. */
  readonly secretsStoreId?: string;
  readonly deletable: boolean;
}

/** What an update is made from, besides keys. */
export interface Source {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly settings: DeploymentSettings;
}

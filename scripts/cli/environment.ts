/** Environment variables that commands read, themselves or through the `pulumi` CLI, and what each one says. */
export const variables = {
  KEYTURN_RULES: "folder of the definitions; default: rules/ of the project",
  PULUMI_STACK: "the stack, where --stack is not given",
  PULUMI_ACCESS_TOKEN: "login to Pulumi Cloud, read by the pulumi CLI",
  PULUMI_BACKEND_URL: "backend of the stack, read by the pulumi CLI",
  PULUMI_CONFIG_PASSPHRASE: "passphrase of the stack's secrets, read by the pulumi CLI",
  PULUMI_CONFIG_PASSPHRASE_FILE: "file that holds this passphrase, read by the pulumi CLI",
  CLOUDFLARE_API_TOKEN: "token for Cloudflare's API; default: cloudflare:apiToken of the stack",
  CLOUDFLARE_BASE_URL: "address of the API; default: cloudflare:baseUrl of the stack, then Cloudflare's",
  NO_COLOR: "set and not empty: never colour the output",
  FORCE_COLOR: "set and not 0: colour the output even where it is no terminal",
} as const;

export type VariableName = keyof typeof variables;

/** Those whose value no output may show. */
export const secretVariables = [
  "CLOUDFLARE_API_TOKEN",
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_CONFIG_PASSPHRASE",
] as const satisfies readonly VariableName[];

/** What every command that runs the `pulumi` CLI depends on. */
export const ofStacks = [
  "PULUMI_STACK",
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_BACKEND_URL",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
] as const satisfies readonly VariableName[];

/** What every command that asks Cloudflare's API for a stack's keys depends on. */
export const ofRotations = [
  ...ofStacks,
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_BASE_URL",
  "KEYTURN_RULES",
] as const satisfies readonly VariableName[];

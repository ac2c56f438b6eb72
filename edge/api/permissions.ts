/** What a token may do, in the words of Cloudflare's permission tables. */
export interface PermissionRow {
  /** Names that allow reading. Every name in `write` allows it too. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly source: string;
  readonly asOf: string;
}

const docs = "developers.cloudflare.com: API token permissions";
const asOf = "2026-11";

/** Rulesets ask for a permission by phase. */
const byPhase = {
  zoneWaf: { read: ["Zone WAF Read"], write: ["Zone WAF Write"], source: docs, asOf },
  accountWaf: {
    read: ["Account WAF Read", "Account Rulesets Read"],
    write: ["Account WAF Write", "Account Rulesets Write"],
    source: docs,
    asOf,
  },
  transformRules: {
    read: ["Transform Rules Read"],
    write: ["Transform Rules Write"],
    source: docs,
    asOf,
  },
  customErrors: { read: ["Custom Errors Read"], write: ["Custom Errors Write"], source: docs, asOf },
} satisfies Record<string, PermissionRow>;

function anyOf(...rows: readonly PermissionRow[]): PermissionRow {
  return {
    read: rows.flatMap((row) => row.read),
    write: rows.flatMap((row) => row.write),
    source: docs,
    asOf,
  };
}

/** The permission that each family of endpoints asks for. */
export const permissionTable = {
  ...byPhase,
  /** Endpoints of rulesets before the phase is known. */
  zoneRulesets: anyOf(byPhase.zoneWaf, byPhase.transformRules, byPhase.customErrors),
  accountRulesets: anyOf(byPhase.accountWaf, byPhase.transformRules, byPhase.customErrors),
  apiGateway: {
    read: ["Account API Gateway Read", "Domain API Gateway Read", "API Gateway Read"],
    write: [
      "Account API Gateway",
      "Domain API Gateway",
      "API Gateway Write",
      "Account API Gateway Write",
      "Domain API Gateway Write",
    ],
    source: docs,
    asOf,
  },
  lists: {
    read: ["Account Filter Lists Read", "Account Rule Lists Read"],
    write: ["Account Filter Lists Edit", "Account Rule Lists Write"],
    source: docs,
    asOf,
  },
  secretsStore: {
    read: ["Secrets Store Read", "Account Secrets Store Read"],
    write: ["Secrets Store Write", "Account Secrets Store Edit"],
    source: docs,
    asOf,
  },
  workers: {
    read: ["Workers Scripts Read"],
    write: ["Workers Scripts Write"],
    source: docs,
    asOf,
  },
  kv: {
    read: ["Workers KV Storage Read"],
    write: ["Workers KV Storage Write"],
    source: docs,
    asOf,
  },
  customPages: {
    read: ["Custom Pages Read"],
    write: ["Custom Pages Write", "Custom Errors Write"],
    source: docs,
    asOf,
  },
  alerting: {
    read: ["Notifications Read", "Account Settings Read"],
    write: ["Notifications Write", "Account Settings Write"],
    source: docs,
    asOf,
  },
  ssl: {
    read: ["SSL and Certificates Read"],
    write: ["SSL and Certificates Write"],
    source: docs,
    asOf,
  },
  zone: { read: ["Zone Read"], write: ["Zone Write"], source: docs, asOf },
  zoneSettings: {
    read: ["Zone Settings Read"],
    write: ["Zone Settings Write"],
    source: docs,
    asOf,
  },
  apiTokens: {
    read: ["API Tokens Read", "Account API Tokens Read"],
    write: ["API Tokens Write", "Account API Tokens Write"],
    source: docs,
    asOf,
  },
} satisfies Record<string, PermissionRow>;

export type PermissionGroup = keyof typeof permissionTable;

/** Whether a token with these permission names may read, or write, endpoints of `group`. */
export function permits(
  permissions: readonly string[] | "all",
  group: PermissionGroup,
  access: "read" | "write",
): boolean {
  if (permissions === "all") return true;
  const row: PermissionRow = permissionTable[group];
  const names = access === "read" ? [...row.read, ...row.write] : row.write;
  return names.some((name) => permissions.includes(name));
}

import { z } from "zod";
import { nearest } from "../definition/nearest.ts";
import { flag, mode, text, word } from "../definition/schemaParts.ts";
import type { Environment } from "../definition/types.ts";
import { ADD_ONS, limits, PLANS } from "../facts/limits.ts";
import { type Bound, readBound } from "./bound.ts";
import { OVERRIDE_MEMBERS, ringOverride } from "./ringOverride.ts";
import { SAMPLE_MEMBERS, type SampleAddress, sampleAddress } from "./sampleAddress.ts";

const hexId = (says: string) =>
  z.string({ error: `expected ${says}, 32 hexadecimal digits in quotes` }).regex(/^[0-9a-f]{32}$/, {
    error: `expected ${says}, 32 hexadecimal digits in lower case`,
  });

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
const expectedName = { error: "expected a host name in lower case, such as api.example.com" } as const;
const hostName = z.string({ error: "expected a host name" }).regex(HOST_NAME, expectedName);

/** A host as definitions name it, which may be a wildcard. */
const hostPattern = z
  .string({ error: "expected a host name" })
  .refine((text) => HOST_NAME.test(text.replace(/^\*\./, "")), expectedName);

const list = { error: "expected a list" } as const;
const map = { error: "expected a map" } as const;

const zone = z.strictObject(
  {
    id: hexId("the zone's id"),
    name: hostName,
    plan: word(PLANS, "The zone's plan."),
    addOns: z.array(word(ADD_ONS, "A paid addition."), list).exactOptional(),
    limits: z
      .partialRecord(
        z.enum(limits.map((limit) => limit.name)),
        z.int({ error: "expected a whole number" }).nonnegative({ error: "expected 0 or more" }),
        map,
      )
      .exactOptional(),
  },
  map,
);

const hosts = z.record(hostPattern, hostPattern, map);
const rings = z.record(text("A ring."), ringOverride, map);
const hardest = mode("No rule acts harder than this.");
const accountId = hexId("the account's id");
const storeId = hexId("the Secrets Store's id");
const amount = { error: "expected a number of endpoints, or one with %, such as 50 or 10%" } as const;
const changesAtMost = z.union([z.int(), z.string()], amount).transform((value, context): Bound => {
  const read = readBound(String(value));
  if (read !== undefined) return read;
  context.addIssue({ code: "custom", message: amount.error });
  return z.NEVER;
});
const deletable = flag("Whether configurations and rules may be deleted.");

/** Every setting under `keyturn:`; `Pulumi.yaml` declares the same ones (a test holds the two together). */
const schema = z.strictObject({
  accountId,
  zones: z.array(zone, list).superRefine(distinct),
  hosts: hosts.default({}),
  rings: rings.default({}),
  mode: hardest.default("block"),
  secretsStoreId: z.union([z.literal(""), storeId]).default(""),
  samples: z.record(text("A ring."), sampleAddress, map).default({}),
  deletable: deletable.default(false),
  changesAtMost: changesAtMost.default({ amount: 50, unit: "endpoints" }),
});

/** `DeploymentSettings` as a stack output has them. */
export const deploymentSchema = z.strictObject({
  environment: z.strictObject({
    stack: z.string(),
    zones: z.array(zone),
    hosts,
    mode: hardest,
    rings: rings.exactOptional(),
  }),
  accountId,
  secretsStoreId: storeId.exactOptional(),
  deletable,
});

/** What of the settings shapes resources. What only reaches Cloudflare or an issuer is none of it: credentials, samples. */
export interface DeploymentSettings {
  readonly environment: Environment;
  readonly accountId: string;
  /** The account's Secrets Store; without it the stack makes one. */
  readonly secretsStoreId?: string;
  readonly deletable: boolean;
}

/** The names of the settings, without `keyturn:`. */
export const SETTING_NAMES = Object.keys(schema.shape);

const PREFIX = "keyturn:";

/** What a stack's configuration says, checked and complete. */
export interface StackSettings extends DeploymentSettings {
  /** Where a fresh production token of a ring is had, by ring. */
  readonly samples: Readonly<Record<string, SampleAddress>>;
  /** How many endpoints one update may open or close unconfirmed. */
  readonly changesAtMost: Bound;
}

/** One misfit: where in the configuration, what is wrong, what to write. Shows no value. */
export interface SettingProblem {
  /** Full name of the setting, then members and positions. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
}

/** Settings that do not fit, all of them at once. */
export class SettingsError extends Error {
  readonly code = "SETTING_INVALID";
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ message, hint }) => `SETTING_INVALID: ${message}\n    ${hint}`).join("\n"));
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/**
 * The one reading of stack configuration, for the program, the commands and the lab.
 *
 * @param config values by full name, as texts (how the engine hands them over; maps and lists as JSON) or as YAML
 * has them. Names of other packages are passed over.
 * @param stack the stack's name
 * @throws SettingsError with every misfit; unknown names and values are misfits
 */
export function readSettings(config: Readonly<Record<string, unknown>>, stack: string): StackSettings {
  const own = Object.entries(config).filter(([name]) => name.startsWith(PREFIX));
  const values = Object.fromEntries(
    own.map(([name, value]) => [name.slice(PREFIX.length), decoded(name, value)]),
  );
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    throw new SettingsError(parsed.error.issues.flatMap((issue) => settingProblems(issue, values)));
  }
  const { zones, hosts, mode, rings, secretsStoreId, ...rest } = parsed.data;
  const differing = Object.keys(rings).length === 0 ? {} : { rings };
  return {
    environment: { stack, zones, hosts, mode, ...differing },
    ...(secretsStoreId === "" ? {} : { secretsStoreId }),
    ...rest,
  };
}

/**
 * The sample addresses alone, for commands that must work whatever else this checkout's configuration says.
 *
 * @returns the addresses, or an error with every misfit among them
 */
export function readSampleAddresses(
  config: Readonly<Record<string, unknown>>,
): StackSettings["samples"] | SettingsError {
  const samples = decoded("keyturn:samples", config["keyturn:samples"]);
  const parsed = z.object({ samples: schema.shape.samples }).safeParse({ samples });
  if (parsed.success) return parsed.data.samples;
  return new SettingsError(parsed.error.issues.flatMap((issue) => settingProblems(issue, { samples })));
}

/** A text stays one where a text is wanted; elsewhere it is the engine's JSON. */
function decoded(name: string, value: unknown): unknown {
  const member = name.slice(PREFIX.length);
  if (typeof value !== "string" || TEXTS.has(member)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const TEXTS: ReadonlySet<string> = new Set(["accountId", "changesAtMost", "mode", "secretsStoreId"]);

function distinct(
  zones: readonly { readonly id: string; readonly name: string }[],
  context: z.RefinementCtx,
) {
  for (const member of ["id", "name"] as const) {
    zones.forEach((each, index) => {
      const first = zones.findIndex((other) => other[member] === each[member]);
      if (first === index) return;
      context.addIssue({
        code: "custom",
        path: [index, member],
        message: `expected another ${member} than that of zone ${first + 1}`,
      });
    });
  }
}

type Issue = z.core.$ZodIssue;

function settingProblems(issue: Issue, values: unknown): SettingProblem[] {
  const [member, ...rest] = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  const path = member === undefined ? [] : [`${PREFIX}${member}`, ...rest];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownName(path, key));
  const named = path.length === 0 ? "the configuration" : placeName(path);
  if (issue.code === "invalid_key") {
    return [{ path, message: `${named} does not fit`, hint: issue.issues[0]?.message ?? issue.message }];
  }
  const missing = valueAt(values, issue.path) === undefined;
  return [{ path, message: `${named} ${missing ? "is missing" : "does not fit"}`, hint: issue.message }];
}

/** What stands at a place; of a text that stands for a map with one member, the text. */
function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value === "string") return value;
    return typeof value === "object" && value !== null && Object.hasOwn(value, part)
      ? Reflect.get(value, part)
      : undefined;
  }, values);
}

function knownAt(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return SETTING_NAMES;
  if (path[0] === `${PREFIX}samples`) return SAMPLE_MEMBERS;
  if (path[0] === `${PREFIX}rings`) return OVERRIDE_MEMBERS;
  return path.at(-1) === "limits" ? limits.map((limit) => limit.name) : Object.keys(zone.shape);
}

function unknownName(path: readonly (string | number)[], key: string): SettingProblem {
  const known = knownAt(path);
  const guess = nearest(key, known);
  const prefix = path.length === 0 ? PREFIX : "";
  return {
    path: [...path, `${prefix}${key}`],
    message: `${prefix}${key} is not ${path.length === 0 ? "a setting" : `a member of ${placeName(path)}`}`,
    hint: guess === undefined ? `known here: ${known.join(", ")}` : `did you mean ${prefix}${guess}?`,
  };
}

function placeName(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

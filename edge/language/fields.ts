import type { AddOn, Plan } from "../world/types.ts";
import { plans } from "./availability.ts";
import { FIELD_INDEX, FIELD_INDEX_SOURCE } from "./fieldIndex.ts";
import type { FieldReader, FieldRow, Gate } from "./fieldRow.ts";
import { bodyReaders } from "./fieldsOfBody.ts";
import { claimReaders } from "./fieldsOfClaims.ts";
import { requestReaders } from "./fieldsOfRequest.ts";
import type { Type, Value } from "./values.ts";

const readers = { ...requestReaders, ...bodyReaders, ...claimReaders };

/** Values without which a rule on a supplied field would read what no request has. Other Bools are false. */
const neutral: Readonly<Record<string, Value>> = { "cf.waf.score": 100, "cf.threat_score": 0 };

/** A field that the pipeline supplies by name (`RequestInput.others`), with the value it has otherwise. */
function supplied(name: string, type: Type): FieldReader {
  const otherwise = neutral[name] ?? (type === "Bool" ? false : undefined);
  return { read: (request) => request.input.others?.[name] ?? otherwise };
}

/**
 * Least plans in the expression of a rate limiting rule, the first pattern that fits.
 * Source: developers.cloudflare.com: waf/rate-limiting-rules (plan table), 2026-11.
 */
const rateLimitGates: readonly (readonly [RegExp, Gate])[] = [
  [/^(?:http\.request\.uri\.path(?:\.extension)?|cf\.client\.bot)$/, "free"],
  [/^http\.(?:host|request\.full_uri|request\.uri|request\.uri\.(?:query|args)(?:\.\w+)?)$/, "pro"],
  [/^(?:http\.request\.method|ip\.src|http\.user_agent|(?:raw\.)?http\.response\..+)$/, "business"],
  [/^http\.request\.(?:headers(?:\.\w+)?|jwt\..+)$/, "enterprise"],
  [/^http\.request\.body\./, "advanced"],
];

/** Least plans as a characteristic (same source); other fields need Advanced Rate Limiting. */
function characteristicGate(name: string): Gate | undefined {
  if (name === "ip.src") return "free";
  return /^http\.request\.(?:body|jwt)\./.test(name) ? "advanced" : undefined;
}

function isPlan(gate: Plan | AddOn): gate is Plan {
  return plans.some((plan) => plan === gate);
}

function indexed(
  name: string,
  type: Type,
  gate: Plan | AddOn = "free",
  places?: FieldRow["places"],
): FieldRow {
  const rateLimit = rateLimitGates.find(([pattern]) => pattern.test(name))?.[1];
  const characteristic = characteristicGate(name);
  return {
    name,
    type,
    ...(isPlan(gate) ? { plan: gate } : { plan: "enterprise", addOn: gate }),
    ...(places === undefined ? {} : { places }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(characteristic === undefined ? {} : { characteristic }),
    ...(readers[name] ?? supplied(name, type)),
    ...FIELD_INDEX_SOURCE,
  };
}

const index = FIELD_INDEX.map((row) => indexed(...row));
const claim = index.find((row) => row.name === "http.request.jwt.claims.aud") as FieldRow;

/** What works and the index does not list. */
const others: readonly FieldRow[] = [
  {
    ...claim,
    ...(claimReaders["http.request.jwt.claims"] as FieldReader),
    name: "http.request.jwt.claims",
    source: "developers.cloudflare.com: api-shield/security/jwt-validation",
  },
  // Old names of the index's ip.src.*.
  ...index
    .filter((row) => /^ip\.src\.(?:asnum|continent|country|subdivision.+|is_in.+)$/.test(row.name))
    .map((row) => ({ ...row, name: row.name.replace("ip.src", "ip.geoip") })),
  ...(["cf.colo.id", "cf.unique_visitor_id"] as const).map((name) => ({
    ...indexed(name, "String"),
    characteristic: name === "cf.colo.id" ? ("free" as const) : ("business" as const),
    characteristicOnly: true,
    source: "developers.cloudflare.com: waf/rate-limiting-rules/parameters",
  })),
];

/** Every field, by name. */
export const FIELDS: ReadonlyMap<string, FieldRow> = new Map(
  [...index, ...others].map((row) => [row.name, row]),
);

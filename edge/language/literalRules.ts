import type { FunctionRow, ParameterRow } from "./functionRow.ts";
import { LIMITS } from "./limits.ts";
import { regexProblem } from "./regex.ts";
import { elementOf } from "./values.ts";
import { wildcardProblem } from "./wildcard.ts";

type Rule = NonNullable<ParameterRow["rule"]>;
type CallRule = NonNullable<FunctionRow["rule"]>;

const bitSlice: CallRule = ([, start, end]) => {
  if (start?.kind !== "integer" || end?.kind !== "integer") return undefined;
  const width = BigInt(end.value) - BigInt(start.value);
  return width > 0n && width <= 32n ? undefined : { index: 2, must: "must be 1 to 32 bits after the start" };
};

/** A map or array whose elements are arrays or maps themselves is looked through by no value. */
const valueOfCollection: CallRule = (_, [collection, value]) => {
  if (collection === undefined || value === undefined) return undefined;
  const element = elementOf(collection.type);
  return element === value.type
    ? undefined
    : { index: 1, must: `must be of the type of the values, ${element}` };
};

function ofString(check: (value: string) => string | undefined): Rule {
  return (literal) => (literal.kind === "string" ? check(literal.value) : undefined);
}

function ofInteger(check: (value: number | bigint) => string | undefined): Rule {
  return (literal) => (literal.kind === "integer" ? check(literal.value) : undefined);
}

function between(least: number, most: number): Rule {
  return ofInteger((value) =>
    value >= least && value <= most ? undefined : `must be from ${least} to ${most}`,
  );
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Rules on literal arguments; each answers what the literal must be, or nothing when it is fine. */
export const literalRules = {
  between,
  flags: (allowed: string): Rule =>
    ofString((value) => {
      const strange =
        [...value].some((flag) => !allowed.includes(flag)) || new Set(value).size < value.length;
      return strange || value === ""
        ? `must be made of the flags ${[...allowed].join(", ")}, each at most once`
        : undefined;
    }),
  nonEmpty: ofString((value) => (value === "" ? "must not be empty" : undefined)),
  splitLimit: between(1, LIMITS.splitLimit.value),
  regex: ofString(regexProblem),
  wildcard: ofString(wildcardProblem),
  uuid: ofString((value) =>
    uuid.test(value)
      ? undefined
      : "must be the id of a token configuration, 36 characters such as 51231d16-01f1-48e3-93f8-91c99e81288e",
  ),
  bitSlice,
  valueOfCollection,
};

/** The parameters of `is_timed_hmac_valid_v0`, in the documented order. */
export function hmacArguments(
  parameter: (name: string, accepts: "String" | "Integer", more?: Partial<ParameterRow>) => ParameterRow,
): readonly ParameterRow[] {
  const key = ofString((value) => (value === "" ? "must not be empty" : undefined));
  const seconds = between(0, Number.MAX_SAFE_INTEGER);
  return [
    parameter("key", "String", { literal: "only", rule: key }),
    parameter("messageMac", "String", { literal: "never" }),
    parameter("ttl", "Integer", { literal: "only", rule: seconds }),
    parameter("currentTimestamp", "Integer", { literal: "never" }),
    parameter("lengthOfSeparator", "Integer", { literal: "only", optional: true, rule: seconds }),
    parameter("flags", "String", { literal: "only", optional: true, rule: literalRules.flags("s") }),
  ];
}

import { claimPath } from "./claimPath.ts";
import { notLiteral } from "./literals.ts";
import type { Reading } from "./reading.ts";
import type { RequireShape } from "./schema.ts";
import { show } from "./secrets.ts";
import type { ClaimRequirement } from "./types.ts";

const CLAIM_VALUE = /^[\x20\x21\x23-\x5B\x5D-\x7E]{1,200}$/;

type Wanted = NonNullable<NonNullable<RequireShape["claims"]>[string]>;

/** Reads what one claim must say; nothing where it has a problem. */
export function readClaim(
  reading: Reading,
  name: string,
  wanted: Wanted,
  at: ReturnType<Reading["file"]["source"]["at"]>,
): ClaimRequirement[] {
  const element = typeof wanted === "object" && !Array.isArray(wanted);
  const values = [element ? wanted.has : wanted].flat().filter((value) => value !== undefined);
  const path = claimPath(name);
  const faults: { readonly message: string; readonly hint: string }[] = "message" in path ? [path] : [];
  if (new Set(values.map((value) => typeof value)).size > 1) {
    faults.push({
      message: `the claim ${show(name)} is compared with texts and numbers`,
      hint: 'use one kind; a token\'s 5 and "5" are different values',
    });
  }
  const texts = values.filter((value) => typeof value === "string");
  faults.push(...texts.flatMap((value) => notLiteral(value) ?? []));
  if (texts.some((value) => notLiteral(value) === undefined && !CLAIM_VALUE.test(value))) {
    faults.push({
      message: `a value of the claim ${show(name)} cannot be compared`,
      hint: "use printable ASCII without quotes and \\",
    });
  }
  for (const { message, hint } of faults) reading.report("CLAIM_INVALID", at, message, hint);
  if ("message" in path || faults.length > 0) return [];
  return [{ path, values, ...(element ? { length: wanted.length ?? 1 } : {}) }];
}

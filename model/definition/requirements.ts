import { claimPath } from "./claimPath.ts";
import { notLiteral } from "./literals.ts";
import { listOf, type Reading, ringNamed } from "./reading.ts";
import type { RulePlace } from "./rules.ts";
import type { RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import type { ClaimRequirement, Requirement, TokenUse } from "./types.ts";

/** One scope (RFC 6749 section 3.3), without the characters that would need escaping in an expression. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/;
const CLAIM_VALUE = /^[\x20\x21\x23-\x5B\x5D-\x7E]{1,200}$/;

/** Whether a scope of others can stand in a rule. */
export function isScope(text: string): boolean {
  return SCOPE.test(text) && notLiteral(text) === undefined;
}

/** Reads what a rule requires: a token with scopes and claims, or a link. */
export function readRequirement(
  reading: Reading,
  rule: RuleShape,
  base: RulePlace,
  uses: readonly TokenUse[],
): Requirement | undefined {
  const { require } = rule;
  if (require === undefined) return undefined;
  if (require === "none") return { kind: "none" };
  const { source } = reading.file;
  const at = (...path: readonly PropertyKey[]) => source.at([...base, "require", ...path]);
  if (require.link !== undefined) {
    const others = (["ring", "scope", "claims"] as const).filter((member) => require[member] !== undefined);
    for (const other of others) {
      reading.report(
        "RING_KIND_WRONG",
        at(other),
        `a rule requires a link or a token, not both: ${other} stands beside link`,
        "write a second rule for the same match",
      );
    }
    return ringNamed(reading, require.link, "hmac", at("link"))
      ? { kind: "link", ring: require.link }
      : undefined;
  }
  if (says(source, [...base, "require", "link"])) return undefined;
  const scopes = listOf(require.scope);
  for (const scope of scopes) {
    const meant = notLiteral(scope);
    if (meant !== undefined) reading.report("SCOPE_INVALID", at("scope"), meant.message, meant.hint);
    else if (!SCOPE.test(scope)) {
      reading.report(
        "SCOPE_INVALID",
        at("scope"),
        `${show(scope)} is not one scope`,
        "write each scope as a word of its own in a list, without blanks, quotes or \\",
      );
    }
  }
  const claims = Object.entries(require.claims ?? {}).flatMap(([name, wanted]) =>
    wanted === undefined ? [] : readClaim(reading, name, wanted, at("claims", name)),
  );
  if (require.ring === undefined && says(source, [...base, "require", "ring"])) return undefined;
  const ring = require.ring ?? uses[0]?.ring;
  if (ring === undefined) {
    // Where the file names a ring and that was a problem, this would only be its echo.
    if (says(source, ["tokens"])) return undefined;
    reading.report(
      "TOKEN_RING_UNSTATED",
      at(),
      "no ring is stated for the token that this rule requires",
      "add ring: <id> here, or tokens: { ring: <id>, in: [header authorization] } at the top of the file",
    );
    return undefined;
  }
  if (require.ring !== undefined && !ringNamed(reading, require.ring, "jwt", at("ring"))) return undefined;
  return { kind: "token", ring, scopes, claims };
}

type Wanted = NonNullable<Exclude<NonNullable<RuleShape["require"]>, "none">["claims"]>[string];

function readClaim(
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

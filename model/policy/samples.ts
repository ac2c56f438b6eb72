import type { ClaimRequirement, Match, PathPattern } from "../definition/types.ts";
import { hasClaim, placed, valuesNear } from "./claimTests.ts";

/** A request that a match means. */
export function sampleOf({ methods, path }: Match): { readonly method: string; readonly path: string } {
  return { method: methods?.[0] ?? "GET", path: samplePath(path) };
}

/** A path that a pattern covers, with one text for each of its variables. */
export function samplePath({ segments, rest }: PathPattern, variable = "1"): string {
  const parts = segments.map((segment) =>
    segment === null ? variable : typeof segment === "string" ? segment : segment.pieces.join(variable),
  );
  return `/${[...parts, ...(rest ? [variable] : [])].join("/")}`;
}

/** Claims that are as all of some requirements want them, where there are such. */
export function sampleClaims(required: readonly ClaimRequirement[]): Record<string, unknown> {
  return required.reduce<Record<string, unknown>>((claims, { path }) => {
    const same = required.filter((other) => JSON.stringify(other.path) === JSON.stringify(path));
    const values = same.flatMap((each) => valuesNear(each.must).map((value) => placed(each, value)));
    const fitting = values.map((value) => withClaim(claims, path, value));
    return fitting.find((each) => same.every((claim) => hasClaim(each, claim))) ?? fitting[0] ?? claims;
  }, {});
}

/** Claims with a value at a path of member names. */
export function withClaim(
  claims: Readonly<Record<string, unknown>>,
  [name = "", ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...claims, [name]: value };
  const known = claims[name];
  const below = known !== null && typeof known === "object" ? (known as Record<string, unknown>) : {};
  return { ...claims, [name]: withClaim(below, rest, value) };
}

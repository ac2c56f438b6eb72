import type { ClaimRequirement, ClaimTest } from "../definition/types.ts";

type Claims = Readonly<Record<string, unknown>>;

/** Whether claims have one that is as required. What is missing or of another type is not. */
export function hasClaim(claims: Claims, { path, must, stands }: ClaimRequirement): boolean {
  const value = claimAt(claims, path);
  const passes = (each: unknown) => passesTest(must, each);
  switch (stands.kind) {
    case "alone":
      return passes(value);
    case "registered":
      return [value].flat().some(passes);
    case "element":
      return Array.isArray(value)
        ? value.slice(0, stands.length).some(passes)
        : stands.orAlone && passes(value);
  }
}

/** The claim of a name, or of one inside others; undefined where there is none. */
export function claimAt(claims: Claims, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner) && Object.hasOwn(inner, name)
        ? (inner as Claims)[name]
        : undefined,
    claims,
  );
}

/** Whether one value is as it must be. */
export function passesTest(test: ClaimTest, value: unknown): boolean {
  switch (test.kind) {
    case "is":
      return (test.values as readonly unknown[]).includes(value);
    case "isNot":
      return isOfTypeOf(test.values, value) && !(test.values as readonly unknown[]).includes(value);
    case "present":
      if (isWhole(value)) return test.as !== "text";
      return isText(value) && value !== "" && test.as !== "integer";
    case "within": {
      const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = test;
      return isWhole(value) && value >= least && value <= most;
    }
    case "affix":
      return isText(value) && value.startsWith(test.starts ?? "") && value.endsWith(test.ends ?? "");
  }
}

function isOfTypeOf(values: readonly (string | number)[], value: unknown): boolean {
  return typeof values[0] === "number" ? isWhole(value) : isText(value);
}

/** A text that has a form in UTF-8. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

/** A number that Cloudflare reads: whole, and of at most 64 bits. */
function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 63;
}

/** Values that may pass a test, and those beside its bounds: where two tests differ, one of these shows it. */
export function valuesNear(test: ClaimTest): readonly (string | number)[] {
  switch (test.kind) {
    case "is":
      return test.values;
    case "isNot":
      return [
        ...(typeof test.values[0] === "number" ? [Math.max(...test.values.map(Number)) + 1] : ["keyturn"]),
        ...test.values,
      ];
    case "present":
      return test.as === "integer" ? [1] : test.as === "text" ? ["keyturn"] : ["keyturn", 1];
    case "within": {
      const { least, most } = test;
      const bounds = [...(least === undefined ? [] : [least]), ...(most === undefined ? [] : [most])];
      return [...bounds, ...bounds.flatMap((bound) => [bound + 1, bound - 1])];
    }
    case "affix": {
      const { starts = "", ends = "" } = test;
      return [`${starts}keyturn${ends}`, `${starts}${ends}`];
    }
  }
}

/** A value where a claim is looked at for it, as far along as it is looked at. */
export function placed({ stands }: ClaimRequirement, value: string | number): unknown {
  switch (stands.kind) {
    case "alone":
    case "registered":
      return value;
    case "element":
      return [...Array.from({ length: stands.length - 1 }, () => ""), value];
  }
}

/** A test as people read it. */
export function testText(test: ClaimTest): string {
  switch (test.kind) {
    case "is":
      return `with ${listed(test.values)}`;
    case "isNot":
      return `other than ${listed(test.values)}`;
    case "present":
      return { either: "present", text: "that is a text", integer: "that is a whole number" }[test.as];
    case "within": {
      const { least, most } = test;
      if (most === undefined) return `of at least ${least}`;
      return least === undefined ? `of at most ${most}` : `from ${least} to ${most}`;
    }
    case "affix": {
      const { starts, ends } = test;
      return [
        ...(starts === undefined ? [] : [`beginning with ${JSON.stringify(starts)}`]),
        ...(ends === undefined ? [] : [`ending with ${JSON.stringify(ends)}`]),
      ].join(", ");
    }
  }
}

function listed(values: readonly (string | number)[]): string {
  return values.map(valued).join(" or ");
}

/** A value; a text between quotes where it could be taken for a number or for more than a value. */
function valued(value: string | number): string {
  const isPlain = typeof value === "number" || !/^-?\d+$| (?:or|and|in|of) |, |[()"]/.test(value);
  return isPlain ? String(value) : JSON.stringify(value);
}

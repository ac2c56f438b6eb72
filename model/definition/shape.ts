import type { z } from "zod";
import { unsayable } from "../facts/unsayable.ts";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { fitting } from "./fitting.ts";
import { nearest } from "./nearest.ts";
import { type FileShape, fileSchema } from "./schema.ts";
import { exampleOf, membersOf, schemasAt } from "./schemaPaths.ts";
import { show } from "./secrets.ts";
import type { Source } from "./source.ts";

/** A file with what of it has the right shape, and the places of all its values. */
export interface ShapedFile {
  readonly source: Source;
  readonly shape: FileShape;
  /** Paths of what does not fit. */
  readonly misfits: readonly (readonly PropertyKey[])[];
}

/**
 * Checks the shape of one file. All misfits come back at once; what has none is answered for further checks.
 * Nothing is answered for a file that is not YAML.
 */
export function shapeOf(source: Source): {
  readonly shaped: ShapedFile | undefined;
  readonly problems: readonly Problem[];
} {
  if (source.data === undefined && source.problems.length > 0)
    return { shaped: undefined, problems: source.problems };
  // An empty file defines nothing, which is fine.
  const data = source.data ?? {};
  const parsed = fileSchema.safeParse(data);
  const issues = parsed.error?.issues ?? [];
  return {
    shaped: {
      source,
      shape: fitting(fileSchema, data, parsed.success) ?? {},
      misfits: issues.map((issue) => issue.path),
    },
    problems: [...source.problems, ...issues.flatMap((issue) => issueProblems(issue, source, []))],
  };
}

/** Ids of all rings that a file names under `keys`, whatever their shape. */
export function ringIdsIn(source: Source): string[] {
  const keys = isMap(source.data) ? source.data.keys : undefined;
  return isMap(keys) ? Object.keys(keys) : [];
}

/** Ids of all rules that a file names, whatever their shape. */
export function ruleIdsIn(source: Source): string[] {
  return [...idsIn(source, "rules"), ...idsIn(source, "always")];
}

/** Ids of all exceptions that a file names, whatever their shape. */
export function exceptionIdsIn(source: Source): string[] {
  return idsIn(source, "except");
}

function idsIn(source: Source, member: "rules" | "always" | "except"): string[] {
  const rules = isMap(source.data) ? source.data[member] : undefined;
  return (Array.isArray(rules) ? rules : []).flatMap((rule: unknown) =>
    isMap(rule) && typeof rule.id === "string" ? [rule.id] : [],
  );
}

/** Whether all names that a file defines can be seen in it. */
export function isNameable(source: Source): boolean {
  if (source.data === undefined || source.data === null) return source.problems.length === 0;
  if (!isMap(source.data)) return false;
  const { keys, ...lists } = source.data;
  return (
    (keys === undefined || isMap(keys)) &&
    [lists.rules, lists.always].every((list) => list === undefined || Array.isArray(list))
  );
}

/** Whether a file says something for a member, of whatever shape and also where its name is misspelt. */
export function says(source: Source, path: readonly PropertyKey[]): boolean {
  const above = path.slice(0, -1);
  const parent = valueAt(source.data, above);
  // What stands in place of the map is a misfit of its own, and may have been meant to say it.
  if (!isMap(parent)) return parent !== undefined;
  const name = String(path.at(-1));
  if (Object.hasOwn(parent, name)) return true;
  const known = membersAt(above);
  return Object.keys(parent).some((key) => !known.includes(key) && nearest(key, known) === name);
}

/** The names of the members that a file has at a place, whatever is wrong with them. */
export function namesAt(source: Source, path: readonly PropertyKey[]): readonly string[] {
  const found = valueAt(source.data, path);
  return isMap(found) ? Object.keys(found) : [];
}

const knownMembers = new Map<string, readonly string[]>();

/** Names of the members that stand at a path; every element of a list has the same. */
function membersAt(path: readonly PropertyKey[]): readonly string[] {
  const place = path.map((part) => (typeof part === "number" ? 0 : String(part))).join("\0");
  const known = knownMembers.get(place) ?? membersOf(schemasAt([fileSchema], path));
  knownMembers.set(place, known);
  return known;
}

/** The text at a path of a file; undefined where there is none, or something else. */
export function textAt(source: Source, path: readonly PropertyKey[]): string | undefined {
  const value = valueAt(source.data, path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The path itself, or those of the elements of a list there. */
export function placesAt(source: Source, path: readonly PropertyKey[]): readonly (readonly PropertyKey[])[] {
  const value = valueAt(source.data, path);
  return Array.isArray(value) && value.length > 0 ? value.map((_, index) => [...path, index]) : [path];
}

type Issue = z.core.$ZodIssue;

function issueProblems(issue: Issue, source: Source, parent: readonly PropertyKey[]): Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = membersOf(schemasAt([fileSchema], path));
    return issue.keys.map((key) => {
      const reason = path[2] === "require" ? unsayable(key) : undefined;
      const guess = nearest(key, known);
      return problem(
        "MEMBER_UNKNOWN",
        source.atKey([...path, key]),
        `${show(key)} is not a member of ${placeName(path, source.data)}`,
        reason ?? (guess === undefined ? `known here: ${known.join(", ")}` : `did you mean ${guess}?`),
      );
    });
  }
  if (issue.code === "invalid_union") {
    const inner = closest(issue.errors, source.data, path);
    if (inner !== undefined) return inner.flatMap((each) => issueProblems(each, source, path));
  }
  if (issue.code === "invalid_key") {
    return [
      problem(
        "VALUE_INVALID",
        source.atKey(path),
        `a name in ${placeName(path.slice(0, -1), source.data)} is empty`,
        "give it a name",
      ),
    ];
  }
  const value = valueAt(source.data, path);
  if (value === undefined) {
    if (says(source, path)) return [];
    const name = String(path.at(-1));
    return [
      problem(
        "MEMBER_MISSING",
        source.at(path.slice(0, -1)),
        `${placeName(path.slice(0, -1), source.data)} has no ${name}`,
        `add ${name}: ${exampleOf(schemasAt([fileSchema], path)) ?? expectation(issue)}`,
      ),
    ];
  }
  return [
    problem(
      "VALUE_INVALID",
      source.at(path),
      `${placeName(path, source.data)} does not fit: ${kindOf(value)} found`,
      expectation(issue, value),
    ),
  ];
}

function expectation(issue: Issue, value?: unknown): string {
  if (typeof value === "string") {
    const guess = nearest(value, wordsOf(issue));
    if (guess !== undefined) return `${issue.message}; did you mean ${guess}?`;
  }
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) {
    if (issue.expected === "array") return "expected a list";
    if (issue.expected === "object" || issue.expected === "record") return "expected a map";
  }
  if (issue.code === "too_small" && issue.origin === "array")
    return `expected at least ${issue.minimum} in the list`;
  if (issue.code === "too_big" && issue.origin === "array")
    return `expected at most ${issue.maximum} in the list`;
  return issue.message;
}

/** The words that were expected, in any branch of a union. */
function wordsOf(issue: Issue): string[] {
  if (issue.code === "invalid_union") return issue.errors.flat().flatMap(wordsOf);
  return issue.code === "invalid_value" ? issue.values.map(String) : [];
}

/** Of a union's branches, the issues of the one whose kind the value has; undefined when the value fits none. */
function closest(
  branches: readonly (readonly Issue[])[],
  data: unknown,
  path: readonly PropertyKey[],
): readonly Issue[] | undefined {
  const value = valueAt(data, path);
  if (typeof value !== "object" || value === null) return undefined;
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
}

/** `rules[1] (orders).match` as people say it: elements count from 1 and are called by their id where they have one. */
function placeName(path: readonly PropertyKey[], data: unknown): string {
  if (path.length === 0) return "the file";
  return path
    .map((part, index) => {
      if (typeof part !== "number") return `${index === 0 ? "" : "."}${show(String(part))}`;
      const id = valueAt(data, [...path.slice(0, index + 1), "id"]);
      return `[${part + 1}]${typeof id === "string" && id !== "" ? ` (${show(id)})` : ""}`;
    })
    .join("");
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  return "true or false";
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    data,
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

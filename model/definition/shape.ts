import type { z } from "zod";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { type FileShape, fileSchema, partSchemas } from "./schema.ts";
import { exampleOf, membersOf, schemasAt } from "./schemaPaths.ts";
import { show } from "./secrets.ts";
import type { Source } from "./source.ts";

/** A file with the parts of it that have the right shape, and the places of all its values. */
export interface ShapedFile {
  readonly source: Source;
  readonly shape: FileShape;
}

/**
 * Checks the shape of one file. All misfits come back at once; parts without one are answered for further
 * checks. Nothing is answered for a file that is not YAML.
 */
export function shapeOf(source: Source): {
  readonly shape: FileShape | undefined;
  readonly problems: readonly Problem[];
} {
  if (source.problems.length > 0) return { shape: undefined, problems: source.problems };
  // An empty file defines nothing, which is fine.
  const data = source.data ?? {};
  const parsed = fileSchema.safeParse(data);
  const problems = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) => issueProblems(issue, source, []));
  return { shape: fittingParts(data), problems };
}

function fittingParts(data: unknown): FileShape {
  const members = isMap(data) ? data : {};
  const { keys, host, tokens, rules, except, cors, otherwise, mode } = members;
  const head = Object.entries({ host, tokens, cors, otherwise, mode }).filter(
    ([name, value]) => fileSchema.shape[name as "host"].safeParse(value).success,
  );
  return {
    ...(Object.fromEntries(head.filter(([, value]) => value !== undefined)) as Partial<FileShape>),
    keys: Object.fromEntries(
      Object.entries(isMap(keys) ? keys : {}).flatMap(([id, value]) => {
        const ring = fitting(partSchemas.ring, value);
        return ring === undefined ? [] : [[id, ring] as const];
      }),
    ),
    rules: (Array.isArray(rules) ? rules : []).map((value) => fitting(partSchemas.rule, value)),
    except: (Array.isArray(except) ? except : []).map((value) => fitting(partSchemas.exception, value)),
  };
}

function fitting<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** Ids of all rings that a file names under `keys`, whatever their shape. */
export function ringIdsIn(source: Source): string[] {
  const keys = isMap(source.data) ? source.data.keys : undefined;
  return isMap(keys) ? Object.keys(keys) : [];
}

/** Ids of all rules that a file names, whatever their shape. */
export function ruleIdsIn(source: Source): string[] {
  const rules = isMap(source.data) ? source.data.rules : undefined;
  return (Array.isArray(rules) ? rules : []).flatMap((rule: unknown) =>
    isMap(rule) && typeof rule.id === "string" ? [rule.id] : [],
  );
}

/** Whether all names that a file defines can be seen in it. */
export function isNameable(source: Source): boolean {
  if (source.data === undefined || source.data === null) return source.problems.length === 0;
  if (!isMap(source.data)) return false;
  const { keys, rules } = source.data;
  return (keys === undefined || isMap(keys)) && (rules === undefined || Array.isArray(rules));
}

/** Whether a file says something for a top-level member, of whatever shape. */
export function says(source: Source, member: string): boolean {
  return isMap(source.data) && source.data[member] !== undefined;
}

type Issue = z.core.$ZodIssue;

function issueProblems(issue: Issue, source: Source, parent: readonly PropertyKey[]): Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = membersOf(schemasAt([fileSchema], path));
    return issue.keys.map((key) => {
      const guess = nearest(key, known);
      return problem(
        "MEMBER_UNKNOWN",
        source.atKey([...path, key]),
        `${show(key)} is not a member of ${placeName(path)}`,
        guess === undefined ? `known here: ${known.join(", ")}` : `did you mean ${guess}?`,
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
        `a name in ${placeName(path.slice(0, -1))} is empty`,
        "give it a name",
      ),
    ];
  }
  const value = valueAt(source.data, path);
  if (value === undefined) {
    const name = String(path.at(-1));
    return [
      problem(
        "MEMBER_MISSING",
        source.at(path.slice(0, -1)),
        `${placeName(path.slice(0, -1))} has no ${name}`,
        `add ${name}: ${exampleOf(schemasAt([fileSchema], path)) ?? expectation(issue)}`,
      ),
    ];
  }
  return [
    problem(
      "VALUE_INVALID",
      source.at(path),
      `${placeName(path)} does not fit: ${kindOf(value)} found`,
      expectation(issue, value),
    ),
  ];
}

function expectation(issue: Issue, value?: unknown): string {
  if (issue.code === "invalid_value" && typeof value === "string") {
    const guess = nearest(value, issue.values.map(String));
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

/** `rules[1].match` as people say it; elements count from 1. */
function placeName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the file";
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part + 1}]` : `${index === 0 ? "" : "."}${show(String(part))}`,
    )
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

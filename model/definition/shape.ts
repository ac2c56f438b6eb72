import type { z } from "zod";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { type FileShape, fileSchema } from "./schema.ts";
import { show } from "./secrets.ts";
import type { Source } from "./source.ts";

/** A file that has the right shape, with the places of its values. */
export interface ShapedFile {
  readonly source: Source;
  readonly shape: FileShape;
}

/** Checks the shape of one file. All misfits come back at once; `shape` is undefined when there is one. */
export function shapeOf(source: Source): {
  readonly shape: FileShape | undefined;
  readonly problems: readonly Problem[];
} {
  if (source.problems.length > 0) return { shape: undefined, problems: source.problems };
  // An empty file defines nothing, which is fine.
  const parsed = fileSchema.safeParse(source.data ?? {});
  if (parsed.success) return { shape: parsed.data, problems: [] };
  return {
    shape: undefined,
    problems: parsed.error.issues.flatMap((issue) => issueProblems(issue, source, [])),
  };
}

type Issue = z.core.$ZodIssue;

function issueProblems(issue: Issue, source: Source, parent: readonly PropertyKey[]): Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const known = membersAt(fileSchema, path);
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
  if (valueAt(source.data, path) === undefined) {
    const name = String(path.at(-1));
    return [
      problem(
        "MEMBER_MISSING",
        source.at(path.slice(0, -1)),
        `${placeName(path.slice(0, -1))} has no ${name}`,
        `add ${name}: ${issue.message.replace(/^Invalid input: /, "")}`,
      ),
    ];
  }
  return [
    problem(
      "VALUE_INVALID",
      source.at(path),
      `${placeName(path)} does not fit: ${kindOf(valueAt(source.data, path))} found`,
      issue.message.replace(/^(Invalid input|Too small|Too big): /, ""),
    ),
  ];
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

/** `rules[0].match` as people say it. */
export function placeName(path: readonly PropertyKey[]): string {
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
  return typeof value === "boolean" ? "true or false" : "something else";
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    data,
  );
}

/** Names of the members that the schema knows at a path. */
function membersAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const definition = schema._zod.def as unknown as {
    readonly type: string;
    readonly shape?: Record<string, z.core.$ZodType>;
    readonly element?: z.core.$ZodType;
    readonly valueType?: z.core.$ZodType;
    readonly innerType?: z.core.$ZodType;
    readonly options?: readonly z.core.$ZodType[];
  };
  if (definition.type === "optional" && definition.innerType !== undefined)
    return membersAt(definition.innerType, path);
  if (definition.type === "union")
    return (definition.options ?? []).flatMap((option) => membersAt(option, path));
  const [first, ...rest] = path;
  if (definition.type === "object") {
    const shape = definition.shape ?? {};
    if (first === undefined) return Object.keys(shape);
    const next = shape[String(first)];
    return next === undefined ? [] : membersAt(next, rest);
  }
  const inner =
    definition.type === "array"
      ? definition.element
      : definition.type === "record"
        ? definition.valueType
        : undefined;
  const fits = definition.type === "array" ? typeof first === "number" : first !== undefined;
  return inner !== undefined && fits ? membersAt(inner, rest) : [];
}

import type { z } from "zod";
import { type AnySchema, schemaParts, unwrapped } from "./schemaPaths.ts";

/** What of a value fits its schema: a member with a misfit is absent, an element with one leaves a gap. */
export type Fitting<T> = T extends readonly (infer E)[]
  ? (Fitting<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Fitting<T[K]> | undefined }
    : T;

/**
 * The parts of a value that fit, each looked at on its own, so that no misfit hides what is said beside it.
 *
 * @param isWhole whether the schema takes the value: then it is the value itself
 */
export function fitting<S extends z.ZodType>(
  schema: S,
  value: unknown,
  isWhole: boolean,
): Fitting<z.infer<S>> | undefined {
  // Every leaf of the answer was accepted by its own schema, and every map and list has the kind of its own.
  return (isWhole ? value : fittingPart(schema, value)) as Fitting<z.infer<S>> | undefined;
}

function fittingPart(schema: AnySchema, value: unknown): unknown {
  const options = unwrapped(schema);
  for (const option of options) {
    const { type, shape, element, keyType, valueType } = schemaParts(option);
    if (type === "array" && Array.isArray(value) && element !== undefined)
      return value.map((each) => fittingPart(element, each));
    if (type !== "object" && type !== "record") continue;
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, each]) => {
        const known = keyType === undefined || fits(keyType, name);
        const member = shape === undefined ? valueType : Object.hasOwn(shape, name) ? shape[name] : undefined;
        const part = known && member !== undefined ? fittingPart(member, each) : undefined;
        return part === undefined ? [] : [[name, part]];
      }),
    );
  }
  return options.some((option) => fits(option, value)) ? value : undefined;
}

function fits(schema: AnySchema, value: unknown): boolean {
  return (schema as z.ZodType).safeParse(value).success;
}

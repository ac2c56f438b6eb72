import type { z } from "zod";

export type AnySchema = z.core.$ZodType;

interface SchemaParts {
  readonly type: string;
  readonly shape?: Readonly<Record<string, AnySchema>>;
  readonly element?: AnySchema;
  readonly keyType?: AnySchema;
  readonly valueType?: AnySchema;
  readonly innerType?: AnySchema;
  readonly options?: readonly AnySchema[];
}

/** What a schema is made of. */
export function schemaParts(schema: AnySchema): SchemaParts {
  return schema._zod.def as unknown as SchemaParts;
}

/** The schemas that stand at a path: several below a union. */
export function schemasAt(schemas: readonly AnySchema[], path: readonly PropertyKey[]): readonly AnySchema[] {
  const [first, ...rest] = path;
  const plain = schemas.flatMap(unwrapped);
  if (first === undefined) return plain;
  const below = plain.flatMap((schema) => {
    const { type, shape, element, valueType } = schemaParts(schema);
    const next =
      type === "object"
        ? shape?.[String(first)]
        : type === "array"
          ? element
          : type === "record"
            ? valueType
            : undefined;
    return next === undefined ? [] : [next];
  });
  return schemasAt(below, rest);
}

/** The schemas that one stands for: a union's branches, and what is optional. */
export function unwrapped(schema: AnySchema): readonly AnySchema[] {
  const { type, innerType, options } = schemaParts(schema);
  if (type === "optional" && innerType !== undefined) return unwrapped(innerType);
  return type === "union" ? (options ?? []).flatMap(unwrapped) : [schema];
}

/** Names of the members that these schemas know. */
export function membersOf(schemas: readonly AnySchema[]): string[] {
  return schemas.flatMap((schema) => Object.keys(schemaParts(schema).shape ?? {}));
}

/** What one may write there, from the first schema that has an example. */
export function exampleOf(schemas: readonly AnySchema[]): string | undefined {
  const metas = schemas.map((schema) => (schema as z.ZodType).meta()?.examples);
  const examples = metas.find((each): each is unknown[] => Array.isArray(each));
  return examples === undefined ? undefined : String(examples[0]);
}

export { loadDefinitions } from "./load.ts";
export { definitionJsonSchema, fileSchema } from "./schema.ts";
export type * from "./types.ts";
export { MODES } from "./types.ts";

import { resolve } from "node:path";

/** The folder of this project: where Pulumi.yaml, the stacks' files and rules/ lie. */
export const projectFolder = resolve(import.meta.dirname, "..", "..");

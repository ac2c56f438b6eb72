import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/**
 * Loads a module as Node itself does, past the test runner's transformation: Pulumi serializes the source of the
 * providers' functions, and transformed source would name variables that exist nowhere else.
 *
 * @param path relative to the project's root
 */
export function native<T>(path: string): T {
  return load(`../../${path}`) as T;
}

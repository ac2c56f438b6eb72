import type { Plan } from "../../world/types.ts";

const form = /^http\.request\.(headers|cookies)\["((?:[^"\\]|\\["\\])+)"\]\[0\]$/;

/**
 * What is wrong with a token source, or undefined. Sources have the form `field["name"][0]` with the fields
 * `http.request.headers` (keys are lower case) and `http.request.cookies` (Pro and higher).
 */
export function tokenSourceProblem(source: string, plan: Plan): string | undefined {
  const found = form.exec(source);
  if (found === null) {
    return 'must have the form http.request.headers["name"][0] or http.request.cookies["name"][0]';
  }
  const [, field, name = ""] = found;
  if (field === "headers" && name !== name.toLowerCase()) {
    return `header names are lower case here: write "${name.toLowerCase()}"`;
  }
  if (field === "cookies" && plan === "free") return "http.request.cookies needs the Pro plan or higher";
  return undefined;
}

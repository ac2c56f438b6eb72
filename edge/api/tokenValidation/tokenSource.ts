import { parseTokenSource } from "../../token/source.ts";
import type { Plan } from "../../world/types.ts";

/**
 * What is wrong with a token source, or undefined. Sources have the form `field["name"][0]` with the fields
 * `http.request.headers` (keys are lower case) and `http.request.cookies` (Pro and higher).
 */
export function tokenSourceProblem(source: string, plan: Plan): string | undefined {
  const found = parseTokenSource(source);
  if (found === undefined || found.name === "") {
    return 'must have the form http.request.headers["name"][0] or http.request.cookies["name"][0]';
  }
  const { kind, name } = found;
  if (kind === "header" && name !== name.toLowerCase()) {
    return `header names are lower case here: write "${name.toLowerCase()}"`;
  }
  if (kind === "cookie" && plan === "free") return "http.request.cookies needs the Pro plan or higher";
  return undefined;
}

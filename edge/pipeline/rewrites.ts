import type { RequestFields } from "../language/request.ts";
import { compileReader, type LanguageChoices, type Reader, textOf } from "./expressions.ts";
import type { Parameters } from "./parameters.ts";
import type { HeaderPair } from "./request.ts";

/** New path and query of a URL rewrite; undefined leaves the part as it is. */
export interface UriRewrite {
  readonly path: Reader | undefined;
  readonly query: Reader | undefined;
}

/** One header that a transform rule changes. */
export interface HeaderChange {
  readonly operation: "set" | "add" | "remove";
  readonly name: string;
  readonly value: Reader;
}

/** `{"path":{"value"|"expression"},"query":{…}}` of a URL rewrite. */
export function compileRewrite(uri: Parameters, choices: LanguageChoices): UriRewrite {
  return {
    path: uri.has("path") ? compileValue(uri.object("path"), choices) : undefined,
    query: uri.has("query") ? compileValue(uri.object("query"), choices) : undefined,
  };
}

/** `{"<name>":{"operation","value"|"expression"}}` of a header transform. */
export function compileHeaderChanges(headers: Parameters, choices: LanguageChoices): readonly HeaderChange[] {
  return headers.entries().map(([name]) => {
    const change = headers.object(name);
    const operation = change.string("operation");
    return {
      operation: operation === "remove" || operation === "add" ? operation : "set",
      name,
      value: compileValue(change, choices),
    };
  });
}

/**
 * Applies changes in order. A dynamic value that is missing or empty removes the header: it is set to nothing, so no
 * value of the client's survives (developers.cloudflare.com/rules/transform, asOf 2026-11: empty values remove).
 */
export function changeHeaders(
  headers: readonly HeaderPair[],
  changes: readonly HeaderChange[],
  fields: RequestFields,
): readonly HeaderPair[] {
  let changed = headers;
  for (const change of changes) {
    const name = change.name.toLowerCase();
    const value = change.operation === "remove" ? "" : textOf(change.value(fields));
    if (change.operation !== "add") changed = changed.filter((pair) => pair[0].toLowerCase() !== name);
    if (value !== "") changed = [...changed, [change.name, value]];
  }
  return changed;
}

/** A reader of `value` (static) or `expression` (dynamic). */
export function compileValue(parameters: Parameters, choices: LanguageChoices): Reader {
  const expression = parameters.string("expression");
  if (expression !== undefined) return compileReader(expression, choices);
  const value = parameters.string("value") ?? "";
  return () => value;
}

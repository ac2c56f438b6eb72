import type { RequestFields } from "../language/request.ts";
import { type LanguageChoices, type Reader, textOf } from "./expressions.ts";
import type { Reply } from "./pages.ts";
import type { Parameters } from "./parameters.ts";
import { compileValue } from "./rewrites.ts";

/** A dynamic redirect: `from_value` of the action `redirect`. */
export interface Redirect {
  readonly status: number;
  readonly target: Reader;
  readonly preserveQuery: boolean;
}

export function compileRedirect(fromValue: Parameters, choices: LanguageChoices): Redirect {
  return {
    status: fromValue.number("status_code") ?? 301,
    target: compileValue(fromValue.object("target_url"), choices),
    preserveQuery: fromValue.boolean("preserve_query_string") ?? false,
  };
}

/** The answer that sends a client elsewhere. */
export function redirectReply(redirect: Redirect, fields: RequestFields): Reply {
  const target = textOf(redirect.target(fields));
  const query = redirect.preserveQuery && fields.query !== "" ? fields.query : "";
  const location = query === "" ? target : `${target}${target.includes("?") ? "&" : "?"}${query}`;
  return { status: redirect.status, headers: [["location", location]], body: "" };
}

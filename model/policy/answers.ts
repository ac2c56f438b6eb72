import type { HostDefinition, Rule } from "../definition/types.ts";
import { DEFAULT_ANSWERS, problemBody, type Reason } from "../facts/answers.ts";

/** A refusal as the client sees it. */
export interface Answer {
  readonly status: number;
  readonly type: "application/json" | "text/plain" | "text/html";
  readonly body: string;
}

/**
 * What is answered for a reason: as the rule says, else as its host says, else a problem of RFC 9457. A 404 in place of
 * another status reads as what nothing lists, so that nobody can tell the two apart.
 */
export function answerOf(host: HostDefinition, rule: Rule | undefined, reason: Reason): Answer {
  const usual = DEFAULT_ANSWERS[reason];
  const stated = rule?.answers[reason] ?? host.answers[reason];
  const { status = usual.status, body, detail } = stated ?? {};
  if (body !== undefined) return { status, ...body };
  if (detail === undefined && status === 404 && reason !== "unlisted") {
    const unlisted = answerOf(host, undefined, "unlisted");
    if (unlisted.status === 404) return unlisted;
  }
  return {
    status,
    type: "application/json",
    body: problemBody(status, usual.error, detail ?? usual.detail),
  };
}

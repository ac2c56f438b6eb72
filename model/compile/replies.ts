import { createHash } from "node:crypto";
import type { HostDefinition, Rule } from "../definition/types.ts";
import { DEFAULT_ANSWERS, problemBody, type Reason } from "../facts/answers.ts";
import { answerOf } from "../policy/answers.ts";
import type { Timed } from "../policy/overTime.ts";
import { duringName } from "./during.ts";
import type { Reply } from "./types.ts";
import type { OnHost } from "./zoneInput.ts";

/** What a valid token or link of the ring gets at the canary path. Match status and body exactly. */
export function canaryAccepted(ring: string): Reply {
  return { status_code: 418, content_type: "text/plain", content: `keyturn: accepted ${ring}` };
}

/** What anything else gets there. */
export const CANARY_REFUSED: Reply = {
  status_code: 403,
  content_type: "text/plain",
  content: "keyturn: refused",
};

/** The reply of a rule that refuses for a reason, as a rule or its host says it. */
export function replyFor(host: HostDefinition, rule: Rule | undefined, reason: Reason): Reply {
  const { status, type, body } = answerOf(host, rule, reason);
  return { status_code: status, content_type: type, content: body };
}

/** A part of a `ref` for a reply that is not the usual one; empty for that. */
export function replyName(reply: Reply, reason: Reason): string {
  const { status, error, detail } = DEFAULT_ANSWERS[reason];
  const usual = problemBody(status, error, detail);
  if (reply.status_code === status && reply.content === usual) return "";
  return `/answer-${createHash("sha256").update(JSON.stringify(reply)).digest("hex").slice(0, 8)}`;
}

/** What one rule has to say on several hosts, apart where it holds at another time or is answered otherwise. */
export function apart<T extends Timed<OnHost>>(
  some: readonly T[],
  reason: Reason,
): readonly (readonly [T, ...T[]])[] {
  const groups = Map.groupBy(
    some,
    ({ host, rule, during }) => `${duringName(during)}${replyName(replyFor(host, rule, reason), reason)}`,
  );
  return [...groups.values()]
    .flatMap(([first, ...others]): (readonly [T, ...T[]])[] =>
      first === undefined ? [] : [[first, ...others]],
    )
    .sort(([a], [b]) => (a.during.from ?? 0) - (b.during.from ?? 0));
}

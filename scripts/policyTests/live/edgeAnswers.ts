import type { DesiredZone } from "../../../model/compile/types.ts";
import type { LiveAnswer } from "./sendRequest.ts";

type Answered = Extract<LiveAnswer, { readonly status: number }>;

/**
 * Whether an answer is one that rules of these zones give, and not the origin's. A rule without a reply of its own,
 * since its plan has none, answers with Cloudflare's page: any 403 is taken for that.
 */
export function edgeAnswersOf(zones: readonly DesiredZone[]): (answer: Answered, method: string) => boolean {
  const rules = zones.flatMap((zone) => Object.values(zone.rules).flat());
  const replies = rules.flatMap(({ action_parameters }) => action_parameters?.response ?? []);
  const plain = rules.some((rule) => rule.action === "block" && rule.action_parameters === undefined);
  return ({ status, headers, body }, method) => {
    // developers.cloudflare.com/cloudflare-challenges: the header of a challenge page, as of 2026-11.
    if (headers["cf-mitigated"] === "challenge") return true;
    if (plain && status === 403) return true;
    return replies.some(
      (reply) => reply.status_code === status && (method === "HEAD" || reply.content === body),
    );
  };
}

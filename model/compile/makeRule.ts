import type { Mode } from "../definition/types.ts";
import { hasFeature } from "../facts/limits.ts";
import { ringsIn } from "../facts/placeholders.ts";
import type { Position } from "../problem/problem.ts";
import { effectOf } from "./effects.ts";
import type { Branch, DesiredRule, Reply } from "./types.ts";
import type { ZoneInput } from "./zoneInput.ts";

/** A rule before its mode has become an action. */
export interface RuleDraft {
  readonly name: string;
  readonly mode: Mode;
  readonly reply: Reply;
  readonly description: string;
  readonly expression: string;
  readonly branches: readonly Branch[];
  readonly at: Position;
  readonly ratelimit?: DesiredRule["ratelimit"];
}

/** Longest description of a rule; what is longer is cut, since Cloudflare states no limit for it. */
const DESCRIPTION_LENGTH = 200;

/** Gives a draft its action, reply and `ref`; nothing for a mode of `off`. */
export function makeRule(input: ZoneInput, draft: RuleDraft): DesiredRule[] {
  const effect = effectOf(draft.mode, input.zone);
  if (effect === undefined) return [];
  const replies = effect.action === "block" && hasFeature(input.zone, "customResponse");
  const text = `keyturn ${draft.description}`;
  const quoted = [draft.expression, ...(draft.ratelimit?.characteristics ?? [])].join(" ");
  return [
    {
      ref: `keyturn:${input.environment.stack}:${draft.name}`,
      description: text.length <= DESCRIPTION_LENGTH ? text : `${text.slice(0, DESCRIPTION_LENGTH - 3)}...`,
      expression: draft.expression,
      action: effect.action,
      ...(replies ? { action_parameters: { response: draft.reply } } : {}),
      ...(draft.ratelimit === undefined ? {} : { ratelimit: draft.ratelimit }),
      enabled: effect.enabled,
      rings: ringsIn(quoted),
      branches: draft.branches,
      at: draft.at,
    },
  ];
}

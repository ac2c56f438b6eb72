import { z } from "zod";
import { TOKEN_RULES_PHASE } from "../../language/phases.ts";
import type { TokenRule } from "../../world/types.ts";
import type { Problem } from "../errors.ts";
import { expressionProblems } from "../expressions.ts";
import type { ZoneCall } from "../route.ts";

/** Include by host, exclude by operation id, never the other way round. Both may be missing or null. */
export const selectorSchema = z.object({
  include: z
    .array(z.strictObject({ host: z.array(z.string()).optional() }))
    .nullable()
    .optional(),
  exclude: z
    .array(z.strictObject({ operation_ids: z.array(z.string()).optional() }))
    .nullable()
    .optional(),
});

/** Where a rule goes: exactly one of the three. */
export const rulePosition = z.union([
  z.strictObject({ index: z.number().int() }),
  z.strictObject({ before: z.string() }),
  z.strictObject({ after: z.string() }),
]);

/** The members of a rule, all required on create. */
function ruleSchema(call: ZoneCall) {
  return z.object({
    title: z.string().min(1).max(call.limit("titleLength")),
    description: z.string().max(call.limit("descriptionLength")),
    action: z.enum(["log", "block"]),
    enabled: z.boolean(),
    expression: z.string().min(1),
    selector: selectorSchema,
  });
}

/** What is sent to create a rule: the provider sends `position` then too. */
export function newRuleSchema(call: ZoneCall) {
  return ruleSchema(call).extend({ position: rulePosition.nullish() });
}

/** A change: what is left out stays. */
export function ruleChangeSchema(call: ZoneCall) {
  return newRuleSchema(call).partial();
}

/** A selector without members that are undefined, as the world stores it. */
export function selectorOf(sent: z.infer<typeof selectorSchema>): TokenRule["selector"] {
  return JSON.parse(JSON.stringify(sent)) as TokenRule["selector"];
}

/** What is wrong with a rule's expression and selector. `prefix` is the JSON pointer of the rule. */
export function ruleProblems(
  call: ZoneCall,
  rule: Pick<TokenRule, "expression" | "selector">,
  prefix: string,
): readonly Problem[] {
  return [
    ...expressionProblems(rule.expression, {
      phase: TOKEN_RULES_PHASE,
      use: "filter",
      // Whoever may have rules at all has their functions: with API Shield, or on trial.
      subject: { ...call.zone, addOns: [...call.zone.addOns, "api_shield"] },
      language: call.language,
      tokenConfigurations: call.parts.tokenConfigurations.map((each) => each.id),
      lists: call.world.account(call.zone.accountId).lists,
      pointer: `${prefix}/expression`,
    }),
  ];
}

import { z } from "zod";

const text = z.string().nullish();

/** A rate limit as it is sent. Ranges depend on the plan and are checked elsewhere. */
const sentRateLimit = z.looseObject({
  characteristics: z.array(z.string()),
  period: z.number().int(),
  requests_per_period: z.number().int().min(1).nullish(),
  mitigation_timeout: z.number().int().min(0).nullish(),
  counting_expression: text,
  requests_to_origin: z.boolean().nullish(),
  score_per_period: z.number().int().min(1).nullish(),
  score_response_header_name: text,
});

/** Where a rule shall go: exactly one of the three. */
export const sentPosition = z.union([
  z.strictObject({ before: z.string() }),
  z.strictObject({ after: z.string() }),
  z.strictObject({ index: z.number().int() }),
]);

/**
 * A rule as it is sent. Members that this edge does not know (`exposed_credential_check`, `categories`, …) are kept and
 * answered as they are; those that the API computes (`version`, `last_updated`) are ignored.
 */
export const sentRule = z.looseObject({
  id: text,
  ref: z.string().min(1).nullish(),
  action: z.string(),
  action_parameters: z.record(z.string(), z.unknown()).nullish(),
  expression: z.string(),
  description: text,
  enabled: z.boolean().nullish(),
  logging: z.looseObject({ enabled: z.boolean() }).nullish(),
  ratelimit: sentRateLimit.nullish(),
});

/** A ruleset as it is sent to POST. */
export const sentRuleset = z.object({
  name: z.string().min(1),
  kind: z.string(),
  phase: z.string(),
  description: text,
  rules: z.array(sentRule).nullish(),
});

/** A ruleset as it is sent to PUT: what is immutable may be repeated. */
export const sentRulesetChange = z.object({
  name: text,
  kind: text,
  phase: text,
  description: text,
  rules: z.array(sentRule).nullish(),
});

export type SentRule = z.infer<typeof sentRule>;
export type SentRulesetChange = z.infer<typeof sentRulesetChange>;
export type SentPosition = z.infer<typeof sentPosition>;

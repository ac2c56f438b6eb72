import { z } from "zod";
import type { RulesetRule } from "../../world/types.ts";
import { type Problem, problem } from "../errors.ts";
import { expressionProblems } from "../expressions.ts";
import type { RulePlace } from "./target.ts";

const contentTypes = ["text/html", "text/plain", "application/json", "text/xml"] as const;

/** The custom reply of a block rule; all three are required. Source: types of the SDK cloudflare 7.3.0. */
const blockParameters = z.object({
  response: z
    .object({
      status_code: z.number().int().min(400).max(499),
      content: z.string(),
      content_type: z.enum(contentTypes),
    })
    .optional(),
});

const errorParameters = z.object({
  content: z.string().min(1).optional(),
  asset_name: z.string().min(1).optional(),
  content_type: z.enum(contentTypes),
  status_code: z.number().int().min(400).max(999).optional(),
});

/** Source: developers.cloudflare.com: WAF, skip options (asOf 2026-11). */
const skipParameters = z
  .object({
    ruleset: z.literal("current").optional(),
    phase: z.literal("current").optional(),
    phases: z
      .array(z.enum(["http_ratelimit", "http_request_sbfm", "http_request_firewall_managed"]))
      .optional(),
    products: z
      .array(z.enum(["bic", "hot", "rateLimit", "securityLevel", "uaBlock", "waf", "zoneLockdown"]))
      .optional(),
    rulesets: z.array(z.string()).optional(),
    rules: z.record(z.string(), z.array(z.string())).optional(),
  })
  .refine((sent) => Object.values(sent).some((each) => each !== undefined), "must say what to skip")
  .refine((sent) => sent.phases === undefined || sent.rulesets === undefined, "phases excludes rulesets");

/** A value that is given (`value`) or computed (`expression`). */
const valueOrExpression = z.union([
  z.strictObject({ value: z.string() }),
  z.strictObject({ expression: z.string() }),
]);

const headerChange = z.union([
  z.strictObject({ operation: z.literal("remove") }),
  z.strictObject({ operation: z.enum(["set", "add"]), value: z.string() }),
  z.strictObject({ operation: z.enum(["set", "add"]), expression: z.string() }),
]);

const rewriteParameters = z.object({
  headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), headerChange).optional(),
  uri: z.object({ path: valueOrExpression.optional(), query: valueOrExpression.optional() }).optional(),
});

const redirectParameters = z.object({
  from_value: z
    .object({
      status_code: z.union([301, 302, 303, 307, 308].map((each) => z.literal(each))).optional(),
      target_url: valueOrExpression,
      preserve_query_string: z.boolean().optional(),
    })
    .optional(),
  from_list: z.object({ name: z.string(), key: z.string() }).optional(),
});

/** The parameters of each action that has some which are checked; others are stored as they are sent. */
const schemas = new Map<string, z.ZodType>([
  ["block", blockParameters],
  ["serve_error", errorParameters],
  ["skip", skipParameters],
  ["execute", z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, "must be the id of a ruleset") })],
  ["rewrite", rewriteParameters],
  ["redirect", redirectParameters],
]);

/** What is wrong with the parameters of a rule's action. */
export function actionProblems(place: RulePlace, rule: RulesetRule): readonly Problem[] {
  const schema = schemas.get(rule.action);
  if (schema === undefined) return [];
  const pointer = `${place.pointer}/action_parameters`;
  const outcome = schema.safeParse(rule.action_parameters ?? {});
  if (!outcome.success) {
    return outcome.error.issues.map((issue) => {
      const where = ["action_parameters", ...issue.path.map(String)].join(".");
      return problem(
        "invalidMember",
        { where, what: issue.message },
        [pointer, ...issue.path.map(String)].join("/"),
      );
    });
  }
  return [
    ...bodyProblems(place, rule, pointer),
    ...skipProblems(place, rule, pointer),
    ...executeProblems(place, rule, pointer),
    ...valueProblems(place, rule.action_parameters, pointer),
  ];
}

/** A block response needs Pro; its body is limited, in rate limiting more generously. */
function bodyProblems({ call, phase }: RulePlace, rule: RulesetRule, pointer: string): readonly Problem[] {
  const response = rule.action_parameters?.response as { readonly content: string } | undefined;
  if (rule.action !== "block" || response === undefined) return [];
  const { plan } = call.subject;
  const limit = call.limit(phase === "http_ratelimit" ? "rateLimitBodyBytes" : "blockBodyBytes");
  const length = Buffer.byteLength(response.content);
  return [
    ...(plan === "free"
      ? [problem("planTooLow", { what: "a custom block response", plan }, `${pointer}/response`)]
      : []),
    ...(length > limit
      ? [problem("valueTooLong", { where: "content", length, limit }, `${pointer}/response/content`)]
      : []),
  ];
}

/** `phase: "current"` exists in the zone's custom rules only. */
function skipProblems({ call, phase }: RulePlace, rule: RulesetRule, pointer: string): readonly Problem[] {
  const isAllowed = call.scope === "zone" && phase === "http_request_firewall_custom";
  if (rule.action !== "skip" || rule.action_parameters?.phase === undefined || isAllowed) return [];
  const values = {
    value: "current",
    member: "phase",
    why: "only custom rules of a zone can skip their phase",
  };
  return [problem("invalidValue", values, `${pointer}/phase`)];
}

/** In the phase of custom rules `execute` runs a custom ruleset of this zone or account. */
function executeProblems({ call, phase }: RulePlace, rule: RulesetRule, pointer: string): readonly Problem[] {
  if (rule.action !== "execute" || phase !== "http_request_firewall_custom") return [];
  const id = String(rule.action_parameters?.id);
  const reachable = [...call.parts.rulesets, ...call.world.account(call.accountId).rulesets];
  if (reachable.some((each) => each.id === id && each.kind === "custom" && each.phase === phase)) return [];
  const why = "there is no custom ruleset of this phase with this id";
  return [problem("invalidValue", { value: id, member: "id", why }, `${pointer}/id`)];
}

/** The values that members `expression` inside the parameters yield. */
function valueProblems(place: RulePlace, value: unknown, pointer: string): readonly Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const here = `${pointer}/${name}`;
    if (name !== "expression" || typeof member !== "string") return valueProblems(place, member, here);
    return expressionProblems(member, {
      phase: place.phase,
      use: "value",
      subject: place.call.subject,
      language: place.call.language,
      lists: [],
      // A header may be set to an address as it is; every other value has to be a string.
      result: pointer.includes("/headers/") ? ["String", "IP"] : "String",
      pointer: here,
    });
  });
}

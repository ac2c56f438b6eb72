import { inFront } from "../../infra/providers/ruleText.ts";
import { CUSTOM_PHASE, EARLIER_PHASES, PHASES } from "../../model/facts/phases.ts";
import type { UpdatePlan } from "../../model/update/plan.ts";
import type { LiveRule, RotationWorld } from "./world.ts";

/** Somebody else's rule that acts before ours do. */
export interface RuleInFront {
  /** RULES_OVERTAKEN: it stands in the same phase, and an `up` puts ours first. RULES_PRECEDED: nothing of ours can. */
  readonly code: "RULES_OVERTAKEN" | "RULES_PRECEDED";
  readonly message: string;
}

/**
 * What of others acts before our rules: in the same phase of a zone, in an earlier phase, or in the account's rules.
 * What the token may not read is said to be unread.
 *
 * @throws the API's error where it cannot be read at all
 */
export async function rulesInFront(
  world: Pick<RotationWorld, "engine" | "liveRules">,
  { desired, settings }: Pick<UpdatePlan, "desired" | "settings">,
): Promise<readonly RuleInFront[]> {
  const owner = { refPrefix: `keyturn:${settings.environment.stack}:` };
  const found: RuleInFront[] = [];
  for (const { zoneId, zoneName } of desired.zones) {
    for (const phase of PHASES) {
      const present = await world.liveRules({ zone_id: zoneId }, phase);
      const overtaking = inFront(present, owner);
      found.push(...overtaking.map((rule) => overtaken(rule as LiveRule, phase, zoneName)));
    }
    for (const { phase, does } of EARLIER_PHASES)
      found.push(...(await earlier(world, { zone_id: zoneId }, phase, does, `zone ${zoneName}`)));
  }
  const account = { account_id: settings.accountId };
  if (desired.zones.length > 0)
    found.push(...(await earlier(world, account, CUSTOM_PHASE, "acts on requests", "the account")));
  return found;
}

function overtaken(rule: LiveRule, phase: string, zone: string): RuleInFront {
  const effect =
    rule.action === "skip" || rule.action === "execute"
      ? "what it matches may pass without a token"
      : "it answers in the place of ours, the canary's too";
  return {
    code: "RULES_OVERTAKEN",
    message: `${named(rule)} of somebody else stands in front of ours in phase ${phase} of zone ${zone}: ${effect}. \`pulumi up\` puts ours first and leaves it as it is; then find out who put it there`,
  };
}

async function earlier(
  world: Pick<RotationWorld, "liveRules">,
  scope: Parameters<RotationWorld["liveRules"]>[0],
  phase: string,
  does: string,
  where: string,
): Promise<RuleInFront[]> {
  const rules = await world.liveRules(scope, phase).catch((error: { readonly status?: number }) => {
    if (error.status === 403) return undefined;
    throw error;
  });
  if (rules === undefined)
    return [
      {
        code: "RULES_PRECEDED",
        message: `the rules of phase ${phase} of ${where} act before ours, and the API token may not read them: what they do is not known`,
      },
    ];
  const acting = rules.filter((rule) => rule.enabled && rule.action !== "log");
  return acting.map((rule) => ({
    code: "RULES_PRECEDED",
    message: `${named(rule)} in phase ${phase} of ${where} ${does} before ours see them, and no order of ours changes that: where it matches a canary path nothing is proved. Except \`/.well-known/keyturn/\` in its expression`,
  }));
}

function named({ ref, action }: LiveRule): string {
  return `rule ${ref} (${action})`;
}

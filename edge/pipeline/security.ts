import type { Choices } from "../choices.ts";
import { TOKEN_RULES_PHASE } from "../language/phases.ts";
import type { BlockResponse } from "./actions.ts";
import { type ChallengeLevel, CLEARANCE_COOKIE, type Clearances } from "./clearance.ts";
import type { CompiledRule } from "./compiledRule.ts";
import type { RequestContext } from "./context.ts";
import { type CustomPageSource, challengeReply, defaultBlockReply } from "./interstitials.ts";
import { page, type Reply } from "./pages.ts";
import { CUSTOM_RULES_PHASE, RATE_LIMITS_PHASE } from "./phases.ts";
import type { RateLimits } from "./rateLimits.ts";
import type { Recorder } from "./recorder.ts";
import { runPhase } from "./runPhase.ts";
import { firedTokenRule } from "./tokenRules.ts";
import type { RuleHit } from "./verdict.ts";

/** A request that ended before the origin. */
export interface Refusal {
  readonly outcome: "blocked" | "challenged";
  readonly hit: RuleHit;
  readonly reply: Reply;
  /** A custom reply, which custom error rules may replace; default pages they may not. */
  readonly custom: boolean;
}

export interface SecurityParts {
  readonly choices: Choices;
  readonly clearances: Clearances;
  readonly rateLimits: RateLimits;
  readonly recorder: Recorder;
  readonly pages: CustomPageSource;
}

/** The phases that may refuse a request, by name. */
export interface Security {
  customRules(context: RequestContext): Refusal | undefined;
  rateLimits(context: RequestContext): Refusal | undefined;
  tokenRules(context: RequestContext): Refusal | undefined;
}

export function createSecurity(parts: SecurityParts): Security {
  const { choices, clearances, recorder, pages } = parts;

  function passedChallenge(context: RequestContext, level: ChallengeLevel): boolean {
    const { zone, visitor, nowMs, fields } = context;
    const cookies = fields.cookies.get(CLEARANCE_COOKIE) ?? [];
    return cookies.some((value) => clearances.passes(value, zone.id, visitor.ip, level, nowMs));
  }

  /** Carries out block, challenge, log and skip; the answer ends the request. */
  function act(rule: CompiledRule, context: RequestContext): Refusal | undefined {
    const { action, hit } = rule;
    const silent = rule.rule.logging?.enabled === false;
    switch (action.kind) {
      case "block": {
        const reply = action.response
          ? customReply(action.response)
          : defaultBlockReply(context, hit.phase, pages, choices);
        const refusal = { outcome: "blocked", hit, reply, custom: action.response !== undefined } as const;
        recorder.hit(context, hit, { status: refusal.reply.status, silent });
        return refusal;
      }
      case "challenge": {
        if (passedChallenge(context, action.level)) return undefined;
        const reply = challengeReply(context, action.level, pages, choices);
        recorder.hit(context, hit, { status: reply.status, silent });
        return { outcome: "challenged", hit, reply, custom: false };
      }
      default:
        recorder.hit(context, hit, { silent });
        return undefined;
    }
  }

  const byExpression = {
    applies: (rule: CompiledRule, context: RequestContext) => rule.matches(context.fields),
    act,
  };
  const byCounter = {
    applies: (rule: CompiledRule, context: RequestContext) =>
      rule.action.kind === "execute"
        ? rule.matches(context.fields)
        : parts.rateLimits.exceeded(rule, context),
    act(rule: CompiledRule, context: RequestContext) {
      if (rule.action.kind === "challenge" && passedChallenge(context, rule.action.level)) {
        // developers.cloudflare.com/waf/rate-limiting-rules: a passed challenge resets the counter (asOf 2026-11).
        parts.rateLimits.reset(rule, context);
        return undefined;
      }
      const refusal = act(rule, context);
      return refusal && withRetryAfter(refusal, rule);
    },
  };

  /** RFC 9110 §10.2.3: how long the client should wait. */
  function withRetryAfter(refusal: Refusal, rule: CompiledRule): Refusal {
    const times = rule.rateLimit?.times;
    if (times === undefined || refusal.outcome !== "blocked") return refusal;
    const retryAfter = [
      "retry-after",
      String(Math.ceil((times.mitigationMs || times.periodMs) / 1000)),
    ] as const;
    return { ...refusal, reply: { ...refusal.reply, headers: [...refusal.reply.headers, retryAfter] } };
  }

  return {
    customRules: (context) => runPhase(CUSTOM_RULES_PHASE, context, choices, byExpression),
    rateLimits: (context) => runPhase(RATE_LIMITS_PHASE, context, choices, byCounter),
    tokenRules(context) {
      const fired = firedTokenRule(context.plan.tokenRules, context.plan.operations, context.fields);
      if (fired === undefined) return undefined;
      const { hit } = fired;
      if (fired.rule.action === "log") {
        recorder.hit(context, hit, {});
        return undefined;
      }
      const reply = defaultBlockReply(context, TOKEN_RULES_PHASE, pages, choices);
      recorder.hit(context, hit, { status: reply.status });
      return { outcome: "blocked", hit, reply, custom: false };
    },
  };
}

function customReply(response: BlockResponse): Reply {
  return page(response.statusCode, response.contentType, response.content);
}

import type { Choices } from "../choices.ts";
import { TOKEN_RULES_PHASE } from "../language/phases.ts";
import type { RequestContext } from "./context.ts";
import type { EventLog, SecurityEvent, TokenTrace } from "./events.ts";
import { EVENT_NAMES } from "./phases.ts";
import type { Plan } from "./plan.ts";
import type { RuleHit } from "./verdict.ts";

/** Writes down what rules did to requests. */
export interface Recorder {
  hit(
    context: RequestContext,
    hit: RuleHit,
    about: { readonly status?: number; readonly silent?: boolean },
  ): void;
  /** What matched so far. */
  hits(context: RequestContext): readonly RuleHit[];
  /** Rules in force that do not compile, at the first request that should have met them. */
  invalidRules(context: RequestContext): void;
  /** Invalid tokens that no rule acted on. */
  violations(context: RequestContext): void;
}

/** No action of Cloudflare's: see the choice `uncompilableRule`. */
const INVALID = "invalid";

export function createRecorder(events: EventLog, choices: Choices): Recorder {
  const reported = new WeakSet<Plan>();
  const hits = new WeakMap<RequestContext, RuleHit[]>();

  function add(
    context: RequestContext,
    hit: Partial<RuleHit>,
    phase: string,
    action: string,
    status?: number,
  ): void {
    const names =
      EVENT_NAMES.get(phase) ?? (action === INVALID ? { source: phase, service: phase } : undefined);
    if (names === undefined) return;
    const { fields, visitor, zone, received } = context;
    const event: SecurityEvent = {
      datetime: new Date(context.nowMs).toISOString(),
      zoneId: zone.id,
      pop: visitor.pop,
      ray: context.ray,
      ...names,
      phase,
      action,
      ...(hit.rulesetId === undefined ? {} : { rulesetId: hit.rulesetId }),
      ...(hit.ruleId === undefined ? {} : { ruleId: hit.ruleId }),
      ...(hit.ref === undefined ? {} : { ref: hit.ref }),
      ...(hit.description === undefined ? {} : { description: hit.description }),
      method: received.method,
      host: received.host,
      path: fields.path,
      ip: visitor.ip,
      country: visitor.country,
      ...(status === undefined ? {} : { status }),
      tokens: traceTokens(context),
    };
    events.add(event);
  }

  return {
    hit(context, hit, about) {
      const seen = hits.get(context);
      if (seen === undefined) hits.set(context, [hit]);
      else seen.push(hit);
      if (about.silent !== true) add(context, hit, hit.phase, hit.action, about.status);
    },
    invalidRules(context) {
      const { plan } = context;
      if (plan.invalid.length === 0 || reported.has(plan)) return;
      reported.add(plan);
      for (const hit of plan.invalid) add(context, hit, hit.phase, INVALID);
    },
    hits: (context) => hits.get(context) ?? [],
    violations(context) {
      if (choices.violationWithoutRule === "none") return;
      const traces = traceTokens(context);
      // A token of one configuration is no violation for being unknown to the others.
      if (traces.length === 0 || traces.some((trace) => trace.valid)) return;
      if (hits.get(context)?.some((hit) => hit.phase === TOKEN_RULES_PHASE)) return;
      add(context, {}, TOKEN_RULES_PHASE, "log");
    },
  };
}

/** What is told about the tokens that a request carries. */
export function traceTokens(context: RequestContext): readonly TokenTrace[] {
  const traces: TokenTrace[] = [];
  for (const id of context.tokens.ids) {
    const verdict = context.tokens.verdict(id);
    if (verdict === undefined || !verdict.present) continue;
    if (!verdict.valid) {
      traces.push({ configuration: id, valid: false, problem: verdict.problem });
      continue;
    }
    const { sub } = verdict.claims;
    traces.push({
      configuration: id,
      valid: true,
      ...(typeof sub === "string" ? { sub } : {}),
      claims: Object.keys(verdict.claims),
    });
  }
  return traces;
}

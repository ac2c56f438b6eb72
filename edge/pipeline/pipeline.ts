import type { Choices } from "../choices.ts";
import { TOKEN_RULES_PHASE } from "../language/phases.ts";
import type { CacheSettings, OriginOverride } from "./actions.ts";
import type { EdgeCache } from "./cache.ts";
import type { CompiledRule } from "./compiledRule.ts";
import { changeFields, type RequestContext } from "./context.ts";
import { type Origin, type OriginResponse, originRequest } from "./origin.ts";
import { page, type Reply } from "./pages.ts";
import { CUSTOM_RULES_PHASE, RATE_LIMITS_PHASE, REQUEST_PHASES } from "./phases.ts";
import type { RateLimits } from "./rateLimits.ts";
import type { Recorder } from "./recorder.ts";
import { redirectReply } from "./redirects.ts";
import type { HeaderPair } from "./request.ts";
import { changeHeaders } from "./rewrites.ts";
import { runPhase } from "./runPhase.ts";
import type { Security } from "./security.ts";
import type { RuleHit, Verdict } from "./verdict.ts";

/** The end of a request: what is answered, and why. */
export interface Ending {
  readonly outcome: Verdict["outcome"];
  readonly decidedBy?: RuleHit;
  readonly response: OriginResponse;
  readonly cacheStatus?: "HIT" | "MISS" | "DYNAMIC";
}

export interface PipelineParts {
  readonly choices: Choices;
  readonly security: Security;
  readonly rateLimits: RateLimits;
  readonly recorder: Recorder;
  readonly cache: EdgeCache;
  readonly origin: Origin;
}

/** What the request phases have gathered for the origin. */
interface Passage {
  headers: readonly HeaderPair[];
  override: OriginOverride;
  cache: CacheSettings;
}

/** Runs a request through all phases, the origin and the response phases. */
export type Pipeline = (context: RequestContext) => Promise<Ending>;

export function createPipeline(parts: PipelineParts): Pipeline {
  const { choices, security, rateLimits, cache } = parts;

  const steps = new Map<string, (context: RequestContext, passage: Passage) => Ending | undefined>([
    ["http_request_dynamic_redirect", redirect],
    ["http_request_transform", (context) => each("http_request_transform", context, rewriteUri)],
    [
      "http_request_origin",
      (context, passage) =>
        each("http_request_origin", context, ({ action }) => {
          if (action.kind === "route") passage.override = { ...passage.override, ...action.origin };
        }),
    ],
    [CUSTOM_RULES_PHASE, (context) => refused(context, security.customRules(context))],
    [RATE_LIMITS_PHASE, (context) => refused(context, security.rateLimits(context))],
    [TOKEN_RULES_PHASE, (context) => refused(context, security.tokenRules(context))],
    [
      "http_request_late_transform",
      (context, passage) =>
        each("http_request_late_transform", context, ({ action }) => {
          if (action.kind === "rewrite") {
            passage.headers = changeHeaders(passage.headers, action.headers, context.fields);
          }
        }),
    ],
    [
      "http_request_cache_settings",
      (context, passage) =>
        each("http_request_cache_settings", context, ({ action }) => {
          if (action.kind === "cache") passage.cache = { ...passage.cache, ...action.settings };
        }),
    ],
  ]);
  const ordered = REQUEST_PHASES.flatMap((phase) => steps.get(phase) ?? []);

  /** Runs a phase whose rules never end a request. */
  function each(
    phase: string,
    context: RequestContext,
    act: (rule: CompiledRule, context: RequestContext) => void,
  ): undefined {
    runPhase<never>(phase, context, choices, {
      applies,
      act: (rule) => {
        parts.recorder.hit(context, rule.hit, {});
        act(rule, context);
        return undefined;
      },
    });
  }

  function redirect(context: RequestContext): Ending | undefined {
    return runPhase<Ending>("http_request_dynamic_redirect", context, choices, {
      applies,
      act({ action, hit }) {
        parts.recorder.hit(context, hit, {});
        if (action.kind !== "redirect") return undefined;
        return {
          outcome: "redirected",
          decidedBy: hit,
          response: redirectReply(action.redirect, context.fields),
        };
      },
    });
  }

  /** A refusal's reply; custom error rules may replace one that a rule brought itself. */
  function refused(
    context: RequestContext,
    refusal: ReturnType<Security["customRules"]>,
  ): Ending | undefined {
    if (refusal === undefined) return undefined;
    const { outcome, hit, reply } = refusal;
    const replaceable = refusal.custom && choices.errorRulesOnResponses === "replace";
    const response = replaceable ? withErrorRules(context, reply) : reply;
    return { outcome, decidedBy: hit, response: withResponseHeaders(context, response) };
  }

  function withErrorRules(context: RequestContext, response: OriginResponse): OriginResponse {
    if (response.status < 400 || context.plan.phase("http_custom_errors") === undefined) return response;
    seeResponse(context, response);
    const served = runPhase<Reply>("http_custom_errors", context, choices, {
      applies,
      act: ({ action }) =>
        action.kind === "serveError"
          ? page(action.response.statusCode, action.response.contentType, action.response.content)
          : undefined,
    });
    return served ?? response;
  }

  function withResponseHeaders(context: RequestContext, response: OriginResponse): OriginResponse {
    if (context.plan.phase("http_response_headers_transform") === undefined) return response;
    seeResponse(context, response);
    let headers = response.headers ?? [];
    each("http_response_headers_transform", context, ({ action }) => {
      if (action.kind === "rewrite") headers = changeHeaders(headers, action.headers, context.fields);
    });
    return { ...response, headers };
  }

  async function fetchOrigin(context: RequestContext, passage: Passage): Promise<OriginResponse> {
    rateLimits.countAtOrigin(context);
    const request = originRequest(context, passage.headers, passage.override);
    try {
      const answer = parts.origin(request, { pop: context.visitor.pop, ray: context.ray });
      return answer instanceof Promise ? await answer : answer;
    } catch {
      // developers.cloudflare.com/support/troubleshooting: 521, the origin refused the connection (asOf 2026-11).
      return page(521, "text/plain", "error code: 521");
    }
  }

  return async (context) => {
    const passage: Passage = { headers: context.received.headers, override: {}, cache: {} };
    for (const step of ordered) {
      const ending = step(context, passage);
      if (ending !== undefined) return ending;
    }
    // Rules that count by the answer need one from the origin (developers.cloudflare.com/waf/rate-limiting-rules).
    const needsAnswer = context.plan.countsAt.has("response");
    const key = needsAnswer ? undefined : cache.key(context, passage.cache);
    const cached = key === undefined ? undefined : cache.find(key, context.nowMs);
    if (cached !== undefined) {
      return { outcome: "cache", response: withResponseHeaders(context, cached), cacheStatus: "HIT" };
    }
    const answer = await fetchOrigin(context, passage);
    if (key !== undefined) cache.store(key, answer, passage.cache, context);
    const response = withResponseHeaders(context, withErrorRules(context, answer));
    if (needsAnswer) {
      seeResponse(context, response);
      rateLimits.countResponse(context, { status: response.status, headers: response.headers ?? [] });
    }
    return { outcome: "origin", response, cacheStatus: key === undefined ? "DYNAMIC" : "MISS" };
  };
}

function applies(rule: CompiledRule, context: RequestContext): boolean {
  return rule.matches(context.fields);
}

function rewriteUri({ action }: CompiledRule, context: RequestContext): void {
  if (action.kind !== "rewrite") return;
  const { fields } = context;
  const path = action.uri.path?.(fields) ?? fields.path;
  const query = action.uri.query?.(fields) ?? fields.query;
  context.rewritten = true;
  changeFields(context, { path: String(path), query: String(query) });
}

function seeResponse(context: RequestContext, response: OriginResponse): void {
  changeFields(context, { response: { status: response.status, headers: response.headers ?? [] } });
}

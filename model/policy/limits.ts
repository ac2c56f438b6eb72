import type { HostDefinition } from "../definition/types.ts";
import { answerOf } from "./answers.ts";
import { claimAt } from "./claimTests.ts";
import { acting, type PolicyRequest, type Refusal, type Verdict } from "./evaluate.ts";
import type { Decision } from "./types.ts";

/** The limits that count a request: those by a claim only where a valid token has it. */
export function limitsCounting({ counts }: Verdict, request: PolicyRequest): readonly Decision[] {
  return counts.filter(({ rule: { rateLimit } }) => {
    const per = rateLimit?.per;
    if (per?.kind !== "claim") return true;
    const value = claimAt(request.tokens?.[per.ring] ?? {}, per.path);
    return typeof value === "string" && value !== "";
  });
}

/**
 * What limits of a host answer to the last of so many equal requests that come at one instant and are not refused
 * otherwise: a limit acts on what is more than it allows (developers.cloudflare.com/waf/rate-limiting-rules, as of 2026-11).
 */
export function refusedByLimits(
  host: HostDefinition,
  verdict: Verdict,
  request: PolicyRequest,
  times: number,
): readonly Refusal[] {
  return limitsCounting(verdict, request).flatMap(({ rule, mode }): readonly Refusal[] =>
    times <= (rule.rateLimit?.requests ?? 0)
      ? []
      : acting(mode, { status: answerOf(host, rule, "limit").status, by: rule.id }),
  );
}

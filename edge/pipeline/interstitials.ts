import type { Choices } from "../choices.ts";
import { TOKEN_RULES_PHASE } from "../language/phases.ts";
import type { ChallengeLevel } from "./clearance.ts";
import type { RequestContext } from "./context.ts";
import { defaultPage, page, type Reply } from "./pages.ts";
import { CUSTOM_RULES_PHASE, RATE_LIMITS_PHASE } from "./phases.ts";

/** Answers the content behind the address of a custom page; undefined if there is none. */
export type CustomPageSource = (url: string) => string | undefined;

interface PageRow {
  /** Identifier of the Error Page that may replace it. */
  readonly customPage: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * The default answers. Status of custom rules 403, of rate limits 429 (documented); of token rules 403 (assumed).
 * Source: developers.cloudflare.com/waf and /rules/custom-errors (asOf 2026-11).
 */
const BLOCK_PAGES: ReadonlyMap<string, PageRow> = new Map<string, PageRow>([
  [CUSTOM_RULES_PHASE, blocked("waf_block")],
  [TOKEN_RULES_PHASE, blocked("waf_block")],
  [
    RATE_LIMITS_PHASE,
    {
      customPage: "ratelimit_block",
      status: 429,
      title: "Too many requests",
      detail: "You are being rate limited.",
    },
  ],
]);

const CHALLENGE_PAGES: Readonly<Record<ChallengeLevel, PageRow>> = {
  js_challenge: challenged("waf_challenge"),
  managed_challenge: challenged("managed_challenge"),
  challenge: challenged("basic_challenge"),
};

/** The answer of a block without a reply of its own. */
export function defaultBlockReply(
  context: RequestContext,
  phase: string,
  pages: CustomPageSource,
  choices: Choices,
): Reply {
  const row = BLOCK_PAGES.get(phase) ?? blocked("waf_block");
  return customised(row, context, pages) ?? plain(row, context, choices);
}

/** The answer of a challenge: a page that an API client cannot pass. */
export function challengeReply(
  context: RequestContext,
  level: ChallengeLevel,
  pages: CustomPageSource,
  choices: Choices,
): Reply {
  const row = CHALLENGE_PAGES[level];
  const reply =
    customised(row, context, pages) ?? plain(row, context, { ...choices, blockPageFormat: "html" });
  // developers.cloudflare.com/cloudflare-challenges: how a client tells a challenge from an answer (asOf 2026-11).
  return { ...reply, headers: [...reply.headers, ["cf-mitigated", "challenge"]] };
}

function plain(row: PageRow, context: RequestContext, choices: Choices): Reply {
  const accept = context.fields.headers.map.get("accept")?.join(",");
  return defaultPage({ ...row, ray: context.ray }, accept, choices);
}

/** The zone's page goes before the account's; Error Pages need a request with `accept-encoding`. */
function customised(row: PageRow, context: RequestContext, pages: CustomPageSource): Reply | undefined {
  if (!context.fields.headers.map.has("accept-encoding")) return undefined;
  for (const scope of [context.plan.zone, context.plan.account]) {
    const custom = scope.customPages[row.customPage];
    if (custom?.state !== "customized") continue;
    const content = pages(custom.url);
    if (content !== undefined) return page(row.status, "text/html; charset=utf-8", content);
  }
  return undefined;
}

function blocked(customPage: string): PageRow {
  return { customPage, status: 403, title: "Blocked", detail: "Sorry, you have been blocked." };
}

function challenged(customPage: string): PageRow {
  return { customPage, status: 403, title: "Just a moment...", detail: "Please complete the challenge." };
}

import { z } from "zod";
import { jsonBody } from "../body.ts";
import { refusal } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { param, type Route, type ScopedCall, scopedRoutes } from "../route.ts";

const groups = { zone: "customPages", account: "customPages" } as const;

/** `{Z|A}/custom_pages[/{identifier}]`. A page cannot be deleted, only set to `default` again. */
export const customPageRoutes: readonly Route[] = [
  ...scopedRoutes("GET", "/custom_pages", groups, (call) =>
    ok(customPageIdentifiers.map((id) => pageOf(call, id))),
  ),
  ...scopedRoutes("GET", "/custom_pages/:identifier", groups, (call) => ok(pageOf(call, identifierOf(call)))),
  ...scopedRoutes("PUT", "/custom_pages/:identifier", groups, write),
];

/** Source: the Terraform provider v5.22.0, cloudflare_custom_pages (asOf 2026-11). */
export const customPageIdentifiers = [
  "1000_errors",
  "500_errors",
  "basic_challenge",
  "country_challenge",
  "ip_block",
  "managed_challenge",
  "ratelimit_block",
  "under_attack",
  "waf_block",
  "waf_challenge",
] as const;

function identifierOf(call: ScopedCall): string {
  const identifier = param(call, "identifier");
  if ((customPageIdentifiers as readonly string[]).includes(identifier)) return identifier;
  throw refusal("notFound", { what: "custom page" });
}

function pageOf(call: ScopedCall, id: string) {
  const page = call.parts.customPages[id];
  return { id, state: page?.state ?? "default", url: page?.url ?? "" };
}

/** Error Pages are a paid feature (developers.cloudflare.com: Error Pages, availability). */
function write(call: ScopedCall): Reply {
  const id = identifierOf(call);
  const { state, url } = jsonBody(
    call.body,
    z.object({ state: z.enum(["default", "customized"]), url: z.string().nullish() }),
  );
  if (call.subject.plan === "free" && state === "customized") {
    throw refusal("planTooLow", { what: "a custom error page", plan: call.subject.plan });
  }
  const page = { state, url: url ?? "" };
  call.commit("customPages", { ...call.parts.customPages, [id]: page });
  return ok({ id, ...page });
}

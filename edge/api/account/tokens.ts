import type { Principal } from "../auth.ts";
import { refusal } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { accountRoute, type Call, param, plainRoute, type Route } from "../route.ts";

/** Tokens of a user and of an account: which one this is, and a new value for one. */
export const tokenRoutes: readonly Route[] = [
  plainRoute("GET", "/user/tokens/verify", "none", verify),
  plainRoute("PUT", "/user/tokens/:token_id/value", "apiTokens", (call) => roll(call, "user")),
  accountRoute("GET", "/tokens/verify", "apiTokens", verify),
  accountRoute("PUT", "/tokens/:token_id/value", "apiTokens", (call) => roll(call, "account")),
];

function verify(call: Call): Reply {
  if (call.principal === undefined) throw refusal("authentication");
  return ok({ id: call.principal.id(), status: "active" });
}

/** Answers the new value, once. The old one is invalid at once: an overlap needs a second token. */
function roll(call: Call, kind: "user" | "account"): Reply {
  const id = param(call, "token_id");
  const found = call.tokens.all().find((each) => kindOf(each) === kind && each.id() === id);
  if (found === undefined)
    throw refusal("notFound", { what: "token" }).withStatus(call.choices.missingObject);
  return ok(call.tokens.roll(found));
}

function kindOf(principal: Principal): "user" | "account" {
  return principal.grant.kind ?? "user";
}

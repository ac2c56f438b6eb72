import type { StoredKey } from "../../world/types.ts";
import { jsonBody } from "../body.ts";
import { ok, type Reply } from "../reply.ts";
import { type Route, type ZoneCall, zoneRoute } from "../route.ts";
import { configurationOf, keyRulesOf, keySet, replaceConfiguration } from "./configs.ts";
import { normalizeKeys, redacted } from "./keys.ts";

const path = "/token_validation/config/:config_id/credentials";

/** `PUT` and `PATCH` of a configuration's key set. */
export const credentialRoutes: readonly Route[] = [
  zoneRoute("PUT", path, "apiGateway", (call) => write(call, undefined)),
  zoneRoute("PATCH", path, "apiGateway", (call) => write(call, configurationOf(call).keys)),
];

/**
 * Both methods state the whole set: a key that is left out is removed. With `stored` (PATCH) an `oct` key
 * whose `{alg,kid}` exists may leave out `k` and keeps its secret. The SDK reads `result.keys`, an older Go
 * client `keys` beside it: the answer has both.
 */
function write(call: ZoneCall, stored: readonly StoredKey[] | undefined): Reply {
  const before = configurationOf(call);
  const body = jsonBody(call.body, keySet);
  const rules = { ...keyRulesOf(call), ...(stored === undefined ? {} : { stored }) };
  const { keys, messages } = normalizeKeys(body.keys, rules, "/keys");
  replaceConfiguration(call, {
    ...before,
    keys,
  });
  const answered = keys.map(redacted);
  return ok({ keys: answered }, { messages, beside: { keys: answered } });
}

import { z } from "zod";
import { jsonBody } from "../body.ts";
import { ok, type Reply } from "../reply.ts";
import { type Route, type ZoneCall, zoneRoute } from "../route.ts";

const originPulls = "/origin_tls_client_auth/settings";
const normalization = "/url_normalization";

/** Single settings of a zone: authenticated origin pulls and URL normalization. */
export const zoneSettingRoutes: readonly Route[] = [
  zoneRoute("GET", originPulls, "ssl", (call) =>
    ok({ enabled: call.store.zone(call.zone.id).originPullsEnabled }),
  ),
  zoneRoute("PUT", originPulls, "ssl", writeOriginPulls),
  zoneRoute("GET", normalization, "zoneSettings", (call) => ok(call.parts.urlNormalization)),
  zoneRoute("PUT", normalization, "zoneSettings", writeNormalization),
  zoneRoute("DELETE", normalization, "zoneSettings", resetNormalization),
];

/** The setting of a zone that nobody changed (developers.cloudflare.com: URL normalization). */
const standardNormalization = { type: "cloudflare", scope: "incoming" } as const;

function writeOriginPulls(call: ZoneCall): Reply {
  const { enabled } = jsonBody(call.body, z.object({ enabled: z.boolean() }));
  call.store.zone(call.zone.id).originPullsEnabled = enabled;
  return ok({ enabled });
}

function writeNormalization(call: ZoneCall): Reply {
  const body = jsonBody(
    call.body,
    z.object({ type: z.enum(["cloudflare", "rfc3986"]), scope: z.enum(["incoming", "both", "none"]) }),
  );
  call.commit("urlNormalization", body);
  return ok(body);
}

function resetNormalization(call: ZoneCall): Reply {
  call.commit("urlNormalization", standardNormalization);
  return ok(null);
}

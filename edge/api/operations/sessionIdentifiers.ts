import { z } from "zod";
import { jsonBody } from "../body.ts";
import { ok, type Reply } from "../reply.ts";
import { type Route, type ZoneCall, zoneRoute } from "../route.ts";

const path = "/api_gateway/configuration";

/** `Z/api_gateway/configuration`: which part of a request identifies a caller. It cannot be deleted. */
export const sessionIdentifierRoutes: readonly Route[] = [
  zoneRoute("GET", path, "apiGateway", (call) => answer(call)),
  zoneRoute("PUT", path, "apiGateway", write),
];

const characteristic = z.union([
  z.object({ type: z.enum(["header", "cookie"]), name: z.string().min(1).max(128) }),
  z.object({
    type: z.literal("jwt"),
    // RFC 9535 path that yields one value, after the id of a token configuration.
    name: z
      .string()
      .regex(
        /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:\$[.[].+$/,
        "must be <configuration id>:<JSONPath>",
      ),
  }),
]);

function answer(call: ZoneCall): Reply {
  return ok({ auth_id_characteristics: call.world.zone(call.zone.id).authIdCharacteristics });
}

function write(call: ZoneCall): Reply {
  const body = jsonBody(call.body, z.object({ auth_id_characteristics: z.array(characteristic) }));
  call.commit("authIdCharacteristics", body.auth_id_characteristics);
  return answer(call);
}

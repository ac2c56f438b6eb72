import { authenticate, type Principal } from "./auth.ts";
import { bodyLimits, readBody } from "./body.ts";
import { ApiError, problem, refusal } from "./errors.ts";
import { permits } from "./permissions.ts";
import { refusalResponse, responseOf } from "./reply.ts";
import type { RequestLimit } from "./requestLimit.ts";
import type { Call, Route, Service } from "./route.ts";

/** What `createServer` answers: the way of one request through the gates to its handler. */
export interface Server {
  /** Serves `route`; `undefined` is a path without route. Never throws. */
  serve(
    route: Route | { readonly missing: ApiError },
    request: Request,
    params: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

/** Token, request limit (undefined counts nothing), zones and permissions of the token, concurrency, then the handler. */
export function createServer(service: Service, limit: RequestLimit | undefined): Server {
  const underWay = new Set<string>();

  return {
    serve: async (route, request, params) => {
      let headers: Readonly<Record<string, string>> = {};
      let response: Response;
      try {
        let principal: Principal | undefined;
        if ("missing" in route || route.group !== "public") {
          principal = authenticate(request.headers, service.tokens);
          headers = limit?.count(principal.key) ?? {};
        }
        if ("missing" in route) throw route.missing;
        if (principal !== undefined) requirePermission(route, principal, params);
        const query = new URL(request.url).searchParams;
        response = await handled(route, request, {
          ...service,
          params,
          query,
          principal,
          access: route.access,
        });
      } catch (error) {
        response = errorResponse(error);
      }
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
      response.headers.set("date", new Date(service.world.clock.now()).toUTCString());
      return response;
    },
  };

  async function handled(route: Route, request: Request, call: Omit<Call, "body">): Promise<Response> {
    const answer = async () =>
      responseOf(route.handle({ ...call, body: await readBody(request, route.body ?? bodyLimits.usual) }));
    const key = route.exclusive?.(call);
    if (key === undefined) return answer();
    if (underWay.has(key)) {
      throw new ApiError([problem("rulesetBusy")], { "retry-after": "1", "x-should-retry": "true" });
    }
    underWay.add(key);
    try {
      return await answer();
    } finally {
      underWay.delete(key);
    }
  }
}

function requirePermission(
  route: Route,
  principal: Principal,
  params: Readonly<Record<string, string>>,
): void {
  const { zones, permissions } = principal.grant;
  const zoneId = params.zone_id;
  if (zones !== undefined && zoneId !== undefined && !zones.includes(zoneId)) throw refusal("foreignZone");
  if (route.group === "none" || route.group === "public") return;
  if (!permits(permissions, route.group, route.access)) throw refusal("permission");
}

/** An error that is not ours answers 500; its text stays inside, since it may quote the body. */
function errorResponse(error: unknown): Response {
  if (error instanceof ApiError) return refusalResponse(error.problems, error.headers);
  return refusalResponse([problem("unexpected")], { "x-should-retry": "false" });
}

import { Hono } from "hono";
import { ApiError, problem } from "./errors.ts";
import { allRoutes } from "./routes.ts";
import type { Server } from "./serve.ts";

/** The base path of version 4 of the API. */
export const basePath = "/client/v4";

/** Hands a request to the endpoint of `server` that its method and path name, or to a refusal. */
export function route(request: Request, server: Server): Promise<Response> {
  // The router looks methods up in an object: it must not see a name that every object has.
  if (request.method in {}) return missing(request, server);
  return Promise.resolve(app.fetch(request, server));
}

/** One table of routes for all worlds: building it costs more than many requests. */
const app = new Hono<{ Bindings: Server }>().basePath(basePath);
for (const each of allRoutes) {
  app.on(each.method, each.path, ({ req, env }) => env.serve(each, req.raw, req.param()));
}
app.notFound(({ req, env }) => missing(req.raw, env));

/** The refusal of a request that no route takes. */
function missing(request: Request, server: Server): Promise<Response> {
  const { pathname } = new URL(request.url);
  const failure = allRoutes.some((each) => hasForm(pathname, each.path))
    ? problem("wrongMethod", { method: request.method })
    : problem("noRoute");
  return server.serve({ missing: new ApiError([failure]) }, request, {});
}

/** Whether `path` has the form of a route's path. */
function hasForm(path: string, routePath: string): boolean {
  const wanted = `${basePath}${routePath}`.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) => segment.startsWith(":") || segment === given[index])
  );
}

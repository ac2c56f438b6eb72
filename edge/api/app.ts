import { Hono } from "hono";
import { ApiError, problem } from "./errors.ts";
import { allRoutes } from "./routes.ts";
import type { Server } from "./serve.ts";

/** The base path of version 4 of the API. */
export const basePath = "/client/v4";

/** What a request is routed to. */
export interface RoutedTo {
  readonly server: Server;
  readonly unknownRouteStatus: number;
}

/** Hands a request to the endpoint that its method and path name, or to a refusal, of `to`. */
export function route(request: Request, to: RoutedTo): Promise<Response> {
  return Promise.resolve(app.fetch(request, to));
}

/** One table of routes for all worlds: building it costs more than many requests. */
const app = new Hono<{ Bindings: RoutedTo }>().basePath(basePath);
for (const each of allRoutes) {
  app.on(each.method, each.path, ({ req, env }) => env.server.serve(each, req.raw, req.param()));
}
app.notFound(({ req, env }) => {
  const { method, path, raw } = req;
  const failure = allRoutes.some((each) => hasForm(path, each.path))
    ? problem("wrongMethod", { method })
    : { ...problem("noRoute"), status: env.unknownRouteStatus };
  return env.server.serve({ missing: new ApiError([failure]) }, raw, {});
});

/** Whether `path` has the form of a route's path. */
function hasForm(path: string, routePath: string): boolean {
  const wanted = `${basePath}${routePath}`.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) => segment.startsWith(":") || segment === given[index])
  );
}

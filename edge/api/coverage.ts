import { documentedEndpoints, pathsOf } from "./endpoints.ts";
import { allRoutes } from "./routes.ts";

/** How many documented endpoints of one source are served, and which are not. */
export interface CoverageRow {
  readonly source: string;
  readonly documented: number;
  readonly served: number;
  readonly missing: readonly string[];
}

/** Endpoints in the documentation against endpoints that are served, by source. */
export function endpointCoverage(): readonly CoverageRow[] {
  const served = new Set(allRoutes.map((route) => `${route.method} ${route.path}`));
  const sources = [...new Set(documentedEndpoints.map((row) => row.source))];
  return sources.map((source) => {
    const endpoints = documentedEndpoints
      .filter((row) => row.source === source)
      .flatMap((row) => pathsOf(row).map((path) => `${row.method} ${path}`));
    const missing = endpoints.filter((each) => !served.has(each));
    return { source, documented: endpoints.length, served: endpoints.length - missing.length, missing };
  });
}

import type { Route } from "./route.ts";
import { entryPointRoutes } from "./rulesets/entryPoints.ts";
import { ruleRoutes } from "./rulesets/rules.ts";
import { rulesetRoutes } from "./rulesets/rulesets.ts";
import { versionRoutes } from "./rulesets/versions.ts";
import { secretRoutes } from "./secretsStore/secrets.ts";
import { storeRoutes } from "./secretsStore/stores.ts";
import { configRoutes } from "./tokenValidation/configs.ts";
import { credentialRoutes } from "./tokenValidation/credentials.ts";

/** Every endpoint that is served. Where two paths match a request, the earlier one answers. */
export const allRoutes: readonly Route[] = [
  ...configRoutes,
  ...credentialRoutes,
  ...entryPointRoutes,
  ...rulesetRoutes,
  ...versionRoutes,
  ...ruleRoutes,
  ...storeRoutes,
  ...secretRoutes,
];

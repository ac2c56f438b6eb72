import { aboutRoutes } from "./account/about.ts";
import { alertingRoutes } from "./account/alerting.ts";
import { namespaceRoutes } from "./kv/namespaces.ts";
import { kvValueRoutes } from "./kv/values.ts";
import { listItemRoutes } from "./lists/items.ts";
import { listRoutes } from "./lists/lists.ts";
import { operationRoutes } from "./operations/operations.ts";
import { sessionIdentifierRoutes } from "./operations/sessionIdentifiers.ts";
import type { Route } from "./route.ts";
import { entryPointRoutes } from "./rulesets/entryPoints.ts";
import { ruleRoutes } from "./rulesets/rules.ts";
import { rulesetRoutes } from "./rulesets/rulesets.ts";
import { versionRoutes } from "./rulesets/versions.ts";
import { secretRoutes } from "./secretsStore/secrets.ts";
import { storeRoutes } from "./secretsStore/stores.ts";
import { configRoutes } from "./tokenValidation/configs.ts";
import { credentialRoutes } from "./tokenValidation/credentials.ts";
import { tokenRuleRoutes } from "./tokenValidation/rules.ts";
import { scriptRoutes } from "./workers/scripts.ts";
import { workerSecretRoutes } from "./workers/secrets.ts";
import { customPageRoutes } from "./zone/customPages.ts";
import { zoneSettingRoutes } from "./zone/settings.ts";
import { zoneRoutes } from "./zone/zones.ts";

/** Every endpoint that is served. Where two paths match a request, the earlier one answers. */
export const allRoutes: readonly Route[] = [
  ...configRoutes,
  ...credentialRoutes,
  ...tokenRuleRoutes,
  ...operationRoutes,
  ...sessionIdentifierRoutes,
  ...entryPointRoutes,
  ...rulesetRoutes,
  ...versionRoutes,
  ...ruleRoutes,
  ...storeRoutes,
  ...secretRoutes,
  ...scriptRoutes,
  ...workerSecretRoutes,
  ...namespaceRoutes,
  ...kvValueRoutes,
  ...listItemRoutes,
  ...listRoutes,
  ...customPageRoutes,
  ...zoneSettingRoutes,
  ...zoneRoutes,
  ...alertingRoutes,
  ...aboutRoutes,
];

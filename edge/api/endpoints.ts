import type { Method } from "./route.ts";

/** One documented endpoint, for the coverage table. */
export interface EndpointRow {
  readonly method: Method;
  /** In the router's form; `/{scope}` stands for `/zones/:zone_id` and `/accounts/:account_id`. */
  readonly path: string;
  readonly source: string;
}

const token = "developers.cloudflare.com: API Shield, JWT validation";
const endpoint = "developers.cloudflare.com: API Shield, endpoint management";
const ruleset = "developers.cloudflare.com: ruleset-engine/rulesets-api";
const sdk = "types of the official SDK cloudflare 7.3.0";
const provider = "the Terraform provider v5.22.0";

function rows(source: string, text: string): readonly EndpointRow[] {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [method = "", path = ""] = line.trim().split(/\s+/);
      return { method: method as Method, path, source };
    });
}

/** Every endpoint that the documentation of this model names. A test asks that each is served and answers. */
export const documentedEndpoints: readonly EndpointRow[] = [
  ...rows(
    token,
    `POST /zones/:zone_id/token_validation/config
    GET /zones/:zone_id/token_validation/config
    GET /zones/:zone_id/token_validation/config/:config_id
    PATCH /zones/:zone_id/token_validation/config/:config_id
    DELETE /zones/:zone_id/token_validation/config/:config_id
    PUT /zones/:zone_id/token_validation/config/:config_id/credentials
    PATCH /zones/:zone_id/token_validation/config/:config_id/credentials
    POST /zones/:zone_id/api_gateway/token_validation
    GET /zones/:zone_id/api_gateway/token_validation
    PUT /zones/:zone_id/api_gateway/token_validation/:config_id/credentials
    PATCH /zones/:zone_id/api_gateway/token_validation/:config_id/credentials
    POST /zones/:zone_id/token_validation/rules
    GET /zones/:zone_id/token_validation/rules
    GET /zones/:zone_id/token_validation/rules/:rule_id
    PATCH /zones/:zone_id/token_validation/rules/:rule_id
    DELETE /zones/:zone_id/token_validation/rules/:rule_id
    POST /zones/:zone_id/token_validation/rules/bulk
    PATCH /zones/:zone_id/token_validation/rules/bulk
    POST /zones/:zone_id/token_validation/rules/preview
    PUT /zones/:zone_id/token_validation/rules/preview`,
  ),
  ...rows(
    endpoint,
    `POST /zones/:zone_id/api_gateway/operations/item
    POST /zones/:zone_id/api_gateway/operations
    GET /zones/:zone_id/api_gateway/operations
    GET /zones/:zone_id/api_gateway/operations/:operation_id
    DELETE /zones/:zone_id/api_gateway/operations/:operation_id
    DELETE /zones/:zone_id/api_gateway/operations
    GET /zones/:zone_id/api_gateway/configuration
    PUT /zones/:zone_id/api_gateway/configuration`,
  ),
  ...rows(
    ruleset,
    `GET /{scope}/rulesets
    POST /{scope}/rulesets
    GET /{scope}/rulesets/:ruleset_id
    PUT /{scope}/rulesets/:ruleset_id
    DELETE /{scope}/rulesets/:ruleset_id
    POST /{scope}/rulesets/:ruleset_id/rules
    PATCH /{scope}/rulesets/:ruleset_id/rules/:rule_id
    DELETE /{scope}/rulesets/:ruleset_id/rules/:rule_id
    GET /{scope}/rulesets/phases/:phase/entrypoint
    PUT /{scope}/rulesets/phases/:phase/entrypoint
    GET /{scope}/rulesets/phases/:phase/entrypoint/versions
    GET /{scope}/rulesets/phases/:phase/entrypoint/versions/:version
    GET /{scope}/rulesets/:ruleset_id/versions
    GET /{scope}/rulesets/:ruleset_id/versions/:version
    DELETE /{scope}/rulesets/:ruleset_id/versions/:version
    GET /zones/:zone_id/rate_limits
    POST /zones/:zone_id/rate_limits`,
  ),
  ...rows(
    sdk,
    `GET /accounts/:account_id/secrets_store/stores
    POST /accounts/:account_id/secrets_store/stores
    GET /accounts/:account_id/secrets_store/stores/:store_id
    DELETE /accounts/:account_id/secrets_store/stores/:store_id
    GET /accounts/:account_id/secrets_store/stores/:store_id/secrets
    POST /accounts/:account_id/secrets_store/stores/:store_id/secrets
    DELETE /accounts/:account_id/secrets_store/stores/:store_id/secrets
    GET /accounts/:account_id/secrets_store/stores/:store_id/secrets/:secret_id
    PATCH /accounts/:account_id/secrets_store/stores/:store_id/secrets/:secret_id
    DELETE /accounts/:account_id/secrets_store/stores/:store_id/secrets/:secret_id
    POST /accounts/:account_id/secrets_store/stores/:store_id/secrets/:secret_id/duplicate
    GET /accounts/:account_id/secrets_store/quota
    GET /accounts/:account_id/workers/scripts
    PUT /accounts/:account_id/workers/scripts/:script_name/secrets
    GET /accounts/:account_id/workers/scripts/:script_name/secrets
    GET /accounts/:account_id/workers/scripts/:script_name/secrets/:secret_name
    DELETE /accounts/:account_id/workers/scripts/:script_name/secrets/:secret_name
    PATCH /accounts/:account_id/workers/scripts/:script_name/secrets-bulk
    GET /accounts/:account_id/workers/scripts/:script_name/schedules
    PUT /accounts/:account_id/workers/scripts/:script_name/schedules
    PATCH /accounts/:account_id/workers/scripts/:script_name/settings
    GET /accounts/:account_id/storage/kv/namespaces
    GET /accounts/:account_id/storage/kv/namespaces/:namespace_id/keys
    GET /accounts/:account_id/rules/lists
    POST /accounts/:account_id/rules/lists
    GET /accounts/:account_id/rules/lists/:list_id
    PUT /accounts/:account_id/rules/lists/:list_id
    DELETE /accounts/:account_id/rules/lists/:list_id
    GET /accounts/:account_id/rules/lists/:list_id/items
    POST /accounts/:account_id/rules/lists/:list_id/items
    PUT /accounts/:account_id/rules/lists/:list_id/items
    DELETE /accounts/:account_id/rules/lists/:list_id/items
    GET /accounts/:account_id/rules/lists/:list_id/items/:item_id
    GET /accounts/:account_id/rules/lists/bulk_operations/:operation_id
    GET /accounts/:account_id/alerting/v3/policies
    GET /zones/:zone_id/origin_tls_client_auth/settings
    PUT /zones/:zone_id/origin_tls_client_auth/settings
    GET /zones/:zone_id/url_normalization
    PUT /zones/:zone_id/url_normalization
    DELETE /zones/:zone_id/url_normalization
    GET /zones
    GET /zones/:zone_id
    GET /ips
    GET /user/tokens/verify
    PUT /user/tokens/:token_id/value
    GET /accounts/:account_id/tokens/verify
    PUT /accounts/:account_id/tokens/:token_id/value
    POST /graphql`,
  ),
  ...rows(
    provider,
    `PUT /accounts/:account_id/workers/scripts/:script_name
    GET /accounts/:account_id/workers/scripts/:script_name
    DELETE /accounts/:account_id/workers/scripts/:script_name
    GET /accounts/:account_id/workers/scripts/:script_name/settings
    GET /accounts/:account_id/workers/scripts/:script_name/content/v2
    GET /accounts/:account_id/workers/services/:script_name
    POST /accounts/:account_id/storage/kv/namespaces
    GET /accounts/:account_id/storage/kv/namespaces/:namespace_id
    PUT /accounts/:account_id/storage/kv/namespaces/:namespace_id
    DELETE /accounts/:account_id/storage/kv/namespaces/:namespace_id
    PUT /accounts/:account_id/storage/kv/namespaces/:namespace_id/values/:key_name
    GET /accounts/:account_id/storage/kv/namespaces/:namespace_id/values/:key_name
    DELETE /accounts/:account_id/storage/kv/namespaces/:namespace_id/values/:key_name
    GET /accounts/:account_id/storage/kv/namespaces/:namespace_id/metadata/:key_name
    GET /{scope}/custom_pages
    GET /{scope}/custom_pages/:identifier
    PUT /{scope}/custom_pages/:identifier
    POST /accounts/:account_id/alerting/v3/policies
    GET /accounts/:account_id/alerting/v3/policies/:policy_id
    PUT /accounts/:account_id/alerting/v3/policies/:policy_id
    DELETE /accounts/:account_id/alerting/v3/policies/:policy_id`,
  ),
];

/** The paths that a row stands for. */
export function pathsOf(row: EndpointRow): readonly string[] {
  if (!row.path.startsWith("/{scope}")) return [row.path];
  const rest = row.path.slice("/{scope}".length);
  return [`/zones/:zone_id${rest}`, `/accounts/:account_id${rest}`];
}

import fc from "fast-check";
import { allRoutes } from "./routes.ts";
import { accountId, anyToken, zoneId } from "./testing.ts";
import { es256, rs256, secretOf } from "./tokenValidation/testKeys.ts";

/**
 * Generators of API requests: from nearly right to nonsense. Long because nearly every route has a body of its own,
 * a few lines each, and one request is drawn from all of them.
 */

/** A secret that is planted where secrets belong, and must never come back. */
export const planted = secretOf(48, 0x41);

/** One generated request. `{config_id}` and the like in its path stand for the ids of {@link standingObjects}. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | readonly FormEntry[] | undefined;
}

export interface FormEntry {
  readonly name: string;
  readonly value: string;
  readonly isFile: boolean;
}

/** Names that every object answers to, though nobody gave it such a member. */
const inheritedNames = fc.constantFrom("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf");

const key = fc.constantFrom<unknown>(
  es256("a"),
  es256("b"),
  rs256("c"),
  { kty: "oct", alg: "HS256", kid: "s", k: planted },
  { kty: "oct", alg: "HS256", kid: "s" },
  { kty: "RSA", kid: "c", n: rs256("c").n, e: "AQAB" },
  { kty: "OKP", alg: "EdDSA", kid: "e" },
);
const keys = fc.array(key, { maxLength: 4 });
const text = fc.string({ maxLength: 30 });
const expression = fc.constantFrom(
  "ssl",
  'http.host eq "a.example.com"',
  "not ssl",
  "len(http.host) > 3",
  "ssl and",
);
const rule = fc.record(
  {
    action: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom("block", "log", "managed_challenge", "skip", "rewrite") },
      { weight: 1, arbitrary: inheritedNames },
    ),
    expression,
    ref: fc.constantFrom("one", "two", "three"),
    description: text,
    enabled: fc.boolean(),
    action_parameters: fc.constantFrom<unknown>(
      {},
      { response: { status_code: 401, content: "{}", content_type: "application/json" } },
      { ruleset: "current" },
    ),
    ratelimit: fc.constant({
      characteristics: ["cf.colo.id", "ip.src"],
      period: 60,
      requests_per_period: 5,
      mitigation_timeout: 60,
    }),
    position: fc.constantFrom<unknown>({ before: "" }, { index: 1 }, { after: "x" }),
  },
  { requiredKeys: ["action", "expression"] },
);
const rules = fc.uniqueArray(rule, { maxLength: 3, selector: (each) => each.ref ?? each });
const tokenRule = fc.record({
  title: fc.constant("t"),
  description: text,
  action: fc.constantFrom("log", "block"),
  enabled: fc.boolean(),
  expression: fc.constantFrom("ssl", 'is_jwt_valid("4a7ee8d3-dd63-4ceb-9d5f-c27831854ce7")'),
  selector: fc.constantFrom<unknown>({}, { include: [{ host: ["a.example.com"] }] }),
});
const operation = fc.record({
  method: fc.constantFrom("GET", "POST", "get"),
  host: fc.constantFrom("api.example.com", "{x}.example.com", "{"),
  endpoint: fc.constantFrom("/a", "/{id}", "/a/../b", "a"),
});
const secret = fc.record({
  name: fc.constantFrom("one", "two", "three"),
  value: fc.constant(planted),
  scopes: fc.constant(["workers"]),
});
const workerSecret = fc.record({
  name: fc.constantFrom("A", "B"),
  type: fc.constantFrom("secret_text"),
  text: fc.constant(planted),
});

/** Bodies that an endpoint takes, by a part of its path; the first that fits. */
const bodies: readonly (readonly [part: string, body: fc.Arbitrary<unknown>])[] = [
  ["/credentials", fc.record({ keys })],
  [
    "/token_validation/config",
    fc.record({
      title: fc.constant("t"),
      description: text,
      token_sources: fc.constant(['http.request.headers["authorization"][0]']),
      token_type: fc.constant("JWT"),
      credentials: fc.record({ keys }),
    }),
  ],
  ["/token_validation/rules/bulk", fc.array(tokenRule, { maxLength: 2 })],
  ["/token_validation/rules", tokenRule],
  ["/operations/item", operation],
  ["/operations", fc.array(operation, { maxLength: 3 })],
  ["/api_gateway/configuration", fc.constant({ auth_id_characteristics: [{ type: "header", name: "x" }] })],
  ["/rules/:rule_id", rule],
  [":ruleset_id/rules", rule],
  ["entrypoint", fc.record({ rules, description: text }, { requiredKeys: [] })],
  [":ruleset_id", fc.record({ rules, description: text }, { requiredKeys: [] })],
  [
    "/rulesets",
    fc.record({
      name: fc.constant("n"),
      kind: fc.constantFrom("zone", "custom", "root"),
      phase: fc.constantFrom("http_request_firewall_custom", "http_ratelimit"),
      rules,
    }),
  ],
  ["/duplicate", fc.record({ name: fc.constantFrom("four", "one"), scopes: fc.constant([]) })],
  [":secret_id", fc.record({ value: fc.constant(planted), comment: text }, { requiredKeys: [] })],
  ["/stores/:store_id/secrets", fc.array(secret, { maxLength: 2 })],
  ["/stores", fc.constantFrom({ name: "main" }, { name: "other" })],
  [
    "/secrets-bulk",
    fc.record({ secrets: fc.dictionary(fc.constantFrom("A", "B"), fc.option(workerSecret)) }),
  ],
  ["/scripts/:script_name/secrets", workerSecret],
  ["/kv/namespaces", fc.constantFrom({ title: "a" }, { title: "b" })],
  ["/items", fc.constantFrom([{ ip: "192.0.2.1" }], [{ asn: 1 }], { items: [] })],
  ["/rules/lists", fc.record({ name: fc.constantFrom("a", "b"), kind: fc.constantFrom("ip", "asn") })],
  ["/custom_pages", fc.constant({ state: "customized", url: "https://example.com/" })],
  ["/origin_tls", fc.record({ enabled: fc.boolean() })],
  ["/url_normalization", fc.constant({ type: "rfc3986", scope: "both" })],
  [
    "/policies",
    fc.constant({ name: "n", alert_type: "x", mechanisms: { email: [{ id: "a@example.com" }] } }),
  ],
];

/** What costs a careless reader memory, stack or time. */
const costly = fc
  .constantFrom<readonly [unit: string, count: number, around: (text: string) => string]>(
    ["1,", 60_000, (text) => `[${text}1]`],
    ['{"a":1},', 20_000, (text) => `[${text}1]`],
    ["[", 500, (text) => `${text}${"]".repeat(500)}`],
    ["x", 200_000, (text) => JSON.stringify(text)],
    ["(", 200_000, (text) => JSON.stringify(text)],
    ["not ", 1_000, (text) => JSON.stringify(`${text}ssl`)],
  )
  .map(([unit, count, around]) => JSON.parse(around(unit.repeat(count))) as unknown);

/** A member or element somewhere in a body, or the body itself. */
interface PlaceInBody {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

function placesIn(value: unknown): readonly PlaceInBody[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])]);
}

/** A right body with, sometimes, something in it gone, renamed or replaced by anything. */
function spoiled(body: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const anything = fc.oneof(
    { weight: 6, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    { weight: 3, arbitrary: inheritedNames },
    { weight: 1, arbitrary: costly },
  );
  const change = fc.oneof(
    fc.record({ kind: fc.constant("remove" as const) }),
    fc.record({ kind: fc.constant("rename" as const), name: inheritedNames }),
    fc.record({ kind: fc.constant("replace" as const), value: anything }),
  );
  const oneChange = fc.tuple(body, fc.nat(), change).map(([original, at, changed]) => {
    const root: Record<string, unknown> = { body: structuredClone(original) };
    const places = placesIn(root);
    const { holder, name } = places[at % places.length] ?? { holder: root, name: "body" };
    const old = holder[name];
    if (changed.kind === "replace") holder[name] = changed.value;
    else if (Array.isArray(holder)) holder.splice(Number(name), 1);
    else {
      delete holder[name];
      // A plain assignment would set the prototype instead.
      if (changed.kind === "rename")
        Object.defineProperty(holder, changed.name, { value: old, enumerable: true });
    }
    return root.body;
  });
  return fc.oneof(
    { weight: 5, arbitrary: body },
    { weight: 4, arbitrary: oneChange },
    { weight: 1, arbitrary: anything },
  );
}

const uploadMetadata = JSON.stringify({
  main_module: "index.js",
  bindings: [{ name: "A", type: "secret_text", text: planted }],
});

function bodyFor(path: string, method: string): fc.Arbitrary<FuzzRequest["body"]> {
  if (method === "GET") return fc.constant(undefined);
  const known = bodies.find(([part]) => path.includes(part))?.[1] ?? fc.jsonValue();
  const entry = fc.oneof(
    fc.record({
      name: fc.constantFrom("metadata", "settings"),
      value: fc.constantFrom(uploadMetadata, '{"main_module":"index.js"}', "{"),
      isFile: fc.boolean(),
    }),
    fc.record({
      name: fc.constantFrom("value", "index.js", "metadata[main_module]", "files[]", "metadata"),
      value: fc.constantFrom('{"main_module":"index.js"}', "{", "index.js", "export default {}"),
      isFile: fc.boolean(),
    }),
  );
  const form = fc.array(entry, { maxLength: 3 });
  const upload = fc.constant([
    { name: "metadata", value: uploadMetadata, isFile: false },
    { name: "index.js", value: "export default {}", isFile: true },
  ]);
  const isUpload = path.endsWith(":script_name") || path.includes("/values/") || path.endsWith("/settings");
  const asJson = spoiled(known).map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: isUpload ? 1 : 8, arbitrary: asJson },
    { weight: isUpload ? 4 : 0, arbitrary: upload },
    { weight: isUpload ? 3 : 1, arbitrary: form },
    { weight: 1, arbitrary: fc.oneof(fc.string(), fc.constant(""), fc.constant(undefined)) },
  );
}

/** In place of the id that a parameter wants: something else. */
const wrongId = fc.oneof(
  fc.constantFrom("f".repeat(32), "%2e%2e", "%", "a%2Fb", "1"),
  inheritedNames,
  fc.string({ maxLength: 12 }).map((value) => encodeURIComponent(value.toWellFormed())),
);

/** `{config_id}` stands for the id of the object that was made before. */
function idOf(segment: string): fc.Arbitrary<string> {
  const known = fc.constant(`{${segment.slice(1)}}`);
  return fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: wrongId });
}

const named: Readonly<Record<string, fc.Arbitrary<string>>> = {
  ":zone_id": fc.oneof({ weight: 19, arbitrary: fc.constant(zoneId) }, { weight: 1, arbitrary: wrongId }),
  ":account_id": fc.oneof(
    { weight: 19, arbitrary: fc.constant(accountId) },
    { weight: 1, arbitrary: wrongId },
  ),
  ":phase": fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("http_request_firewall_custom", "http_ratelimit", "nowhere") },
    { weight: 1, arbitrary: inheritedNames },
  ),
  ":identifier": fc.oneof(fc.constantFrom("waf_block", "nothing"), inheritedNames),
  ":version": fc.constantFrom("1", "2", "x"),
  ":script_name": fc.constantFrom("w", "v"),
  ":secret_name": fc.constantFrom("A", "B"),
  ":key_name": fc.oneof(fc.constantFrom("k", "a%2Fb"), wrongId),
};

const query = fc
  .dictionary(
    fc.constantFrom(
      "page",
      "per_page",
      "cursor",
      "dry_run",
      "order",
      "direction",
      "force",
      "search",
      "limit",
      "id",
    ),
    fc.oneof(
      fc.constantFrom("1", "2", "true", "name", "asc", "c1", "-1"),
      fc.string({ maxLength: 5 }),
      inheritedNames,
    ),
    { maxKeys: 2 },
  )
  .map((entries) => new URLSearchParams(entries).toString());

const headers = fc.oneof(
  { weight: 30, arbitrary: fc.constant({ authorization: `Bearer ${anyToken}` }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Readonly<Record<string, string>>>(
      {},
      { authorization: "" },
      { authorization: "Bearer" },
      { "x-auth-key": "k", "x-auth-email": "e" },
      { authorization: `Bearer ${anyToken}`, "content-type": "multipart/form-data" },
      { authorization: `Bearer ${anyToken}`, "content-type": "multipart/form-data; boundary=x" },
      { authorization: "Bearer constructor" },
    ),
  },
);

const routed = fc.constantFrom(...allRoutes).chain((route) => {
  const segments = route.path
    .split("/")
    .map((segment) => (segment.startsWith(":") ? (named[segment] ?? idOf(segment)) : fc.constant(segment)));
  return fc.record({
    method: fc.constant<string>(route.method),
    path: fc.tuple(...segments).map((parts) => parts.join("/")),
    query,
    headers,
    body: bodyFor(route.path, route.method),
  });
});

const unrouted = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "constructor"),
  path: fc.oneof(
    fc.webPath(),
    fc.constantFrom("", "/", "//", "/zones/", "/zones//rulesets", "/%ff", "/zones/%00"),
  ),
  query,
  headers,
  body: fc.constant(undefined),
});

/** A request to an endpoint, or now and then to nowhere. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  { weight: 15, arbitrary: routed },
  { weight: 1, arbitrary: unrouted },
);

/** What exists before the generated requests come: calls that make it, and the parameters that name it. */
export const standingObjects: readonly {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ids: (result: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}[] = [
  {
    method: "POST",
    path: `/zones/${zoneId}/token_validation/config`,
    body: {
      title: "t",
      description: "",
      token_sources: ['http.request.headers["authorization"][0]'],
      token_type: "JWT",
      credentials: { keys: [{ kty: "oct", alg: "HS256", kid: "s", k: planted }] },
    },
    ids: ({ id }) => ({ config_id: id }),
  },
  {
    method: "POST",
    path: `/zones/${zoneId}/api_gateway/operations/item`,
    body: { method: "GET", host: "api.example.com", endpoint: "/orders" },
    ids: ({ operation_id }) => ({ operation_id }),
  },
  {
    method: "PUT",
    path: `/zones/${zoneId}/rulesets/phases/http_request_firewall_custom/entrypoint`,
    body: { rules: [{ action: "block", expression: "ssl", ref: "one" }] },
    ids: ({ id, rules: made }) => ({ ruleset_id: id, rule_id: (made as { id: string }[])[0]?.id }),
  },
  {
    method: "POST",
    path: `/accounts/${accountId}/secrets_store/stores`,
    body: { name: "main" },
    ids: ({ id }) => ({ store_id: id }),
  },
  {
    method: "POST",
    path: `/accounts/${accountId}/secrets_store/stores/{store_id}/secrets`,
    body: [{ name: "one", value: planted, scopes: ["workers"] }],
    ids: (result) => ({ secret_id: (result as unknown as { id: string }[])[0]?.id }),
  },
  {
    method: "POST",
    path: `/accounts/${accountId}/storage/kv/namespaces`,
    body: { title: "a" },
    ids: ({ id }) => ({ namespace_id: id }),
  },
  {
    method: "POST",
    path: `/accounts/${accountId}/rules/lists`,
    body: { name: "a", kind: "ip" },
    ids: ({ id }) => ({ list_id: id }),
  },
  {
    method: "POST",
    path: `/accounts/${accountId}/alerting/v3/policies`,
    body: { name: "n", alert_type: "x", mechanisms: {} },
    ids: ({ id }) => ({ policy_id: id }),
  },
];

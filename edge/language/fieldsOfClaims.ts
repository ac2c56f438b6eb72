import type { FieldRow } from "./fieldRow.ts";
import { TOKEN_RULES_PHASE } from "./phases.ts";
import type { JwtClaims, RequestFields } from "./request.ts";
import type { Type, Value, ValueArray } from "./values.ts";

/** Where Cloudflare says that claims may be read. Token rules are in by a choice, `claimsInTokenRules`. */
export const claimPhases: readonly string[] = [
  "http_request_firewall_custom",
  "http_ratelimit",
  "http_request_late_transform",
  TOKEN_RULES_PHASE,
];

type Make = (name: string, type: Type, read: FieldRow["read"], more: Partial<FieldRow>) => FieldRow;
type Claim = "aud" | "iss" | "jti" | "sub" | "iat" | "nbf";

function claimMap(request: RequestFields, name: string, pick: (claims: JwtClaims) => ValueArray | undefined) {
  return request.derived(name, () => {
    const map = new Map<string, Value>();
    for (const [id, claims] of request.claims ?? []) {
      const values = pick(claims);
      if (values !== undefined) map.set(id, values);
    }
    return map;
  });
}

/** `http.request.jwt.claims` and its maps, keyed by token configuration id; missing without a verified token. */
export function claimFields(make: Make): FieldRow[] {
  const gate: Partial<FieldRow> = {
    plan: "enterprise",
    addOn: "api_shield",
    phases: claimPhases,
    rateLimit: "enterprise",
    characteristic: "advanced",
    source: "developers.cloudflare.com: api-shield/security/jwt-validation and rules-language/fields",
  };
  const documents = "http.request.jwt.claims";
  const rows = [
    make(documents, "Map<Array<String>>", (r) => claimMap(r, documents, (claims) => [claims.document]), {
      ...gate,
      at: (r, id) => {
        const found = r.claims?.get(id);
        return found === undefined ? undefined : [found.document];
      },
      elementAt: (r, id, index) => (index === 0 ? r.claims?.get(id)?.document : undefined),
    }),
  ];
  const claims: readonly (readonly [string, Claim, "String" | "Integer"])[] = [
    ["aud", "aud", "String"],
    ["iss", "iss", "String"],
    ["jti", "jti", "String"],
    ["sub", "sub", "String"],
    ["iat.sec", "iat", "Integer"],
    ["nbf.sec", "nbf", "Integer"],
  ];
  for (const [suffix, claim, type] of claims) {
    const name = `${documents}.${suffix}`;
    const map = (r: RequestFields) => claimMap(r, name, (found) => found[claim]);
    const names = (r: RequestFields) => r.derived(`${name}.names`, () => [...map(r).keys()]);
    const values = (r: RequestFields) =>
      r.derived(`${name}.values`, () => [...map(r).values()].flat() as ValueArray);
    rows.push(
      make(name, `Map<Array<${type}>>`, map, { ...gate, at: (r, id) => r.claims?.get(id)?.[claim] }),
      make(`${name}.names`, "Array<String>", names, gate),
      make(`${name}.values`, `Array<${type}>`, values, gate),
    );
  }
  return rows;
}

import type { FieldReader, FieldReaders } from "./fieldRow.ts";
import type { JwtClaims, RequestFields } from "./request.ts";
import type { Value, ValueArray } from "./values.ts";

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

const documents = "http.request.jwt.claims";

/** The whole documents, kept as they are until a rule asks for one. */
const ofDocuments: FieldReader = {
  read: (r) => claimMap(r, documents, (claims) => [claims.document]),
  at: (r, id) => {
    const found = r.claims?.get(id);
    return found === undefined ? undefined : [found.document];
  },
  elementAt: (r, id, index) => (index === 0 ? r.claims?.get(id)?.document : undefined),
};

function ofClaim(suffix: string, claim: Exclude<keyof JwtClaims, "document">): FieldReaders {
  const name = `${documents}.${suffix}`;
  const map = (r: RequestFields) => claimMap(r, name, (found) => found[claim]);
  const flat = (r: RequestFields) => [...map(r).values()].flat() as ValueArray;
  return {
    [name]: { read: map, at: (r, id) => r.claims?.get(id)?.[claim] },
    [`${name}.names`]: { read: (r) => r.derived(`${name}.names`, () => [...map(r).keys()]) },
    [`${name}.values`]: { read: (r) => r.derived(`${name}.values`, () => flat(r)) },
  };
}

/** `http.request.jwt.claims` and its maps, keyed by token configuration id; missing without a verified token. */
export const claimReaders: FieldReaders = {
  [documents]: ofDocuments,
  ...ofClaim("aud", "aud"),
  ...ofClaim("iss", "iss"),
  ...ofClaim("jti", "jti"),
  ...ofClaim("sub", "sub"),
  ...ofClaim("iat.sec", "iat"),
  ...ofClaim("nbf.sec", "nbf"),
};

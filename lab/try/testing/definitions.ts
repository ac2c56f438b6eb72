import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceIn, type TrySource } from "../stage.ts";

const everything = "[api_shield, advanced_rate_limiting]";

/** Two zones, one of which a host name is mapped into. */
const STACK = `config:
  keyturn:accountId: 0123456789abcdef0123456789abcdef
  keyturn:zones:
    - { id: a1111111111111111111111111111111, name: example.com, plan: enterprise, addOns: ${everything} }
    - { id: b2222222222222222222222222222222, name: example.org, plan: enterprise, addOns: ${everything} }
  keyturn:hosts: { shop.example.net: shop.example.org }
`;

const token = (id: string, algorithm: string, more = "") => `  ${id}:
    algorithm: ${algorithm}
    tokens: { issuer: https://${id}.example.com/, audience: ${id}-api, lifetime: 10m${more} }
    rotation: { every: 30d }
    signer: { output: true }
`;
const links = (id: string, bind: string) => `  ${id}:
    hmac: { parameter: sig, lifetime: 2h, bind: ${bind} }
    rotation: { every: 7d }
    signer: { output: true }
`;

/** Definitions that differ in what they use, by name: file → text. */
export const CASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "several hosts and zones, a ring of each kind, nothing listed is allowed": {
    "keys.yaml": `keys:\n${token("main", "ES384")}${token("inner", "HS512")}${links("files", "[path, query]")}`,
    "api.yaml": `host: api.example.com
tokens: { ring: main, in: [header authorization, cookie sid] }
rules:
  - id: orders
    match: { method: [GET, POST], path: /orders/* }
    require: { scope: orders }
  - id: users
    match: { path: "/users/{id}.json" }
    require:
      audience: users
      claims: { role: [admin, owner], tier: { atLeast: 3, not: 4 }, nbf: { present: integer }, jti: { present: text } }
cors: { preflight: allow }
except:
  - { id: health, match: { method: GET, path: /health } }
  - { id: assets, match: { method: GET, path: /assets/* } }
otherwise: allow
`,
    "shop.yaml": `host: shop.example.net
tokens: [{ ring: main, in: [header authorization] }, { ring: inner, in: [header x-inner] }]
rules:
  - id: basket
    match: { method: [PUT, PROPFIND], path: "/basket/v{n}" }
    require: { ring: main }
  - id: stock
    match: { path: /stock/* }
    require: { ring: inner, scope: stock }
    rateLimit: { per: token sub, requests: 5, every: 1m }
  - id: pictures
    match: { method: GET, path: /pictures/* }
    require: { link: files }
  - id: perhaps
    match: { path: /perhaps }
    require: { ring: inner, token: optional, scope: stock }
  - id: browser
    match: { path: /browser }
    require: { ring: main, where: 'http.user_agent ne "curl"' }
  - id: either
    match: { path: /either }
    require: { any: [{ ring: main, claims: { role: admin } }, { ring: inner, scope: stock }, { link: files }] }
otherwise: deny
`,
  },
  "links alone": {
    "all.yaml": `keys:\n${links("files", "[path]")}`,
    "files.yaml": `host: files.example.com
rules:
  - id: files
    match: { path: /* }
    require: { link: files }
`,
  },
  "no key at all: limits by address and header, a raw expression, and what is not listed is denied": {
    "web.yaml": `host: www.example.com
rules:
  - id: login
    require: none
    match: { method: POST, path: /login }
    rateLimit: { per: ip, requests: 3, every: 1m }
  - id: search
    match: { method: GET, path: /search }
    rateLimit: { per: header x-client, requests: 4, every: 10s, mode: challenge }
  - id: bots
    match: { path: /api/* }
    expression: 'http.user_agent contains "bot"'
except:
  - { id: home, match: { method: GET, path: / } }
otherwise: deny
`,
  },
  "every mode, overlapping rules and a ring that no rule uses": {
    "keys.yaml": `keys:\n${token("main", "HS256")}${token("spare", "HS256")}`,
    "api.yaml": `host: api.example.com
tokens: { ring: main, in: [header authorization] }
rules:
  - id: everything
    match: { path: /v1/* }
    require: {}
  - id: admin
    match: { path: /v1/admin/* }
    require: { scope: admin }
  - id: preview
    match: { method: GET, path: /preview/* }
    require: {}
    mode: challenge
  - id: watched
    match: { path: /watched }
    require: { scope: watch }
    mode: log
  - id: old
    match: { path: /old/* }
    require: {}
    mode: off
otherwise: deny
`,
  },
};

/** Puts a case into a folder of its own. */
export function sourceOf(name: string): TrySource {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-case-"));
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "Pulumi.dev.yaml"), STACK);
  for (const [file, text] of Object.entries(CASES[name] ?? {}))
    writeFileSync(join(folder, "rules", file), text);
  return sourceIn(folder);
}

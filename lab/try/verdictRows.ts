import type { EdgeRequest } from "@keyturn/edge";
import { CANARY_AUDIENCE } from "../../model/facts/canary.ts";
import { type Kit, tampered } from "./kit.ts";
import type { VerdictRow } from "./verdicts.ts";

/*
 * One table, long because it has a row for each way to be refused, written out by hand so that nothing which is
 * derived from the definitions can be wrong in the same way.
 */

/** A row whose request is made from a kit. */
interface Shape {
  readonly name: string;
  readonly request: (kit: Kit) => EdgeRequest | Promise<EdgeRequest>;
  readonly before?: number;
  readonly status: number;
  readonly by: string;
}

const ORDERS = "/orders/1";
const origin = { status: 200, by: "origin" };
const unauthorized = { status: 401, by: "orders-read" };
const ambiguous = { status: 400, by: "ambiguous" };
const badLink = { status: 403, by: "files" };

const carried: readonly Shape[] = [
  { name: "header, with Bearer", request: async (kit) => kit.api(ORDERS, await kit.token()), ...origin },
  {
    name: "header, without Bearer",
    request: async (kit) => kit.api(ORDERS, undefined, { headers: [["authorization", await kit.token()]] }),
    ...origin,
  },
  {
    name: "cookie",
    request: async (kit) =>
      kit.api(ORDERS, undefined, { headers: [["cookie", `session=${await kit.token()}`]] }),
    ...origin,
  },
  {
    name: "cookie, with Bearer",
    request: async (kit) =>
      kit.api(ORDERS, undefined, { headers: [["cookie", `session=Bearer ${await kit.token()}`]] }),
    ...origin,
  },
  { name: "none", request: (kit) => kit.api(ORDERS), ...unauthorized },
  {
    name: "another header",
    request: async (kit) => kit.api(ORDERS, undefined, { headers: [["x-token", await kit.token()]] }),
    ...unauthorized,
  },
];

const times: readonly Shape[] = [
  {
    name: "expired 59 s ago, within the leeway",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { exp: kit.now - 59 } })),
    ...origin,
  },
  {
    name: "expired 61 s ago",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { exp: kit.now - 61 } })),
    ...unauthorized,
  },
  {
    name: "not valid for another 59 s, within the leeway",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { nbf: kit.now + 59 } })),
    ...origin,
  },
  {
    name: "not valid for another 61 s",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { nbf: kit.now + 61 } })),
    ...unauthorized,
  },
  {
    name: "no exp: it would never expire",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { exp: undefined } })),
    ...unauthorized,
  },
];

const forged: readonly Shape[] = [
  {
    name: "tampered payload",
    request: async (kit) => kit.api(ORDERS, tampered(await kit.token(), 1)),
    ...unauthorized,
  },
  {
    name: "tampered signature",
    request: async (kit) => kit.api(ORDERS, tampered(await kit.token(), 2)),
    ...unauthorized,
  },
  {
    name: "alg none",
    request: async (kit) => kit.api(ORDERS, await kit.token({ header: { alg: "none" } })),
    ...unauthorized,
  },
  {
    name: "a foreign key under the right kid",
    request: async (kit) => kit.api(ORDERS, await kit.token({ key: "foreign" })),
    ...unauthorized,
  },
  {
    name: "unknown kid",
    request: async (kit) => kit.api(ORDERS, await kit.token({ key: "foreign", header: { kid: "k9" } })),
    ...unauthorized,
  },
  {
    name: "no kid",
    request: async (kit) => kit.api(ORDERS, await kit.token({ header: { kid: undefined } })),
    ...unauthorized,
  },
  {
    name: "right kid, other alg: the public key as an HMAC secret",
    request: async (kit) =>
      kit.api(ORDERS, await kit.token({ key: "public key as a secret", header: { alg: "HS256" } })),
    ...unauthorized,
  },
];

const otherRings: readonly Shape[] = [
  {
    name: "a service's token, in its header",
    request: async (kit) => kit.service(await kit.serviceToken()),
    ...origin,
  },
  {
    name: "a customer's token, at the services",
    request: async (kit) => kit.service(await kit.token({ claims: { scope: "jobs" } })),
    status: 401,
    by: "internal-jobs",
  },
  {
    name: "a service's token, at the API",
    request: async (kit) => kit.api(ORDERS, await kit.serviceToken()),
    ...unauthorized,
  },
  {
    name: "a canary's token, at the API",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { aud: CANARY_AUDIENCE } })),
    ...unauthorized,
  },
];

const claims: readonly Shape[] = [
  {
    name: "wrong issuer",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { iss: "https://auth.example.com" } })),
    ...unauthorized,
  },
  {
    name: "wrong audience",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { aud: "shop" } })),
    ...unauthorized,
  },
  {
    name: "no scope",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { scope: undefined } })),
    status: 403,
    by: "orders-read",
  },
  {
    name: "orders:readwrite for orders:read",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { scope: "orders:readwrite" } })),
    status: 403,
    by: "orders-read",
  },
  {
    name: "POST with the scope for reading",
    request: async (kit) => kit.api(ORDERS, await kit.token(), { method: "POST" }),
    status: 403,
    by: "orders-write",
  },
  {
    name: "role admin",
    request: async (kit) => kit.api("/admin/users", await kit.token({ claims: { role: "admin" } })),
    ...origin,
  },
  {
    name: "role administrator",
    request: async (kit) => kit.api("/admin/users", await kit.token({ claims: { role: "administrator" } })),
    status: 403,
    by: "admin",
  },
];

const tricks: readonly Shape[] = [
  { name: "/admin%2fusers", request: (kit) => kit.api("/admin%2fusers"), ...ambiguous },
  { name: "//admin/users", request: (kit) => kit.api("//admin/users"), ...ambiguous },
  { name: "/health/../admin/users", request: (kit) => kit.api("/health/../admin/users"), ...ambiguous },
  { name: "/health;/admin", request: (kit) => kit.api("/health;/admin"), ...ambiguous },
  { name: "/%61dmin/users", request: (kit) => kit.api("/%61dmin/users"), status: 401, by: "admin" },
  { name: "/ADMIN/users", request: (kit) => kit.api("/ADMIN/users"), status: 401, by: "admin" },
  { name: "/orders/ with a slash at the end", request: (kit) => kit.api("/orders/"), ...unauthorized },
  { name: "HEAD", request: (kit) => kit.api(ORDERS, undefined, { method: "HEAD" }), ...unauthorized },
  {
    name: "the token header twice",
    request: async (kit) => {
      const token = await kit.token();
      return kit.api(ORDERS, token, { headers: [["authorization", `Bearer ${token}`]] });
    },
    ...ambiguous,
  },
  {
    name: "a path of its own in x-original-url",
    request: (kit) => kit.api("/health", undefined, { headers: [["x-original-url", "/admin/users"]] }),
    ...ambiguous,
  },
  {
    name: "a path that no rule lists",
    request: async (kit) => kit.api("/secret", await kit.token()),
    status: 404,
    by: "otherwise",
  },
];

const open: readonly Shape[] = [
  { name: "excepted: GET /health", request: (kit) => kit.api("/health"), ...origin },
  {
    name: "not excepted: POST /health",
    request: (kit) => kit.api("/health", undefined, { method: "POST" }),
    status: 404,
    by: "otherwise",
  },
  {
    name: "CORS preflight",
    request: (kit) =>
      kit.api(ORDERS, undefined, {
        method: "OPTIONS",
        headers: [
          ["origin", "https://shop.example.com"],
          ["access-control-request-method", "GET"],
        ],
      }),
    ...origin,
  },
  {
    name: "OPTIONS that is no preflight",
    request: (kit) => kit.api(ORDERS, undefined, { method: "OPTIONS" }),
    status: 404,
    by: "otherwise",
  },
  { name: "a rule in mode log", request: (kit) => kit.api("/reports/2026"), ...origin },
  {
    name: "a rule in mode challenge",
    request: (kit) => kit.api("/preview/1"),
    status: 403,
    by: "preview-pages",
  },
  { name: "a rule in mode off", request: (kit) => kit.api("/gift-cards/1"), status: 404, by: "otherwise" },
];

const links: readonly Shape[] = [
  { name: "valid", request: (kit) => kit.file(kit.link("/files/report.pdf")), ...origin },
  { name: "none", request: (kit) => kit.file("/files/report.pdf"), ...badLink },
  {
    name: "a second before its end",
    request: (kit) => kit.file(kit.link("/files/report.pdf", kit.now - 3 * 3600 + 1)),
    ...origin,
  },
  {
    name: "at its end",
    request: (kit) => kit.file(kit.link("/files/report.pdf", kit.now - 3 * 3600)),
    ...badLink,
  },
  {
    name: "tampered MAC",
    request: (kit) => kit.file(changed(kit.link("/files/report.pdf"), -20)),
    ...badLink,
  },
  {
    name: "a later time than the one signed",
    request: (kit) => kit.file(changed(kit.link("/files/report.pdf"), -45)),
    ...badLink,
  },
  {
    name: "for another path",
    request: (kit) => kit.file(kit.link("/files/report.pdf").replace("report", "salary")),
    ...badLink,
  },
];

const rates: readonly Shape[] = [
  {
    name: "the 101st request of one subject in a minute",
    before: 100,
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { sub: "busy" } })),
    status: 429,
    by: "orders-read (rate limit)",
  },
  {
    name: "another subject at the same time",
    request: async (kit) => kit.api(ORDERS, await kit.token({ claims: { sub: "calm" } })),
    ...origin,
  },
];

const groups: Readonly<Record<string, readonly Shape[]>> = {
  "where the token is": carried,
  "its times": times,
  "forged tokens": forged,
  "other rings": otherRings,
  claims,
  "path tricks": tricks,
  "no token needed": open,
  "signed links": links,
  "rate limit": rates,
};

/** The verdict table of the example in `examples/shop`, written by hand, in the order in which it is sent. */
export function shopRows(kit: Kit): VerdictRow[] {
  return Object.entries(groups).flatMap(([group, rows]) =>
    rows.map(({ name, request, before, status, by }) => ({
      group,
      name,
      request: () => request(kit),
      ...(before === undefined ? {} : { before }),
      expected: [{ status, by }],
    })),
  );
}

/** A text with the letter at `index` (from the end) changed. */
function changed(text: string, index: number): string {
  const old = text.at(index) ?? "";
  const other = /\d/.test(old) ? String((Number(old) + 1) % 10) : old === "A" ? "B" : "A";
  const at = text.length + index;
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}

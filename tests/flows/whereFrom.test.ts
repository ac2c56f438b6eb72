import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Visitor } from "@keyturn/edge";
import type { JWK } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signJwt } from "../../scripts/token/signJwt.ts";
import { native } from "../support/native.ts";

const { createStage, sourceIn } = native<typeof import("../../lab/try/stage.ts")>("lab/try/stage.ts");
const { rotateAll } = native<typeof import("../../lab/try/rotation.ts")>("lab/try/rotation.ts");

/*
 * Addresses, client certificates and raw conditions, from YAML to what the deployed rules answer to who comes from where:
 * each expectation is written by hand, so that nothing but the edge's own address and certificate decides.
 */
const STACK = `config:
  keyturn:accountId: 0123456789abcdef0123456789abcdef
  keyturn:zones:
    - { id: a1111111111111111111111111111111, name: example.com, plan: enterprise, addOns: [api_shield, bot_management] }
`;
const RULES = `keys:
  shop:
    algorithm: ES256
    tokens: { issuer: https://shop.example.com/, audience: api, lifetime: 10m }
    rotation: { every: 30d }
    signer: { output: true }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: office, match: { path: /office }, require: { address: [203.0.113.0/24, "2001:db8::/32", $partners] } }
  - { id: certified, match: { path: /certified }, require: { certificate: verified } }
  - { id: admin, match: { path: /admin }, require: { scope: admin, any: [{ address: 203.0.113.7 }, { certificate: verified }] } }
  - { id: jobs, match: { path: /jobs }, require: { any: [{ scope: jobs }, { certificate: verified }] } }
  - { id: both, match: { path: /both }, require: { address: 203.0.113.0/24, certificate: verified } }
  - { id: people, match: { path: /people }, require: { where: cf.bot_management.score gt 29 or ip.src.country eq "NL" } }
  - { id: all, match: { path: /* }, require: { scope: all } }
`;

const folder = mkdtempSync(join(tmpdir(), "keyturn-where-"));
afterAll(() => rmSync(folder, { recursive: true }));

let send: (path: string, visitor: Partial<Visitor>, scope?: string) => Promise<string>;

beforeAll(async () => {
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "Pulumi.dev.yaml"), STACK);
  writeFileSync(join(folder, "rules", "api.yaml"), RULES);
  const { stage } = await createStage(sourceIn(folder));
  const { world } = stage.local.edge;
  const account = world.zones[0]?.accountId ?? "";
  // A stage has the lists that rules name, and nothing in them.
  const lists = world.account(account).lists.map((list) => ({ ...list, items: ["192.0.2.128/25"] }));
  world.commitAccount(account, "lists", lists);
  await rotateAll(stage);
  await stage.settle();
  const [ring] = stage.definitions.rings;
  if (ring === undefined) throw new Error("no ring");
  const active = (await stage.keysOf(ring)).active as JWK;
  const now = new Date(stage.clock.now());
  send = async (path, visitor, scope) => {
    const claims = { iss: "https://shop.example.com/", aud: "api", scope };
    const signed =
      scope === undefined ? undefined : await signJwt({ jwk: active, claims, lifetimeSeconds: 600, now });
    const { status, verdict } = await stage.local.edge.handle(
      {
        method: "GET",
        url: `https://api.example.com${path}`,
        headers: signed === undefined ? [] : [["authorization", `Bearer ${signed.token}`]],
      },
      visitor,
    );
    const by = /keyturn:dev:api.example.com\/(.+?)\/(?:shop\/|any\S*?\/)?block/.exec(
      verdict.decidedBy?.ref ?? "",
    )?.[1];
    return `${status} ${by ?? verdict.outcome}`;
  };
}, 120_000);

const office = { ip: "203.0.113.9" };
const outside = { ip: "198.51.100.1" };
const certificate = (verified: boolean, revoked = false) => ({
  ...outside,
  fields: { "cf.tls_client_auth.cert_verified": verified, "cf.tls_client_auth.cert_revoked": revoked },
});
const certified = certificate(true);

test.each<readonly [string, string, Partial<Visitor>, string | undefined, string]>([
  ["the first address of a range", "/office", { ip: "203.0.113.0" }, undefined, "200 origin"],
  ["the last", "/office", { ip: "203.0.113.255" }, undefined, "200 origin"],
  ["the one before", "/office", { ip: "203.0.112.255" }, undefined, "403 where"],
  ["the one behind", "/office", { ip: "203.0.114.0" }, undefined, "403 where"],
  ["the last of a range of IPv6", "/office", { ip: "2001:db8:ffff::1" }, undefined, "200 origin"],
  ["the one behind", "/office", { ip: "2001:db9::" }, undefined, "403 where"],
  ["an address of the account's list", "/office", { ip: "192.0.2.128" }, undefined, "200 origin"],
  ["one beside it", "/office", { ip: "192.0.2.127" }, undefined, "403 where"],
  ["a token in place of an address", "/office", outside, "all", "403 where"],
  ["a certificate in place of an address", "/office", certified, undefined, "403 where"],
  ["another spelling of the path is the broader rule's too", "/OFFICE", office, undefined, "401 401"],
  ["another spelling of the path, from outside", "/OFFICE", outside, "all", "403 where"],
  ["a verified certificate", "/certified", certified, undefined, "200 origin"],
  ["none", "/certified", office, undefined, "403 where"],
  ["one that is not verified", "/certified", certificate(false), undefined, "403 where"],
  ["one that was revoked", "/certified", certificate(true, true), undefined, "403 where"],
  ["a token and the address", "/admin", { ip: "203.0.113.7" }, "admin", "200 origin"],
  ["a token and a certificate", "/admin", certified, "admin", "200 origin"],
  ["a token alone", "/admin", office, "admin", "403 where"],
  ["a token and a revoked certificate", "/admin", certificate(true, true), "admin", "403 where"],
  ["the address alone", "/admin", { ip: "203.0.113.7" }, undefined, "401 401"],
  ["the address and a token that says too little", "/admin", { ip: "203.0.113.7" }, "jobs", "403 403"],
  ["a token in place of a certificate", "/jobs", outside, "jobs", "200 origin"],
  ["a certificate in place of a token", "/jobs", certified, undefined, "200 origin"],
  ["a certificate and a token that says too little", "/jobs", certified, "admin", "200 origin"],
  ["neither", "/jobs", office, undefined, "401 401"],
  ["a token that says too little", "/jobs", office, "admin", "403 403"],
  ["a revoked certificate", "/jobs", certificate(true, true), undefined, "401 401"],
  ["an address and a certificate", "/both", { ...certified, ...office }, undefined, "200 origin"],
  ["an address alone", "/both", office, undefined, "403 where"],
  ["a certificate alone", "/both", certified, undefined, "403 where"],
  ["the first part of a condition", "/people", from("FR", 30), undefined, "200 origin"],
  ["its other part", "/people", from("NL", 29), undefined, "200 origin"],
  ["neither", "/people", from("FR", 29), "all", "403 where"],
  ["nothing of it elsewhere", "/elsewhere", certified, "all", "200 origin"],
])("%s: %s", async (_name, path, visitor, scope, expected) => {
  expect(await send(path, visitor, scope)).toBe(expected);
});

function from(country: string, score: number): Partial<Visitor> {
  return { country, fields: { "cf.bot_management.score": score } };
}

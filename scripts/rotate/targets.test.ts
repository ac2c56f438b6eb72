import { expect, test } from "vitest";
import { globToRegExp } from "../../lab/engine/registration.ts";
import type { MoveKind } from "../../model/ring/states.ts";
import { moveTargets } from "./targets.ts";

const URN = "urn:pulumi:dev::keyturn::keyturn:index";
const jwt = { id: "store", was: "shop", kind: "jwt" } as Parameters<typeof moveTargets>[0];
const zones = [{ zoneName: "shop.com" }, { zoneName: "example.com" }];
const desired = { zones } as unknown as Parameters<typeof moveTargets>[2];

function isTarget(ring: typeof jwt, urn: string, move: MoveKind = "publish"): boolean {
  return moveTargets(ring, move, desired).some((glob) => globToRegExp(glob).test(urn));
}

const OWN = [
  `${URN}:RingMaterial$pulumi-nodejs:dynamic/keyturn:SigningKey::shop.k1`,
  `${URN}:RingMaterial$random:index/randomId:RandomId::shop.k2.kid`,
  `${URN}:RingConfigurations$pulumi-nodejs:dynamic/keyturn:TokenConfiguration::shop.example.com`,
  `${URN}:RingSigner$cloudflare:index/secretsStoreSecret:SecretsStoreSecret::shop.signer`,
];
const RULES = `${URN}:ZoneRules$pulumi-nodejs:dynamic/keyturn:PhaseRules::shop.com.http_request_firewall_custom`;

test.each(OWN)("a ring's move reaches its own %s, by the ring's first id", (urn) => {
  expect(isTarget(jwt, urn)).toBe(true);
  expect(isTarget({ ...jwt, was: "sho" }, urn)).toBe(false);
});

test("the rules of a zone whose name begins with the ring's are not the ring's", () => {
  expect(isTarget(jwt, RULES)).toBe(false);
  expect(isTarget({ ...jwt, kind: "hmac" } as typeof jwt, RULES)).toBe(true);
});

test("a promotion reaches all rules: those of a first key begin to act", () => {
  expect(isTarget(jwt, RULES, "promote")).toBe(true);
  expect(
    isTarget(
      jwt,
      RULES.replace("firewall_custom", "x").replace("http_request_x", "http_ratelimit"),
      "promote",
    ),
  ).toBe(true);
});

import { type JWK, SignJWT } from "jose";
import { scopeClaim } from "../../examples/shop/issuer/issuerRing.ts";
import { hostFor } from "../../model/definition/hostNames.ts";
import { leavesOf } from "../../model/definition/requirementTree.ts";
import type { Definitions, HmacRing, JwtRing, TokenSource } from "../../model/definition/types.ts";
import { readLedger } from "../../model/ring/ledger.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import { CommandError } from "../../scripts/cli/errors.ts";
import type { RingSigners, SignerSet } from "../../scripts/token/signers.ts";
import { carried } from "../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../scripts/token/signLink.ts";
import { deployedDefinitions } from "./issuer.ts";
import type { Lab } from "./openLab.ts";

/** Which ring's key signs, and what is unusual about it. */
export interface Signing {
  readonly ring: string;
  /** `k2`; default: the active one. */
  readonly key?: string | undefined;
  /** Milliseconds since the Unix epoch: the signer's clock. */
  readonly at: number;
}

/** What was signed with. */
export interface SignedWith {
  readonly ring: string;
  readonly key: string;
  readonly kid: string;
}

/**
 * Signs a token of a ring: valid where every rule of the ring is asked (issuer, audience, all scopes), unless
 * `claims` say otherwise.
 *
 * @param claims over the usual ones; null takes one away
 * @throws CommandError SIGNER_UNKNOWN, KEY_UNKNOWN
 */
export async function signToken(lab: Lab, signing: Signing, claims: Readonly<Record<string, unknown>>) {
  const { definitions, ring, key, name } = find(lab, signing, "jwt");
  const iat = Math.floor(signing.at / 1000);
  const all: Record<string, unknown> = {
    iss: ring.issuers[0],
    aud: ring.audiences[0],
    sub: "lab",
    iat,
    exp: iat + ring.lifetime,
    ...scopeClaim(ring, scopesOf(definitions, ring)),
    ...claims,
  };
  const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  const { alg = ring.algorithm, kid = "" } = key;
  const token = await new SignJWT(payload).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key);
  return { token, claims: payload, alg, ring: ring.id, key: name, kid };
}

/**
 * Signs a link of a ring for a path or URL.
 *
 * @throws CommandError SIGNER_UNKNOWN, KEY_UNKNOWN; TokenInputError for what cannot be signed
 */
export function linkTo(lab: Lab, signing: Signing, url: string): SignedWith & { readonly link: string } {
  const { ring, key, name } = find(lab, signing, "hmac");
  const link = signLink({
    secret: secretOf(key),
    path: url,
    parameter: ring.parameter,
    issuedAt: new Date(signing.at),
  });
  return { link, ring: ring.id, key: name, kid: key.kid ?? "" };
}

/** Where the tokens of a ring stand in requests to a host: as the host says, else in `authorization`. */
export function tokenHeader(lab: Lab, ring: string, host: string, token: string): readonly [string, string] {
  const uses = hostFor(host, deployedDefinitions(lab)?.hosts ?? [])?.tokens ?? [];
  const source: TokenSource = uses.find((use) => use.ring === ring)?.sources[0] ?? {
    kind: "header",
    name: "authorization",
  };
  return carried(source, token);
}

interface Kinds {
  readonly jwt: JwtRing;
  readonly hmac: HmacRing;
}

function find<Kind extends keyof Kinds>(lab: Lab, { ring: id, key: wanted }: Signing, kind: Kind) {
  const definitions = deployedDefinitions(lab);
  const rings = (definitions?.rings ?? []).filter((each) => each.kind === kind) as Kinds[Kind][];
  const ring = rings.find((each) => each.id === id);
  const others = rings.map((each) => each.id).join(", ") || "none";
  const what = kind === "jwt" ? "token" : "link";
  if (definitions === undefined || ring === undefined) {
    throw new CommandError("SIGNER_UNKNOWN", `no ${what} ring ${id} is deployed; ${what} rings: ${others}`);
  }
  const outputs = lab.outputs();
  const signers = ((outputs.signers ?? {}) as SignerSet)[ledgerId(ring)] ?? {};
  const read = readLedger(outputs, lab.fullName);
  const names = new Map(
    (read.ok ? (read.ledger.rings[ledgerId(ring)]?.keys ?? []) : []).map((each) => [each.kid, each.name]),
  );
  const key = keysOf(signers).find((jwk) =>
    wanted === undefined ? jwk.kid === signers.active?.kid : names.get(jwk.kid ?? "") === wanted,
  );
  if (key !== undefined) return { definitions, ring, key, name: names.get(key.kid ?? "") ?? "" };
  const usable = keysOf(signers).map((jwk) => names.get(jwk.kid ?? "") ?? "?");
  throw new CommandError(
    "KEY_UNKNOWN",
    wanted === undefined
      ? `ring ${id} has no active key yet`
      : `ring ${id} has no ${wanted} with key material`,
    usable.length === 0 ? "Run `keyturn lab up` first." : `Name one of ${usable.join(", ")} with --key.`,
  );
}

function keysOf({ active, pending, retiring = [], retired = [] }: RingSigners): JWK[] {
  return [...(active ? [active] : []), ...(pending ? [pending] : []), ...retiring, ...retired];
}

function scopesOf({ hosts }: Definitions, ring: JwtRing): string[] {
  const required = hosts.flatMap((host) => host.rules.flatMap((rule) => leavesOf(rule.require)));
  const scopes = required.flatMap((each) =>
    each.kind === "token" && each.ring === ring.id ? each.scopes : [],
  );
  return [...new Set(scopes)];
}

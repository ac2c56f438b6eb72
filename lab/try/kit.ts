import { createHmac, randomBytes } from "node:crypto";
import type { EdgeRequest, HeaderPair } from "@keyturn/edge";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { CommandError } from "../../scripts/cli/errors.ts";
import { signJwt } from "../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../scripts/token/signLink.ts";
import type { Stage } from "./stage.ts";

const API = "https://api.example.com";
const SERVICES = "https://internal.example.com";
const FILES = "https://downloads.example.com";

/** What is unusual about a token. */
export interface TokenParts {
  /** Over the usual claims; `undefined` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Over the usual header. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Another key to sign with. */
  readonly key?: "foreign" | "public key as a secret";
}

/** Makes the requests of the verdict table: tokens and links of the deployed keys, right and wrong ones. */
export interface Kit {
  /** Seconds since the epoch at which the requests arrive. */
  readonly now: number;
  /** A token of the ring `storefront`: valid, for reading orders, unless its parts say otherwise. */
  token(parts?: TokenParts): Promise<string>;
  /** A request to the API with a token in the Authorization header. */
  api(path: string, token?: string, more?: Partial<EdgeRequest>): EdgeRequest;
  /** A valid token of the ring `internal`. */
  serviceToken(): Promise<string>;
  /** A request to the internal host, where tokens have a header of their own. */
  service(token: string): EdgeRequest;
  /** A link to a file, signed with the active secret. */
  link(path: string, issued?: number): string;
  file(link: string): EdgeRequest;
}

/** A kit with the keys that are active now. */
export async function createKit(stage: Stage): Promise<Kit> {
  const ring = (id: string) => {
    const found = stage.definitions.rings.find((each) => each.id === id);
    if (found) return found;
    throw new CommandError(
      "TRY_STOPPED",
      `the verdict table is the example's, and its ring ${id} is not defined`,
    );
  };
  const active = async (id: string) => (await stage.keysOf(ring(id))).active as JWK;
  const storefront = await active("storefront");
  const internal = await active("internal");
  const downloads = await active("downloads");
  const foreign = await exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey);
  const { d: _private, ...publicPart } = storefront;
  const now = Math.floor(stage.clock.now() / 1000);
  return {
    now,
    async token({ claims = {}, header = {}, key } = {}) {
      const payload = {
        iss: "https://auth.example.com/",
        aud: "api",
        sub: `visitor-${randomBytes(4).toString("hex")}`,
        scope: "profile orders:read",
        iat: now,
        exp: now + 900,
        ...claims,
      };
      const head = { alg: "ES256", kid: storefront.kid, typ: "JWT", ...header };
      const text = `${segment(head)}.${segment(payload)}`;
      if (head.alg === "none") return `${text}.`;
      // The oldest trick: the public key, which everybody has, as the secret of an HMAC.
      if (key === "public key as a secret") {
        return `${text}.${createHmac("sha256", JSON.stringify(publicPart)).update(text).digest("base64url")}`;
      }
      return `${text}.${await signEs256(key === "foreign" ? foreign : storefront, text)}`;
    },
    api: (path, token, more = {}) => ({
      method: "GET",
      url: `${API}${path}`,
      ...more,
      headers: [
        ...(token === undefined ? [] : [["authorization", `Bearer ${token}`] as HeaderPair]),
        ...(more.headers ?? []),
      ],
    }),
    serviceToken: async () => {
      const claims = {
        iss: "https://services.example.com/",
        aud: "internal-api",
        sub: "billing",
        scope: "jobs",
      };
      const signed = await signJwt({
        jwk: internal,
        claims: { ...claims },
        lifetimeSeconds: 300,
        now: new Date(1000 * now),
      });
      return signed.token;
    },
    service: (token) => ({ method: "GET", url: `${SERVICES}/jobs/1`, headers: [["x-service-token", token]] }),
    link: (path, issued = now) =>
      signLink({ secret: secretOf(downloads), path, parameter: "verify", issuedAt: new Date(1000 * issued) }),
    file: (link) => ({ method: "GET", url: `${FILES}${link}` }),
  };
}

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** RFC 7518 section 3.4: the signature is r and s, 64 bytes. */
async function signEs256(jwk: JWK, text: string): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const { kty, crv, x, y, d } = jwk;
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y, d } as JsonWebKey, algorithm, false, [
    "sign",
  ]);
  return Buffer.from(await crypto.subtle.sign(algorithm, key, Buffer.from(text))).toString("base64url");
}

/** The token with one letter of a segment (0 header, 1 payload, 2 signature) changed. */
export function tampered(token: string, which: 0 | 1 | 2): string {
  const segments = token.split(".");
  const text = segments[which] ?? "";
  // In the middle: the last letter of a segment has bits that mean nothing.
  const at = Math.floor(text.length / 2);
  segments[which] = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
  return segments.join(".");
}

import { type Context, Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import type { JWK } from "jose";
import * as z from "zod";
import { TokenInputError } from "../../../scripts/token/findings.ts";
import { signJwt } from "../../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../../scripts/token/signLink.ts";
import type { Authenticate } from "./demoUsers.ts";
import {
  type IssuerLinkRing,
  type IssuerRings,
  type IssuerTokenRing,
  type Subject,
  scopeClaim,
} from "./issuerRing.ts";
import { activeKey, type KeySource, type RingKeys } from "./keySource.ts";
import { publicKeySet } from "./publicKeySet.ts";

/** Everything the issuer gets from outside. */
export interface IssuerParts {
  readonly keySource: KeySource;
  readonly clock: () => Date;
  readonly rings: IssuerRings;
  /** Without it nobody gets a token; `/sample` and the key set work all the same. */
  readonly authenticate?: Authenticate;
  /** When set, `/sample/<ring>` wants it as `Authorization: Bearer`. */
  readonly sampleSecret?: string;
  /** Fresh value of `jti` for each token. */
  readonly newId?: () => string;
}

const credentials = { user: z.string(), password: z.string(), ring: z.string().optional() };
const tokenRequest = z.strictObject({ ...credentials, expires_in: z.int().positive().optional() });
const linkRequest = z.strictObject({ ...credentials, path: z.string() });

/** What a sample is about: nobody's rights, nobody's file. */
const sampleSubject: Subject = { sub: "keyturn-sample", scopes: [] };
const samplePath = "/keyturn-sample";

/**
 * A small auth server: `POST /token`, `POST /links`, `GET /sample/<ring>`, `GET /.well-known/jwks.json`.
 * Signs with the active key of each ring, always sets `exp`, never beyond the declared lifetime.
 */
export function createIssuer(parts: IssuerParts): Hono {
  const { rings, clock, newId = () => crypto.randomUUID() } = parts;
  const app = new Hono();

  const issueToken = async (id: string, ring: IssuerTokenRing, subject: Subject, wanted?: number) => {
    const lifetimeSeconds = Math.min(wanted ?? ring.lifetime, ring.lifetime);
    const { token } = await signJwt({
      jwk: await signingKey(parts.keySource, id),
      claims: {
        ...subject.claims,
        ...scopeClaim(ring, subject.scopes),
        iss: ring.issuers[0],
        aud: ring.audiences[0],
        sub: subject.sub,
      },
      lifetimeSeconds,
      now: clock(),
      jti: newId(),
    });
    return { token, lifetimeSeconds };
  };

  const issueLink = async (id: string, ring: IssuerLinkRing, path: string) => {
    const secret = secretOf(await signingKey(parts.keySource, id));
    return signLink({ secret, path, parameter: ring.parameter, issuedAt: clock() });
  };

  app.post("/token", async (c) => {
    const request = await body(c, tokenRequest);
    const subject = await login(parts.authenticate, request);
    const [id, ring] = ringOf(rings, "jwt", request.ring);
    const { token, lifetimeSeconds } = await issueToken(id, ring, subject, request.expires_in);
    setCookie(c, "session", token, {
      httpOnly: true,
      secure: true,
      sameSite: "Strict",
      path: "/",
      maxAge: lifetimeSeconds,
    });
    c.header("Cache-Control", "no-store");
    // RFC 6749 §5.1.
    return c.json({ access_token: token, token_type: "Bearer", expires_in: lifetimeSeconds });
  });

  app.post("/links", async (c) => {
    const request = await body(c, linkRequest);
    await login(parts.authenticate, request);
    const [id, ring] = ringOf(rings, "hmac", request.ring);
    c.header("Cache-Control", "no-store");
    return c.json({ link: await issueLink(id, ring, request.path), expires_in: ring.lifetime });
  });

  if (parts.sampleSecret !== undefined) app.use("/sample/*", bearerAuth({ token: parts.sampleSecret }));
  app.get("/sample/:ring", async (c) => {
    const id = c.req.param("ring");
    const ring = Object.hasOwn(rings, id) ? rings[id] : undefined;
    if (!ring) throw refusal(404, "unknown_ring");
    c.header("Cache-Control", "no-store");
    if (ring.kind === "hmac") return c.json({ ring: id, link: await issueLink(id, ring, samplePath) });
    return c.json({ ring: id, token: (await issueToken(id, ring, sampleSubject)).token });
  });

  app.get("/.well-known/jwks.json", async (c) => {
    // (W - 2 skews) / 2 with the default lead W of 15 minutes is 7 minutes: a new key is seen before it signs.
    c.header("Cache-Control", "public, max-age=300");
    return c.json(publicKeySet(await keysOf(parts.keySource)));
  });

  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof TokenInputError && error.code.startsWith("LINK_")) {
      return c.json({ error: "invalid_request", error_description: `${error.message}. ${error.hint}` }, 400);
    }
    // Whatever else went wrong may quote a key: the answer says nothing about it.
    return c.json({ error: "server_error" }, 500);
  });
  return app;
}

async function body<Shape>(c: Context, shape: z.ZodType<Shape>): Promise<Shape> {
  const parsed = shape.safeParse(await c.req.json().catch(() => undefined));
  if (!parsed.success) throw refusal(400, "invalid_request");
  return parsed.data;
}

async function login(
  authenticate: Authenticate | undefined,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<Subject> {
  const subject = await authenticate?.(user, password);
  if (!subject) throw refusal(401, "invalid_grant");
  return subject;
}

/** The named ring of this kind, or the first one. */
function ringOf<Kind extends "jwt" | "hmac">(
  rings: IssuerRings,
  kind: Kind,
  wanted: string | undefined,
): [string, Extract<IssuerRings[string], { kind: Kind }>] {
  const found = Object.entries(rings).find(([id, ring]) => ring.kind === kind && (wanted ?? id) === id);
  if (!found) throw refusal(400, "unknown_ring");
  return found as [string, Extract<IssuerRings[string], { kind: Kind }>];
}

async function signingKey(keySource: KeySource, ring: string): Promise<JWK> {
  const keys = await keysOf(keySource);
  const key = Object.hasOwn(keys, ring) ? activeKey(keys[ring] as RingKeys) : undefined;
  if (!key) throw refusal(503, "keys_unavailable");
  return key;
}

function keysOf(keySource: KeySource) {
  return keySource().catch(() => {
    throw refusal(503, "keys_unavailable");
  });
}

function refusal(status: 400 | 401 | 404 | 503, error: string): HTTPException {
  return new HTTPException(status, { res: Response.json({ error }, { status }) });
}

import {
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
  webcrypto,
} from "node:crypto";
import { resolveChoices } from "../../edge/choices.ts";
import { prepareConfiguration } from "../../edge/token/configuration.ts";
import { validateToken } from "../../edge/token/validate.ts";
import type { StoredKey } from "../../edge/world/types.ts";

/** Validations per second of one algorithm beside bare verification of the same inputs. */
export interface TokenRow {
  readonly alg: "ES256" | "HS256";
  readonly tokens: number;
  readonly edge: number;
  /** crypto.verify or createHmac, split and decoded beforehand. */
  readonly bareNode: number;
  /** crypto.subtle.verify, one after the other, split and decoded beforehand. */
  readonly bareWebCrypto: number;
  /** `edge` through `bareWebCrypto`. */
  readonly ratio: number;
  /** `edge` through `bareNode`. */
  readonly ratioNode: number;
}

interface Signed {
  readonly token: string;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

interface Subject {
  readonly stored: StoredKey;
  readonly sign: (signed: Buffer) => Buffer;
  readonly bareNode: (each: Signed) => boolean;
  readonly webKey: webcrypto.CryptoKey;
  readonly webAlgorithm: webcrypto.EcdsaParams | "HMAC";
}

const NOW_MS = Date.UTC(2026, 10, 22);
const KID = "2026-11-a";

/** Tokens in one timed slice: short enough that most slices run without being interrupted. */
const SLICE = 50;

/** The rate of the slice a quarter of the way up from the fastest: other work on the machine only makes slices slow. */
function perSecond(times: readonly number[]): number {
  return (SLICE / times.toSorted((left, right) => left - right)[times.length >> 2]!) * 1000;
}

/** Compares in alternating slices, so that whatever else the machine does slows all contestants alike. */
async function compare(alg: TokenRow["alg"], subject: Subject, count: number): Promise<TokenRow> {
  const tokens = makeTokens(alg, subject, count);
  const configuration = prepareConfiguration({
    id: "f9c5615e-fe15-48ce-bec6-cfc1946f1bec",
    title: "",
    description: "",
    token_type: "JWT",
    token_sources: ['http.request.headers["authorization"][0]'],
    keys: [subject.stored],
    created_at: "",
    last_updated: "",
  });
  const choices = resolveChoices();
  const contestants = [
    async (slice: readonly Signed[]) => {
      for (const { token } of slice) require(validateToken(configuration, token, NOW_MS, choices).valid);
    },
    async (slice: readonly Signed[]) => {
      for (const each of slice) require(subject.bareNode(each));
    },
    async (slice: readonly Signed[]) => {
      const { webAlgorithm, webKey } = subject;
      for (const { signature, signed } of slice) {
        require(await webcrypto.subtle.verify(webAlgorithm, webKey, signature, signed));
      }
    },
  ];
  const times = contestants.map((): number[] => []);
  await Promise.all(contestants.map((contestant) => contestant(tokens.slice(0, 250))));
  for (let from = 0; from < count; from += SLICE) {
    const slice = tokens.slice(from, from + SLICE);
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (turn + from / SLICE) % contestants.length;
      const start = performance.now();
      await contestants[index]!(slice);
      times[index]!.push(performance.now() - start);
    }
  }
  const [edge, bareNode, bareWebCrypto] = times.map(perSecond) as [number, number, number];
  return {
    alg,
    tokens: count,
    edge,
    bareNode,
    bareWebCrypto,
    ratio: edge / bareWebCrypto,
    ratioNode: edge / bareNode,
  };
}

function require(valid: boolean): void {
  if (!valid) throw new Error("a token of the bench was refused");
}

/** Tokens as an issuer makes them, each with its own subject and id. */
function makeTokens(alg: string, subject: Subject, count: number): Signed[] {
  const header = Buffer.from(JSON.stringify({ alg, kid: KID, typ: "JWT" })).toString("base64url");
  return Array.from({ length: count }, (_, index) => {
    const claims = {
      iss: "https://auth.example.com/",
      aud: "api",
      sub: `user-${index}`,
      jti: `${index}`,
      scope: "orders:read orders:write",
      iat: NOW_MS / 1000,
      exp: NOW_MS / 1000 + 900,
    };
    const signed = Buffer.from(`${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`);
    const signature = subject.sign(signed);
    return { token: `${signed.toString()}.${signature.toString("base64url")}`, signed, signature };
  });
}

async function es256(): Promise<Subject> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const encoding = { dsaEncoding: "ieee-p1363" } as const;
  const bareKey: { key: KeyObject } & typeof encoding = { key: publicKey, ...encoding };
  return {
    stored: { kid: KID, alg: "ES256", kty: "EC", crv: "P-256", x: String(jwk.x), y: String(jwk.y) },
    sign: (signed) => sign("sha256", signed, { key: privateKey, ...encoding }),
    bareNode: ({ signed, signature }) => verify("sha256", signed, bareKey, signature),
    webKey: await webcrypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, [
      "verify",
    ]),
    webAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  };
}

async function hs256(): Promise<Subject> {
  const secret = Buffer.alloc(32, 7);
  const key = createSecretKey(secret);
  const mac = (signed: Buffer) => createHmac("sha256", key).update(signed).digest();
  return {
    stored: { kid: KID, alg: "HS256", kty: "oct", k: secret.toString("base64url") },
    sign: mac,
    bareNode: ({ signed, signature }) => mac(signed).equals(signature),
    webKey: await webcrypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
      "verify",
    ]),
    webAlgorithm: "HMAC",
  };
}

/** Validates `count` distinct tokens of each algorithm; no result is kept between them. */
export async function benchTokens(count = 20_000): Promise<readonly TokenRow[]> {
  return [await compare("ES256", await es256(), count), await compare("HS256", await hs256(), count)];
}

/** The table as text. */
export function tokenTable(rows: readonly TokenRow[]): string {
  const figure = (value: number) => Math.round(value).toString().padStart(9);
  const line = (row: TokenRow) =>
    `${row.alg} ${figure(row.edge)} ${figure(row.bareWebCrypto)} ${figure(row.bareNode)} ${row.ratio.toFixed(2).padStart(10)} ${row.ratioNode.toFixed(2).padStart(10)}`;
  return [
    "          edge WebCrypto node:crypto  edge/Web  edge/node  (validations per second, distinct tokens)",
    ...rows.map(line),
  ].join("\n");
}

if (import.meta.main) process.stdout.write(`${tokenTable(await benchTokens())}\n`);

import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from "jose";
import { beforeAll, expect, test } from "vitest";
import { CANARY_REFUSED, canaryAccepted } from "../../model/compile/replies.ts";
import type { JwtRing, Ring } from "../../model/definition/types.ts";
import { CANARY_AUDIENCE } from "../../model/facts/canary.ts";
import type { SignerJwk } from "../token/signers.ts";
import { askCanary, type CanaryQuestion } from "./canary.ts";
import type { Answer, RotationWorld } from "./world.ts";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const SHOP = { id: "shop", kind: "jwt", issuers: ["https://auth.example.com/"] } as Partial<JwtRing> as Ring;
const FILES = { id: "files", kind: "hmac", parameter: "verify" } as Ring;
const SOURCE = { kind: "header", name: "authorization" } as const;

/** One place in each of two zones. */
const PLACES = ["a.example.com", "b.example.org"].map((host) => ({
  ring: "shop",
  host,
  path: "/.well-known/keyturn/shop",
  source: SOURCE,
})) as unknown as CanaryQuestion["canaries"];

const reply = ({ status_code, content }: { status_code: number; content: string }, pop = "AMS"): Answer => ({
  status: status_code,
  body: content,
  pop,
});
const YES = reply(canaryAccepted("shop"));
const NO = reply(CANARY_REFUSED);

let fresh: SignerJwk;
let active: SignerJwk;
beforeAll(async () => {
  const pair = async (kid: string) => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    return { ...(await exportJWK(privateKey)), kid, alg: "ES256" } as SignerJwk;
  };
  [fresh, active] = [await pair("new"), await pair("old")];
});

/** Who is asked for: the key in question, the active one, or a key that nobody knows. */
type Asked = "key" | "active" | "stranger";

/** What `askCanary` says of an edge that answers so, and every request that it got. */
async function asked(
  answer: (who: Asked, host: string, nth: number) => Answer,
  change: Partial<CanaryQuestion> = {},
) {
  const requests: Request[] = [];
  const counts = { key: 0, active: 0, stranger: 0 };
  let ids = 0;
  const world = {
    now: () => NOW,
    freshId: () => {
      ids += 1;
      return `never-used-${ids}`;
    },
    edge: async (request: Request) => {
      requests.push(request);
      const { kid } = decodeProtectedHeader(request.headers.get("authorization")?.slice(7) ?? "");
      const who = kid === "new" ? "key" : kid === "old" ? "active" : "stranger";
      const nth = counts[who];
      counts[who] += 1;
      return answer(who, new URL(request.url).host, nth);
    },
  } as unknown as RotationWorld;
  const question = { ring: SHOP, canaries: PLACES, key: fresh, active, mixed: "refused", ...change };
  return { answer: await askCanary(world, question as CanaryQuestion), requests, counts };
}

const right = (who: Asked) => (who === "stranger" ? NO : YES);

test("three rounds ask for the key, the active one and a stranger, in every zone", async () => {
  const { answer, counts, requests } = await asked((who, _host, nth) =>
    who === "stranger" ? NO : reply(canaryAccepted("shop"), ["SIN", "AMS", ""][nth % 3]),
  );
  expect(answer).toEqual({
    at: "2026-11-22T12:00:00.000Z",
    rounds: 3,
    pops: ["AMS", "SIN"],
    key: "accepted",
    active: "accepted",
    unknown: "refused",
  });
  expect(counts).toEqual({ key: 6, active: 6, stranger: 6 });
  expect(new Set(requests.map(({ url }) => url))).toEqual(
    new Set([
      "https://a.example.com/.well-known/keyturn/shop",
      "https://b.example.org/.well-known/keyturn/shop",
    ]),
  );
});

test("a ring without an active key is asked for its new one and a stranger", async () => {
  const { answer, counts } = await asked(right, { active: undefined });
  expect(answer).not.toHaveProperty("active");
  expect(answer).toMatchObject({ key: "accepted", unknown: "refused" });
  expect(counts).toEqual({ key: 6, active: 0, stranger: 6 });
});

test.each<[string, (who: Asked, host: string, nth: number) => Answer, object]>([
  ["everything refused", () => NO, { key: "refused", active: "refused", unknown: "refused" }],
  ["everything accepted", () => YES, { key: "accepted", active: "accepted", unknown: "accepted" }],
  [
    "a stranger accepted once",
    (who, _host, nth) => (who === "stranger" && nth === 5 ? YES : right(who)),
    { key: "accepted", active: "accepted", unknown: "accepted" },
  ],
  [
    "the active key refused in one zone",
    (who, host) => (who === "active" && host === "b.example.org" ? NO : right(who)),
    { key: "accepted", active: "none", unknown: "refused" },
  ],
  [
    "once no answer of the canary's, for each",
    (who, _host, nth) => (nth === 2 ? { ...right(who), status: 404 } : right(who)),
    { key: "none", active: "none", unknown: "none" },
  ],
  [
    "the status of the canary with the text of an origin",
    (who) => ({ ...right(who), body: "not here" }),
    { key: "none", active: "none", unknown: "none" },
  ],
  [
    "the acceptance of another ring",
    (who) => (who === "stranger" ? NO : reply(canaryAccepted("staff"))),
    { key: "none", active: "none", unknown: "refused" },
  ],
])("of an edge with %s", async (_label, edge, expected) => {
  const { at: _at, rounds: _rounds, pops: _pops, ...said } = (await asked(edge)).answer;
  expect(said).toEqual(expected);
});

test("where points of presence disagree, a new key is not there yet and an old one still is", async () => {
  const disagree = (who: Asked, host: string) =>
    who === "key" && host === "b.example.org" ? NO : right(who);
  expect((await asked(disagree, { mixed: "refused" })).answer.key).toBe("refused");
  expect((await asked(disagree, { mixed: "accepted" })).answer.key).toBe("accepted");
});

test("without a place there is no evidence", async () => {
  const { answer } = await asked(right, { canaries: [] });
  expect(answer).toMatchObject({ key: "none", active: "none", unknown: "none", pops: [] });
});

test("a probe's token is for the canary alone, lives five minutes, and a stranger's is like the key's", async () => {
  const { requests } = await asked(right, { canaries: PLACES.slice(0, 1) });
  const tokens = requests.map(({ headers }) => headers.get("authorization")?.replace(/^Bearer /, "") ?? "");
  const iat = NOW / 1000;
  for (const token of tokens)
    expect(decodeJwt(token)).toMatchObject({
      iss: "https://auth.example.com/",
      aud: CANARY_AUDIENCE,
      iat,
      exp: iat + 300,
    });
  expect(new Set(tokens.map((token) => decodeJwt(token).jti)).size).toBe(9);
  const strangers = tokens.map(decodeProtectedHeader).filter(({ kid }) => kid === "never-used-1");
  expect(strangers).toEqual(Array(3).fill({ alg: "ES256", kid: "never-used-1", typ: "JWT" }));
});

test("a token goes where the host reads it", async () => {
  const cookies: (string | null)[] = [];
  const world = {
    now: () => NOW,
    freshId: () => "x",
    edge: async (request: Request) => {
      cookies.push(request.headers.get("cookie"), request.headers.get("authorization"));
      return NO;
    },
  } as unknown as RotationWorld;
  const [place] = PLACES;
  const canaries = [{ ...place, source: { kind: "cookie", name: "session" } }] as typeof PLACES;
  await askCanary(world, { ring: SHOP, canaries, key: fresh, active: undefined, mixed: "refused" });
  expect(cookies.map((cookie) => cookie?.slice(0, 10))).toEqual(
    Array(6).fill(["session=ey", undefined]).flat(),
  );
});

test("a ring of links is asked with links, a stranger's signed by another secret", async () => {
  const urls: string[] = [];
  const world = {
    now: () => NOW,
    freshId: () => "x",
    edge: async ({ url }: Request) => {
      urls.push(url);
      return NO;
    },
  } as unknown as RotationWorld;
  const key = {
    kty: "oct",
    alg: "HS256",
    kid: "d1",
    k: Buffer.alloc(64, 1).toString("base64url"),
  } as SignerJwk;
  const canaries = [
    { ring: "files", host: "a.example.com", path: "/.well-known/keyturn/files", source: SOURCE },
  ] as typeof PLACES;
  const answer = await askCanary(world, { ring: FILES, canaries, key, active: undefined, mixed: "refused" });
  expect(answer).toMatchObject({ key: "refused", unknown: "refused", pops: ["AMS"] });
  const link = /^https:\/\/a\.example\.com\/\.well-known\/keyturn\/files\?verify=1795348800-(.+)$/;
  const macs = urls.map((url) => link.exec(url)?.[1]);
  expect(macs).toEqual([macs[0], macs[1], macs[0], macs[1], macs[0], macs[1]]);
  expect(new Set(macs)).toHaveProperty("size", 2);
});

import type { EdgeRequest, HeaderPair } from "@keyturn/edge";
import { CompactSign, exportJWK, generateKeyPair, generateSecret, type JWK } from "jose";
import { RATE_LIMIT_PHASE } from "../../model/facts/phases.ts";
import type { PolicyTest, TestToken } from "../../model/policyTests/types.ts";
import { CommandError } from "../../scripts/cli/errors.ts";
import { carried } from "../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../scripts/token/signLink.ts";
import { createBranchFinder } from "../try/branches.ts";
import type { Stage } from "../try/stage.ts";

/** One test with what the deployed rules did. */
export interface TestResult {
  readonly test: PolicyTest;
  readonly seen: {
    readonly status: "passes" | number;
    /** The definitions that decided; empty where the request reached the origin. */
    readonly by: readonly string[];
  };
  readonly ok: boolean;
}

/**
 * Sends each test's request through the local Cloudflare, on which every ring is at work. Before each of them, limits
 * have forgotten the ones before.
 */
export async function runPolicyTests(stage: Stage, tests: readonly PolicyTest[]): Promise<TestResult[]> {
  const branches = await createBranchFinder(stage);
  const { edge } = stage.local;
  const limits = stage.definitions.hosts.flatMap(({ rules }) =>
    rules.flatMap(({ rateLimit }) => rateLimit ?? []),
  );
  const quiet = 1000 * Math.max(0, ...limits.map(({ every, mitigation }) => 2 * every + mitigation));
  const results: TestResult[] = [];
  for (const test of tests) {
    await stage.agenda.pass(quiet);
    const request = await requestOf(stage, test);
    const { status, verdict } = await edge.handle(request, { pop: edge.world.pops[0]?.name ?? "" });
    const passed = verdict.outcome === "origin";
    const decided = verdict.decidedBy;
    const ids = decided?.ref === undefined || passed ? [] : await branches(request, decided.ref);
    const limited = decided?.phase === RATE_LIMIT_PHASE ? " (rate limit)" : "";
    const seen = { status: passed ? ("passes" as const) : status, by: ids.map((id) => `${id}${limited}`) };
    const { expected } = test;
    const ok = seen.status === expected.status && (expected.by === undefined || ids.includes(expected.by));
    results.push({ test, seen, ok });
  }
  return results;
}

async function requestOf(stage: Stage, test: PolicyTest): Promise<EdgeRequest> {
  const { host, method, path, token, link, after } = test;
  const made = Math.floor(stage.clock.now() / 1000) - after;
  const headers: HeaderPair[] = Object.entries(test.headers);
  if (token !== undefined) {
    const use = stage.definitions.hosts
      .find((each) => each.host === host)
      ?.tokens.find(({ ring }) => ring === token.ring);
    const source = use?.sources[0] ?? { kind: "header" as const, name: "authorization" };
    headers.push(carried(source, await signed(stage, token, made)));
  }
  return {
    method,
    url: `https://${host}${link === undefined ? path : await linked(stage, link, path, made)}`,
    headers,
  };
}

async function signed(stage: Stage, { ring: id, claims, fault }: TestToken, made: number): Promise<string> {
  const ring = stage.definitions.rings.find((each) => each.id === id);
  if (ring?.kind !== "jwt") throw new Error(`no ring ${id} signs tokens`);
  const key = await activeKey(stage, id);
  // Past the edge's leeway by a minute, whichever way.
  const far = ring.lifetime + 120;
  const iat = fault === "expired" ? made - far : made;
  const payload = {
    iss: fault === "wrong issuer" ? `${ring.issuer}x` : ring.issuer,
    aud: fault === "wrong audience" ? `${ring.audience}x` : ring.audience,
    sub: "policy-test",
    iat,
    exp: iat + ring.lifetime,
    ...(fault === "not yet valid" ? { nbf: made + 120 } : {}),
    ...claims,
  };
  const { alg = ring.algorithm, kid = "" } = key;
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg, kid, typ: "JWT" })
    .sign(fault === "foreign key" ? await foreignKey(alg) : key);
}

async function foreignKey(alg: string): Promise<JWK> {
  const options = { extractable: true };
  return alg.startsWith("HS")
    ? exportJWK(await generateSecret(alg, options))
    : exportJWK((await generateKeyPair(alg, options)).privateKey);
}

async function linked(stage: Stage, id: string, path: string, made: number): Promise<string> {
  const ring = stage.definitions.rings.find((each) => each.id === id);
  if (ring?.kind !== "hmac") throw new Error(`no ring ${id} signs links`);
  const { parameter, bind } = ring;
  const secret = secretOf(await activeKey(stage, id));
  return signLink({ secret, path, parameter, bind, issuedAt: new Date(1000 * made) });
}

async function activeKey(stage: Stage, id: string): Promise<JWK> {
  const ring = stage.definitions.rings.find((each) => each.id === id);
  const { active } = ring === undefined || !stage.rotated.includes(ring) ? {} : await stage.keysOf(ring);
  if (active === undefined)
    throw new CommandError("SIGNER_UNKNOWN", `the ring ${id} has no active key, since no host uses it`);
  return active;
}

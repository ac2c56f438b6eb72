import type { EdgeRequest, HeaderPair } from "@keyturn/edge";
import { CompactSign, exportJWK, generateKeyPair, generateSecret, type JWK } from "jose";
import { assumedRingStates } from "../../model/compile/compile.ts";
import { hostFor } from "../../model/definition/hostNames.ts";
import { type HostDefinition, isTokenRing } from "../../model/definition/types.ts";
import { CANARY_PREFIX } from "../../model/facts/canary.ts";
import { RATE_LIMIT_PHASE } from "../../model/facts/phases.ts";
import { evaluate, type PolicyRequest, type Refusal, type Verdict } from "../../model/policy/evaluate.ts";
import { refusedByLimits } from "../../model/policy/limits.ts";
import { policyAt, policyFor, stretchesOf } from "../../model/policy/policy.ts";
import type { Decision, HostPolicy } from "../../model/policy/types.ts";
import {
  type BranchCoverage,
  BY_LIMIT,
  branchCoverage,
  type Observation,
} from "../../model/policyTests/branches.ts";
import { replyMisfits } from "../../model/policyTests/reply.ts";
import type { TestResult } from "../../model/policyTests/result.ts";
import type { PolicyTest, TestToken } from "../../model/policyTests/types.ts";
import { CommandError } from "../../scripts/cli/errors.ts";
import { carried } from "../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../scripts/token/signLink.ts";
import { verifyJwt } from "../../scripts/token/verifyJwt.ts";
import { verifyLink } from "../../scripts/token/verifyLink.ts";
import { createBranchFinder } from "../try/branches.ts";
import type { Stage } from "../try/stage.ts";

/**
 * Sends each test's request through the local Cloudflare, on which every ring is at work, at the instant of the test.
 * For each of them, limits have counted none before it. Tests that fail cover no branch.
 *
 * @param now when a test happens that does not say so, in seconds since the epoch; no test is before the stage's clock
 */
export async function runPolicyTests(
  stage: Stage,
  tests: readonly PolicyTest[],
  now: number,
): Promise<{ readonly results: readonly TestResult[]; readonly coverage: BranchCoverage }> {
  const branches = await createBranchFinder(stage);
  const { definitions, environment } = stage;
  const overTime = stretchesOf(definitions, environment, assumedRingStates(definitions));
  const policiesAt = (at: number) => overTime.map((stretches) => policyAt(stretches, at));
  const { edge } = stage.local;
  const results = new Map<PolicyTest, TestResult>();
  const observations: Observation[] = [];
  const instantOf = ({ instant = now }: PolicyTest) => instant;
  for (const test of tests.toSorted((a, b) => instantOf(a) - instantOf(b))) {
    await stage.agenda.until(1000 * instantOf(test));
    edge.state.rates.clear();
    const { request, token } = await requestOf(stage, test);
    const send = () => edge.handle(request, { pop: edge.world.pops[0]?.name ?? "" });
    let answer = await send();
    for (let sent = 1; sent < test.times; sent += 1) answer = await send();
    const { status, verdict, headers, body } = answer;
    const passed = verdict.outcome === "origin";
    const decided = verdict.decidedBy;
    const ids = decided?.ref === undefined || passed ? [] : await branches(request, decided.ref);
    const limited = decided?.phase === RATE_LIMIT_PHASE ? BY_LIMIT : "";
    const { expected } = test;
    const contentType = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    const reply = { contentType, body: Buffer.from(body).toString() };
    const seen = {
      status: passed ? ("passes" as const) : status,
      by: ids.map((id) => `${id}${limited}`),
      misfits: expected.reply === undefined ? [] : replyMisfits(expected.reply, reply),
    };
    const compiled =
      seen.status === expected.status &&
      (expected.by === undefined || ids.includes(expected.by)) &&
      seen.misfits.length === 0;
    const judged = await judge(stage, policiesAt(instantOf(test)), test, request, token);
    const wanted = judged && wantedOf(judged, test);
    const ok = compiled && (judged === undefined || allows(wanted ?? [], judged.verdict, test));
    const idsOf = (some: readonly Decision[] = []) => some.map(({ rule }) => rule.id);
    const [decides, passedOver] = [idsOf(judged?.verdict.decides), idsOf(judged?.verdict.passedOver)];
    results.set(test, { test, seen, wanted, decides, passedOver, ok });
    if (ok && judged !== undefined) observations.push({ ...judged, seen });
  }
  return {
    results: tests.flatMap((test) => results.get(test) ?? []),
    coverage: branchCoverage(policiesAt(now), observations),
  };
}

interface Judged {
  readonly host: HostDefinition;
  readonly request: PolicyRequest;
  readonly verdict: Verdict;
}

/** Every right answer to the last of a test's requests: limits count what nothing else refuses. */
function wantedOf({ host, request, verdict }: Judged, { times }: PolicyTest): readonly Refusal[] {
  return verdict.refusals.length > 0 ? verdict.refusals : refusedByLimits(host, verdict, request, times);
}

/** Whether the policy wants what a test expects. Whether a raw expression holds is for the compiled rules to say. */
function allows(
  wanted: readonly Refusal[],
  { conditional }: Verdict,
  { expected: { status, by } }: PolicyTest,
): boolean {
  if (status === "passes") return wanted.length === 0;
  return [...wanted, ...conditional.map(({ refusal }) => refusal)].some(
    (refusal) => refusal.status === status && (by === undefined || refusal.by === by),
  );
}

/** What the policy wants for a test's request, with the judgement of our own verifiers on its token and link. */
async function judge(
  stage: Stage,
  policies: readonly HostPolicy[],
  { host, method, token: described, link }: PolicyTest,
  { url, headers = [] }: EdgeRequest,
  token: string | undefined,
): Promise<Judged | undefined> {
  const policy = policyFor(policies, host);
  if (policy === undefined) throw new Error(`no policy is about ${host}`);
  const target = url.slice(url.indexOf(host) + host.length);
  const [path = ""] = target.split("?");
  if (path.toLowerCase().startsWith(CANARY_PREFIX)) return undefined;
  const now = new Date(stage.clock.now());
  const keyOf = async (id: string) => ({ jwk: await activeKey(stage, id), label: id, assumed: [] });
  const ringOf = (id: string) => stage.definitions.rings.find((ring) => ring.id === id);
  const tokens: Record<string, Readonly<Record<string, unknown>>> = {};
  const jwtRing = described === undefined ? undefined : ringOf(described.ring);
  if (token !== undefined && jwtRing !== undefined && isTokenRing(jwtRing)) {
    const { id, issuers, audiences } = jwtRing;
    const { accepted, claims } = await verifyJwt(token, [await keyOf(id)], { now, issuers, audiences });
    const isRead = policy.host.tokens.some((use) => use.ring === id);
    if (accepted && isRead && claims !== undefined) tokens[id] = claims;
  }
  const hmacRing = link === undefined ? undefined : ringOf(link);
  const links: string[] = [];
  if (link !== undefined && hmacRing?.kind === "hmac") {
    const { lifetime: lifetimeSeconds, parameter, bind } = hmacRing;
    const expected = { now, lifetimeSeconds, parameter, bind };
    if (verifyLink(target, [await keyOf(link)], expected).accepted) links.push(link);
  }
  const request = { host, method, path, headers, tokens, links };
  return { host: policy.host, request, verdict: evaluate(policy, request) };
}

/** The request of a test, and the token in it. */
async function requestOf(
  stage: Stage,
  test: PolicyTest,
): Promise<{ readonly request: EdgeRequest; readonly token: string | undefined }> {
  const { host, method, path, token: described, link, after } = test;
  const made = Math.floor(stage.clock.now() / 1000) - after;
  const headers: HeaderPair[] = Object.entries(test.headers);
  const token = described === undefined ? undefined : await signed(stage, described, made);
  if (described !== undefined && token !== undefined) {
    const use = hostFor(host, stage.definitions.hosts)?.tokens.find(({ ring }) => ring === described.ring);
    const source = use?.sources[0] ?? { kind: "header" as const, name: "authorization" };
    headers.push(carried(source, token));
  }
  const url = `https://${host}${link === undefined ? path : await linked(stage, link, path, made)}`;
  return { request: { method, url, headers }, token };
}

async function signed(stage: Stage, { ring: id, claims, fault }: TestToken, made: number): Promise<string> {
  const ring = stage.definitions.rings.find((each) => each.id === id);
  if (ring === undefined || !isTokenRing(ring)) throw new Error(`no ring ${id} signs tokens`);
  const key = await activeKey(stage, id);
  // Past the edge's leeway by a minute, whichever way.
  const far = ring.lifetime + 120;
  const iat = fault === "expired" ? made - far : made;
  const payload = {
    iss: fault === "wrong issuer" ? `${ring.issuers[0]}x` : ring.issuers[0],
    aud: fault === "wrong audience" ? `${ring.audiences[0]}x` : ring.audiences[0],
    sub: "policy-test",
    iat,
    exp: iat + ring.lifetime,
    ...(fault === "not yet valid" ? { nbf: made + 120 } : {}),
    ...claims,
  };
  const { alg = "", kid = "" } = key;
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
  const { active } = ring === undefined || !stage.used.includes(ring) ? {} : await stage.keysOf(ring);
  if (active === undefined)
    throw new CommandError("SIGNER_UNKNOWN", `the ring ${id} has no active key, since no host uses it`);
  return active;
}

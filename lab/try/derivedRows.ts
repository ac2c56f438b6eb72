import type { EdgeRequest, HeaderPair } from "@keyturn/edge";
import { CompactSign, type JWK } from "jose";
import { assumedRingStates } from "../../model/compile/compile.ts";
import { modeAt } from "../../model/definition/modes.ts";
import { ringsOf } from "../../model/definition/ringsAsked.ts";
import {
  type HostDefinition,
  isTokenRing,
  type Match,
  type Ring,
  type Rule,
  type StagedMode,
  type TokenRing,
  type TokenSource,
} from "../../model/definition/types.ts";
import { COMMON_METHODS } from "../../model/facts/methods.ts";
import { evaluate, type PolicyRequest } from "../../model/policy/evaluate.ts";
import { policyAt, policyFor, stretchesOf } from "../../model/policy/policy.ts";
import { sampleOf, samplePath } from "../../model/policy/samples.ts";
import type { HostPolicy } from "../../model/policy/types.ts";
import { carried } from "../../scripts/token/signJwt.ts";
import { secretOf, signLink } from "../../scripts/token/signLink.ts";
import type { Stage } from "./stage.ts";
import { askedBy, claimsOf, type RingUsage, usageOf, wayOf } from "./usage.ts";
import type { Outcome, VerdictRow } from "./verdicts.ts";

/*
 * Over 300 lines, as all kinds of rows share the stage, its keys and its counter: one function with small ones inside.
 */

type Claims = Readonly<Record<string, unknown>>;

/** Highest limit that is tried out; a higher one takes too many requests. */
const MOST_COUNTED = 200;

/**
 * Requests derived from the definitions: for each rule one that passes and one for each reason to refuse it, the
 * tricks that paths allow, exceptions, what is not listed, and rate limits. What is right is read from the
 * definitions alone.
 */
export async function derivedRows(stage: Stage): Promise<readonly VerdictRow[]> {
  const { definitions, environment } = stage;
  const hardest = environment.mode ?? "block";
  const keys = new Map<string, JWK>();
  for (const ring of stage.used) {
    const { active } = await stage.keysOf(ring);
    if (active) keys.set(ring.id, active as JWK);
  }
  const now = () => Math.floor(stage.clock.now() / 1000);
  const overTime = stretchesOf(definitions, environment, assumedRingStates(definitions));
  const policies = () => overTime.map((stretches) => policyAt(stretches, now()));
  const verdictOf = (asked: PolicyRequest) => {
    const policy = policyFor(policies(), asked.host);
    return policy === undefined ? undefined : evaluate(policy, asked);
  };
  /** Every right answer: what a raw expression says is Cloudflare's to tell, so both are. */
  const right = (asked: PolicyRequest): readonly Outcome[] => {
    const { refusals = [], conditional = [] } = verdictOf(asked) ?? {};
    const perhaps = conditional.map(({ refusal }) => refusal);
    return refusals.length > 0 ? [...refusals, ...perhaps] : [PASSES, ...perhaps];
  };
  const policyOf = (host: HostDefinition) => policies().find((each) => each.host === host) as HostPolicy;
  let count = 0;

  /** Counters of addresses and headers are empty again: what they refuse is a row of its own. */
  const quiet = async (asked: PolicyRequest) => {
    const counting = verdictOf(asked)?.counts ?? [];
    const limits = counting.flatMap(({ rule }) => rule.rateLimit ?? []);
    const longest = Math.max(0, ...limits.map(({ every, mitigation }) => 2 * every + mitigation));
    await stage.agenda.pass(1000 * longest);
  };

  function row(
    group: string,
    name: string,
    asked: PolicyRequest,
    make: () => EdgeRequest | Promise<EdgeRequest>,
  ) {
    const request = async () => {
      await quiet(asked);
      return make();
    };
    // What is right is known when the request is sent: a mode may have changed on a date.
    return {
      group,
      name,
      request,
      get expected() {
        return right(asked);
      },
    };
  }

  /** What a token of a ring says that has these claims. */
  function payload(ring: TokenRing, claims: Claims): Claims {
    const audiences = [ring.audiences[0], ...[claims.aud ?? []].flat()];
    return {
      sub: `visitor-${count}`,
      ...claims,
      iss: claims.iss ?? ring.issuers[0],
      aud: audiences.length > 1 ? audiences : audiences[0],
      iat: now(),
      exp: now() + ring.lifetime,
    };
  }

  async function sign(ring: TokenRing, claims: Claims, over: Claims = {}): Promise<string> {
    count += 1;
    const said = { ...payload(ring, claims), ...over };
    const key = keys.get(ring.id) as JWK;
    const { alg = "", kid = "" } = key;
    return new CompactSign(Buffer.from(JSON.stringify(said)))
      .setProtectedHeader({ alg, kid, typ: "JWT" })
      .sign(key);
  }

  function tokenRows(host: HostDefinition, rule: Rule, ring: TokenRing, usage: RingUsage): VerdictRow[] {
    const group = groupOf(host, rule, ring);
    const { method, path } = usage;
    const url = `https://${host.sample}${path}`;
    const good = claimsOf(usage);
    const asked = (claims?: Claims): PolicyRequest => ({
      host: host.sample,
      method,
      path,
      ...(claims === undefined ? {} : { tokens: { [ring.id]: payload(ring, claims) } }),
    });
    const sources = host.tokens.find((use) => use.ring === ring.id)?.sources ?? [];
    const first = sources[0] as TokenSource;
    /** A request with a token that is none of the ring's. */
    const carrying = { ...asked(), headers: [carried(first, "invalid")] };
    const wrong = (name: string, over: () => Claims) =>
      row(group, name, carrying, async () => ({
        method,
        url,
        headers: [carried(first, await sign(ring, good, over()))],
      }));
    const lacking = (name: string, claims: Claims) =>
      row(group, name, asked(claims), async () => ({
        method,
        url,
        headers: [carried(first, await sign(ring, claims))],
      }));
    const leaves = (wayOf(rule.require, ring) ?? []).flatMap((leaf) => (leaf.kind === "token" ? [leaf] : []));
    const scopes = [...new Set(leaves.flatMap((leaf) => leaf.scopes))];
    const claims = leaves.flatMap((leaf) => leaf.claims);
    const other = stage.used.find((each) => isTokenRing(each) && each.id !== ring.id) as
      | TokenRing
      | undefined;
    return [
      ...sources.map((source) =>
        row(group, `valid token in ${source.kind} ${source.name}`, asked(good), async () => ({
          method,
          url,
          headers: [carried(source, await sign(ring, good))],
        })),
      ),
      row(group, "no token", asked(), () => ({ method, url })),
      wrong("expired 61 s ago", () => ({ exp: now() - 61 })),
      wrong("no exp", () => ({ exp: undefined })),
      wrong("not valid for another 61 s", () => ({ nbf: now() + 61 })),
      wrong("wrong issuer", () => ({ iss: `${ring.issuers[0]}x` })),
      wrong("wrong audience", () => ({ aud: `${ring.audiences[0]}x` })),
      row(group, "signature of something else", carrying, async () => {
        const [head, , signature] = (await sign(ring, good)).split(".");
        const [, payload] = (await sign(ring, good)).split(".");
        return { method, url, headers: [carried(first, [head, payload, signature].join("."))] };
      }),
      ...(other === undefined
        ? []
        : [
            row(
              group,
              `token of ring ${other.id}`,
              { ...carrying, ...(reads(host, other, first) ? { tokens: { [other.id]: good } } : {}) },
              async () => ({
                method,
                url,
                headers: [carried(first, await sign(other, good))],
              }),
            ),
          ]),
      ...scopes.map((scope) =>
        lacking(
          `without scope ${scope}`,
          claimsOf({ ...usage, scopes: usage.scopes.filter((each) => each !== scope) }),
        ),
      ),
      ...claims
        .filter(({ path: [name = ""] }) => !JUDGED.includes(name))
        .map(({ path: names }) =>
          lacking(`another ${names.join(".")}`, { ...good, [names[0] ?? ""]: "keyturn-nothing" }),
        ),
      ...(first.kind === "header" && first.name === "authorization"
        ? ambiguous(host, group, "the token header twice", async () => {
            const token = carried(first, await sign(ring, good));
            return { method, url, headers: [token, token] };
          })
        : []),
    ];
  }

  function linkRows(host: HostDefinition, rule: Rule, usage: RingUsage): VerdictRow[] {
    const { ring, method, path } = usage;
    const group = groupOf(host, rule, ring);
    if (ring.kind !== "hmac") return [];
    const asked = (link?: string): PolicyRequest => ({
      host: host.sample,
      method,
      path,
      ...(link ? { links: [link] } : {}),
    });
    const link = (target = path, issued = now()) =>
      `https://${host.sample}${signLink({
        secret: secretOf(keys.get(ring.id) as JWK),
        path: target,
        parameter: ring.parameter,
        issuedAt: new Date(1000 * issued),
      })}`;
    const get = (name: string, good: boolean, make: () => string) =>
      row(group, name, asked(good ? ring.id : undefined), () => ({ method, url: make() }));
    return [
      get("valid link", true, () => link()),
      get("no link", false, () => `https://${host.sample}${path}`),
      get("a second before its end", true, () => link(path, now() - ring.lifetime + 1)),
      get("at its end", false, () => link(path, now() - ring.lifetime)),
      get("changed MAC", false, () => {
        const signed = link();
        return `${signed.slice(0, -20)}${signed.at(-20) === "A" ? "B" : "A"}${signed.slice(-19)}`;
      }),
      get("link for another path", false, () =>
        link("/keyturn-elsewhere").replace("/keyturn-elsewhere", path),
      ),
    ];
  }

  /** What a path can be written as, without a token: guards see through it, and refuse what can be read twice. */
  function pathRows(host: HostDefinition, group: string, match: Match): VerdictRow[] {
    const { methods } = match;
    const { method, path } = sampleOf(match);
    const other = COMMON_METHODS.find(
      (each) =>
        methods !== undefined &&
        !methods.includes(each) &&
        each !== "OPTIONS" &&
        each !== "CONNECT" &&
        each !== "TRACE",
    );
    const plain = (name: string, sent: string, by = method) =>
      row(group, name, { host: host.sample, method: by, path: sent }, () => ({
        method: by,
        url: `https://${host.sample}${sent}`,
      }));
    const letter = /[a-z]/i.exec(path)?.index;
    const upper = path.toUpperCase();
    const twice = (name: string, sent: string) =>
      ambiguous(host, group, name, () => ({ method, url: `https://${host.sample}${sent}` }));
    return [
      ...(upper === path ? [] : [plain(upper, upper)]),
      ...(letter === undefined
        ? []
        : [
            plain(
              "an encoded letter",
              `${path.slice(0, letter)}%${path.charCodeAt(letter).toString(16)}${path.slice(letter + 1)}`,
            ),
          ]),
      ...(path.endsWith("/") ? [] : [plain("a slash at the end", `${path}/`)]),
      ...(methods?.includes("HEAD") && method !== "HEAD" ? [plain("HEAD", path, "HEAD")] : []),
      ...(other === undefined ? [] : [plain(other, path, other)]),
      ...twice("two slashes", `/${path}`),
      ...twice("dot segments", `/keyturn/..${path}`),
      ...twice("an encoded slash", `/keyturn%2f..${path}`),
      ...twice("a semicolon", `${path};a`),
    ];
  }

  function ambiguous(
    host: HostDefinition,
    group: string,
    name: string,
    make: () => EdgeRequest | Promise<EdgeRequest>,
  ) {
    const mode = policyOf(host).ambiguous;
    if (mode !== "block" && mode !== "challenge") return [];
    return [plainRow(group, name, [{ status: mode === "block" ? 400 : 403, by: "ambiguous" }], make)];
  }

  function limitRow(host: HostDefinition, rule: Rule): VerdictRow[] {
    const { rateLimit, matches } = rule;
    const [first] = matches;
    const blocks = (mode: StagedMode) => modeAt(mode, now()) === "block";
    if (
      first === undefined ||
      rateLimit === undefined ||
      !blocks(rateLimit.mode) ||
      !blocks(rule.mode) ||
      hardest !== "block"
    )
      return [];
    const { per, requests } = rateLimit;
    const ring = definitions.rings.find(
      (each) => each.id === (per.kind === "claim" ? per.ring : ringsOf(rule.require)[0]),
    );
    const usage = ring === undefined ? undefined : usageOf(policyOf(host), rule, ring);
    const asked: PolicyRequest =
      usage === undefined ? { host: host.sample, ...sampleOf(first) } : askedBy(usage);
    const passes = right(asked).every(({ by }) => by === "origin");
    const alone = verdictOf(asked)?.counts.length === 1;
    if (requests > MOST_COUNTED || !passes || !alone || ring?.kind === "hmac") return [];
    const make = async (): Promise<EdgeRequest> => {
      await quiet(asked);
      const { method, path } = asked;
      const token =
        ring !== undefined && isTokenRing(ring) && usage
          ? [
              carried(
                usage.source as TokenSource,
                await sign(ring, {
                  ...claimsOf(usage),
                  ...(per.kind === "claim" ? counted(per.path, usage) : {}),
                }),
              ),
            ]
          : [];
      const header: HeaderPair[] = per.kind === "header" ? [[per.name, "keyturn"]] : [];
      return { method, url: `https://${host.sample}${path}`, headers: [...token, ...header] };
    };
    const expected = [{ status: 429, by: `${rule.id} (rate limit)` }];
    return [
      {
        ...plainRow(`${host.host} ${rule.id}`, `one request over ${requests}`, expected, make),
        before: requests,
      },
    ];
  }

  const ofRules = definitions.hosts.flatMap((host) =>
    host.rules.flatMap((rule) => {
      const used = ringsOf(rule.require).flatMap((id) => {
        const ring = stage.used.find((each) => each.id === id);
        const usage = ring === undefined ? undefined : usageOf(policyOf(host), rule, ring);
        if (ring === undefined || usage === undefined) return [];
        return isTokenRing(ring) ? tokenRows(host, rule, ring, usage) : linkRows(host, rule, usage);
      });
      return rule.matches.flatMap((match, index) => {
        const { method, path } = sampleOf(match);
        const group = `${host.host} ${rule.id}${index === 0 ? "" : ` ${match.path.text}`}`;
        // What a token or link must say is tried out on the first path.
        const own =
          index === 0 && used.length > 0
            ? used
            : [
                row(group, "as it is", { host: host.sample, method, path }, () => ({
                  method,
                  url: `https://${host.sample}${path}`,
                })),
              ];
        return [...own, ...pathRows(host, group, match)];
      });
    }),
  );
  const ofHosts = definitions.hosts.flatMap((host) => {
    const at = (name: string, method: string, path: string, headers: readonly HeaderPair[] = []) =>
      row(`${host.host}`, name, { host: host.sample, method, path, headers }, () => ({
        method,
        url: `https://${host.sample}${path}`,
        headers,
      }));
    const match = host.rules[0]?.matches[0];
    const preflight: readonly HeaderPair[] = [
      ["origin", "https://app.example.com"],
      ["access-control-request-method", "GET"],
    ];
    return [
      at("a path that nothing lists", "GET", "/keyturn-nothing-here"),
      ...host.exceptions.flatMap(({ id, matches }) =>
        matches.map((match) => {
          const { method, path } = sampleOf(match);
          return at(`exception ${id}`, method, path);
        }),
      ),
      ...(match === undefined
        ? []
        : [
            at("OPTIONS that is no preflight", "OPTIONS", samplePath(match.path)),
            ...(host.preflight ? [at("CORS preflight", "OPTIONS", samplePath(match.path), preflight)] : []),
          ]),
    ];
  });
  const limits = definitions.hosts.flatMap((host) => host.rules.flatMap((rule) => limitRow(host, rule)));
  return [...ofRules, ...ofHosts, ...limits];
}

/** The rows of one ring of a rule that takes tokens or links of several stand together. */
function groupOf(host: HostDefinition, rule: Rule, ring: Ring): string {
  return `${host.host} ${rule.id}${ringsOf(rule.require).length > 1 ? ` (${ring.id})` : ""}`;
}

/** Claims by which a token is valid or not at all, so that another value is another refusal. */
const JUDGED = ["iss", "aud", "exp", "nbf", "iat"];

/** Whether tokens of a ring are looked for at a place. */
function reads(host: HostDefinition, ring: Ring, { kind, name }: TokenSource): boolean {
  const uses = host.tokens.filter((use) => use.ring === ring.id);
  return uses.some(({ sources }) => sources.some((each) => each.kind === kind && each.name === name));
}

const PASSES: Outcome = { status: 200, by: "origin" };

function plainRow(
  group: string,
  name: string,
  expected: readonly Outcome[],
  request: () => EdgeRequest | Promise<EdgeRequest>,
): VerdictRow {
  return { group, name, request, expected };
}

/** A value of the claim that requests are counted by. */
function counted(path: readonly string[], usage: RingUsage): Record<string, unknown> {
  const has = path.reduce<unknown>((inner, name) => (inner as Claims | undefined)?.[name], claimsOf(usage));
  if (has !== undefined) return {};
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), "keyturn-busy") as Record<
    string,
    unknown
  >;
}

import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { isReady } from "../definition/ringsAsked.ts";
import { type Asked, type Environment, MODES, type Requirement, type Zone } from "../definition/types.ts";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../facts/phases.ts";
import { effectiveMode, readiness } from "../policy/policy.ts";
import { compile } from "./compile.ts";
import { effectOf } from "./effects.ts";
import { enterprise } from "./testing/exampleRules.ts";
import type { RingState } from "./types.ts";

const [zone] = enterprise.zones as [Zone];
const pro: Zone = { ...zone, plan: "pro", addOns: [] };
const state = (active: boolean, everBlocked: boolean): RingState => ({
  active,
  everBlocked,
  keys: [{ name: "k1" }],
});

describe("effectiveMode", () => {
  const token = (ring: string): Asked => ({ kind: "token", ring, scopes: [], claims: [] });
  const states = {
    acts: state(true, true),
    first: state(true, false),
    former: state(false, true),
    waits: state(false, false),
  };
  const all = ["off", "log", "challenge", "block"];
  const logs = ["off", "log", "log", "log"];

  test.each<readonly [string, Requirement, readonly string[]]>([
    ["an active key", token("acts"), all],
    ["the first promotion", token("first"), all],
    ["a ring that blocked before", token("former"), all],
    ["a ring without an active key yet", token("waits"), logs],
    ["a ring that nobody knows", token("unknown"), logs],
    ["two rings, one of them without", { kind: "all", of: [token("acts"), token("waits")] }, logs],
    ["one of two rings, one of them without", { kind: "any", of: [token("waits"), token("acts")] }, all],
    ["one of two rings without", { kind: "any", of: [token("waits"), token("unknown")] }, logs],
    ["no ring", { kind: "none" }, all],
  ])("%s", (_name, require, expected) => {
    const ready = isReady({ require }, readiness(states));
    expect(MODES.map((mode) => effectiveMode(mode, enterprise, ready))).toEqual(expected);
  });

  test("the environment only softens", () => {
    const soft: Environment = { ...enterprise, mode: "challenge" };
    expect(MODES.map((mode) => effectiveMode(mode, soft, true))).toEqual([
      "off",
      "log",
      "challenge",
      "challenge",
    ]);
  });
});

describe("effectOf", () => {
  test("the four modes on a plan with log and on one without", () => {
    expect(MODES.map((mode) => effectOf(mode, zone))).toEqual([
      undefined,
      { action: "log", enabled: true },
      { action: "managed_challenge", enabled: true },
      { action: "block", enabled: true },
    ]);
    expect(effectOf("log", pro)).toEqual({ action: "block", enabled: false });
  });
});

test("below Enterprise a challenging rate limit only throttles, and a blocking one cannot", () => {
  const limits = (plan: Zone, mode: string) => {
    const environment = { ...enterprise, zones: [plan] };
    const rules = [
      { id: "a", match: { path: "/a" }, rateLimit: { per: "ip", requests: 5, every: "1m", mode } },
    ];
    const { definitions } = loadDefinitions(
      [{ path: "a.yaml", text: JSON.stringify({ host: "api.example.com", rules }) }],
      environment,
    );
    return compile(definitions, environment, {}).zones[0]?.rules[RATE_LIMIT_PHASE].map((rule) => [
      rule.action,
      rule.ratelimit?.mitigation_timeout,
    ]);
  };
  expect(limits(pro, "challenge")).toEqual([["managed_challenge", 0]]);
  expect(limits(pro, "block")).toEqual([["block", 60]]);
  expect(limits(zone, "challenge")).toEqual([["managed_challenge", 60]]);
  expect(limits(zone, "off")).toEqual([]);
});

test("below Enterprise a rate limit cannot read headers, so it counts preflights too", () => {
  const expressionOn = (plan: Zone) => {
    const environment = { ...enterprise, zones: [plan] };
    const file = {
      host: "api.example.com",
      rules: [{ id: "a", match: { path: "/a" }, rateLimit: { per: "ip", requests: 5, every: "1m" } }],
      cors: { preflight: "allow" },
    };
    const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], environment);
    const desired = compile(definitions, environment, {});
    expect(desired.problems).toEqual([]);
    return desired.zones[0]?.rules[RATE_LIMIT_PHASE][0]?.expression;
  };
  expect(expressionOn(zone)).toContain('http.request.method eq "OPTIONS"');
  expect(expressionOn(pro)).toBe(
    'http.host eq "api.example.com" and lower(url_decode(http.request.uri.path)) in {"/a" "/a/"}',
  );
});

test("a raw expression that names rings waits for the first key of each, as all other rules do", () => {
  const ring = (issuer: string) => ({
    algorithm: "ES256",
    tokens: { issuer, audience: "api", lifetime: "15m" },
    rotation: { every: "90d" },
  });
  const claims = (name: string) => `http.request.jwt.claims["\${config:${name}}"][0]`;
  const file = {
    keys: { shop: ring("a"), staff: ring("b") },
    host: "api.example.com",
    rules: [
      {
        id: "either",
        match: { path: "/a" },
        expression: `not len(${claims("shop")}) > 0 and not len(${claims("staff")}) > 0`,
      },
      { id: "neither", match: { path: "/b" }, expression: "not ssl" },
    ],
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  expect(problems).toEqual([]);
  const actions = (shop: boolean, staff: boolean) => {
    const states = { shop: state(shop, false), staff: state(staff, false) };
    const [desired] = compile(definitions, enterprise, states).zones;
    // The expression needs what it names, though the host says no place for tokens.
    expect(desired?.tokenConfigurations.map((each) => each.ring)).toEqual(["shop", "staff"]);
    return Object.fromEntries(
      (desired?.rules[CUSTOM_PHASE] ?? []).flatMap((rule) =>
        rule.ref.endsWith("/expression") ? [[rule.branches[0]?.ruleId, rule.action]] : [],
      ),
    );
  };
  expect(actions(false, false)).toEqual({ either: "log", neither: "block" });
  expect(actions(true, false)).toEqual({ either: "log", neither: "block" });
  expect(actions(true, true)).toEqual({ either: "block", neither: "block" });
});

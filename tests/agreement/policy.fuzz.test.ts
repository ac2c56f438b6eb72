import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { assumedRingStates, compile } from "../../model/compile/compile.ts";
import { decidedBy } from "../../model/compile/decidedBy.ts";
import { enterprise } from "../../model/compile/testing/exampleRules.ts";
import { acting, holds } from "../../model/compile/testing/verdict.ts";
import type { DesiredState } from "../../model/compile/types.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import { RATE_LIMIT_PHASE } from "../../model/facts/phases.ts";
import { ambiguityOf } from "../../model/policy/ambiguous.ts";
import { evaluate } from "../../model/policy/evaluate.ts";
import { narrowing } from "../../model/policy/narrow.ts";
import { policyAt, policyFor, stretchesOf } from "../../model/policy/policy.ts";
import type { HostPolicy, Stretch } from "../../model/policy/types.ts";
import { host } from "./drawnHosts.ts";
import { askedBy, type Drawn, request, sentBy } from "./drawnRequests.ts";

/*
 * The compiled rules, as the edge's language evaluates them, against what the policy wants: random hosts with random
 * rules, random requests in every spelling.
 */

const REQUESTS = 20;
const settings = fuzzSettings(1 / REQUESTS);

test("compiled rules answer what the policy wants, and the same rule decides", () => {
  const tally = new Tally();
  fc.assert(
    fc.property(host, fc.array(request, { minLength: REQUESTS, maxLength: REQUESTS }), (drawn, requests) => {
      const found = read(drawn);
      if (found === undefined) return tally.count("too long");
      const { hosts, desired } = found;
      const narrow = new Map(hosts.flat().map(({ policy }) => [policy, narrowing(policy)]));
      for (const each of requests) {
        const seen = answer(desired, each);
        const policies = hosts.map((stretches) => policyAt(stretches, each.at));
        const policy = policyFor(policies, each.host);
        const { wanted, counts } = answers(policies, each);
        const asked = askedBy(each);
        const near = policy && narrow.get(policy)?.(asked);
        const verdicts = [policy, near].map((some) => some && JSON.stringify(evaluate(some, asked)));
        expect(verdicts[1]).toBe(verdicts[0]);
        tally.case();
        tally.count(
          `${seen.status} ${seen.by.join() === "origin" ? "origin" : /^[a-z]+/.exec(seen.by[0] ?? "")?.[0]}`,
        );
        const right =
          wanted.length === 0
            ? seen.status === 200
            : seen.by.every((by) =>
                wanted.some((refusal) => refusal.status === seen.status && refusal.by === by),
              );
        if (!right || seen.by.length === 0) expect({ each, seen }).toEqual({ each, seen: wanted });
        // Where another spelling only logs, so do limits; they count a path as the zone's normalization writes it.
        const isClear = policy === undefined || ambiguityOf(policy, asked) === undefined;
        if (seen.status === 200 && isClear && (policy !== undefined || counts.length > 0))
          expect({ each, counts: counting(desired, each) }).toEqual({ each, counts });
        if (counts.length > 0) tally.count("counted");
        if (seen.status === 200 && /^\/o\/.*(%2f|\/\/)/i.test(each.path)) tally.count("accepted");
      }
    }),
    settings,
  );
  tally.print("answers of compiled rules", settings);
  // Each answer must have come up often, or the agreement would mean little.
  for (const kind of [
    "200 origin",
    "401 rule",
    "403 rule",
    "404 otherwise",
    "400 ambiguous",
    "401 always",
    "403 ambiguous",
    "counted",
    "accepted",
  ])
    expect([kind, tally.share(kind) > 0.002]).toEqual([kind, true]);
});

/** The answers that a rule can come to give. */
function possible(
  said: Readonly<Record<string, unknown>>,
  answers: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const text = JSON.stringify(said.require) ?? "";
  const can: Readonly<Record<string, boolean>> = {
    token: text === "{}" || /"(?:ring|scope|claims|audience|issuer)"/.test(text),
    link: text.includes('"link"'),
    expression: said.expression !== undefined,
    limit: said.rateLimit !== undefined,
  };
  return Object.fromEntries(
    Object.entries(answers).filter(([reason]) => can[reason === "claims" ? "token" : reason]),
  );
}

/** The policies of hosts and what comes of them; nothing where a requirement makes a longer expression than there may be. */
function read(
  drawn: typeof host extends fc.Arbitrary<infer H> ? H : never,
): { readonly hosts: readonly (readonly Stretch[])[]; readonly desired: DesiredState } | undefined {
  const ring = (issuer: string) => ({
    algorithm: "ES256",
    tokens: { issuer, audience: "api", lifetime: "15m" },
    rotation: { every: "90d" },
  });
  const list = (name: string, rules: typeof drawn.rules) =>
    rules.map(({ match, says: said, mode, answers }, index) => ({
      id: `${name}-${index}`,
      match: narrowed(match),
      ...said,
      ...(answers === undefined ? {} : { answers: possible(said, answers) }),
      // What opens has no stages.
      mode: said.require === "none" && typeof mode === "object" ? "block" : mode,
    }));
  const narrowed = <T extends { readonly host: number | undefined }>(match: T) => ({
    ...match,
    host: match.host === undefined ? undefined : drawn.hosts.slice(0, match.host),
  });
  const { accepts, shared, besides } = drawn.accepting;
  const require = drawn.accepting.require as string | Record<string, unknown>;
  // Which of two tokens counts, nobody knows.
  const taken = accepts.filter(
    (kind) => kind !== "second-token" || typeof require === "string" || "link" in require,
  );
  const sharing = (list: string) =>
    shared === undefined || list !== besides || (list === "rules" && ["/*", "/o/*"].includes(shared))
      ? []
      : [{ id: `${list}-sharing`, match: { path: shared }, require: { ring: "staff" } }];
  const file = {
    keys: {
      shop: ring("shop"),
      staff: ring("staff"),
      downloads: {
        hmac: { parameter: "verify", lifetime: "1h", bind: ["path"] },
        rotation: { every: "90d" },
      },
    },
    host: drawn.hosts,
    tokens: [
      { ring: "shop", in: ["header authorization", "cookie session"] },
      { ring: "staff", in: ["header x-staff"] },
    ],
    rules: [
      ...list("rule", drawn.rules),
      {
        id: "rule-accepts",
        match: { path: "/o/*" },
        require,
        mode: drawn.accepting.mode,
        ...(taken.length === 0 ? {} : { accepts: taken }),
      },
      ...sharing("rules"),
    ],
    always: [...list("always", drawn.always), ...sharing("always")],
    except: drawn.except.map((match, index) => ({ id: `except-${index}`, match: narrowed(match) })),
    otherwise: drawn.otherwise,
    cors: { preflight: drawn.preflight },
    mode: drawn.mode,
    answers: drawn.answers,
  };
  const { definitions, problems } = loadDefinitions(
    [{ path: "a.yaml", text: JSON.stringify(file) }],
    enterprise,
  );
  const states = Object.fromEntries(
    Object.entries(assumedRingStates(definitions)).map(([id, state]) => [
      id,
      drawn.waiting.includes(id) ? { ...state, active: false, everBlocked: false } : state,
    ]),
  );
  const desired = compile(definitions, enterprise, states);
  const errors = [...problems, ...desired.problems].filter(
    ({ severity, code }) => severity === "error" && code !== "ACCEPTS_INVALID",
  );
  // What is only found to be shared is not accepted, which the requests show.
  expect(problems.filter(({ code }) => code === "ACCEPTS_INVALID")).toEqual([]);
  if (errors.length > 0 && errors.every(({ code }) => UNFIT.includes(code))) return undefined;
  expect(errors).toEqual([]);
  return { hosts: stretchesOf(definitions, enterprise, states), desired };
}

/** What a drawn requirement may come to that is refused with a reason, and has no rules. */
const UNFIT: readonly string[] = ["EXPRESSION_TOO_LONG", "TOKEN_OPTIONAL_IN_CHOICE"];

function answer(
  desired: DesiredState,
  drawn: Drawn,
): { readonly status: number; readonly by: readonly string[] } {
  const sent = sentBy(drawn);
  const rule = acting(desired, sent).find((each) => each.action !== "log");
  if (rule === undefined) return { status: 200, by: ["origin"] };
  const status = rule.action === "block" ? (rule.action_parameters?.response.status_code ?? 0) : 403;
  return { status, by: decidedBy(desired, rule.ref, (expression) => holds(expression, sent)) };
}

/** Ids of the rules whose limits count a request. */
function counting(desired: DesiredState, drawn: Drawn): readonly string[] {
  const sent = sentBy(drawn);
  const limits = desired.zones.flatMap((zone) => zone.rules[RATE_LIMIT_PHASE]);
  return limits
    .filter(({ expression }) => holds(expression, sent))
    .flatMap(({ branches }) => branches.map(({ ruleId }) => ruleId));
}

interface Wanted {
  readonly wanted: readonly { readonly status: number; readonly by: string }[];
  readonly counts: readonly string[];
}

/** What any of the hosts wants: a name in another spelling may be that of several. */
function answers(policies: readonly HostPolicy[], drawn: Drawn): Wanted {
  const sent = sentBy(drawn);
  const verdicts = policies.map((policy) => evaluate(policy, askedBy(drawn)));
  return {
    wanted: verdicts.flatMap(({ refusals, conditional }) => [
      ...refusals,
      ...conditional.filter(({ expression }) => holds(expression, sent)).map(({ refusal }) => refusal),
    ]),
    counts: verdicts.flatMap(({ counts }) => counts.map(({ rule: each }) => each.id)).sort(),
  };
}

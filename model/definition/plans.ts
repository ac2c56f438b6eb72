import type { Reason } from "../facts/answers.ts";
import { formatDuration } from "../facts/durations.ts";
import { type GateName, hasFeature, limitOf } from "../facts/limits.ts";
import { answerOf } from "../policy/answers.ts";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { rotationProblems } from "../rotationPolicy/policy.ts";
import { modeText } from "./modes.ts";
import { leavesOf } from "./requirementTree.ts";
import { show } from "./secrets.ts";
import type { Definitions, HostDefinition, Rule, Zone } from "./types.ts";
import { NO_ZONE } from "./wildcards.ts";

/** What a zone's plan, its add-ons and its limits do not allow. */
export function checkPlans(definitions: Definitions): Problem[] {
  const hosts = definitions.hosts.filter((host) => host.zone !== NO_ZONE);
  return [...hosts.flatMap(hostProblems), ...zoneProblems({ ...definitions, hosts })];
}

function lacks(zone: Zone, gate: GateName, at: Position, what: string, needs: string): Problem[] {
  if (hasFeature(zone, gate)) return [];
  return [
    problem(
      "PLAN_LACKS",
      at,
      `${what}, which the zone ${zone.name} (${[zone.plan, ...(zone.addOns ?? [])].join(", ")}) does not have`,
      `${needs}; if the zone has it, say so in the stack configuration`,
    ),
  ];
}

function hostProblems(host: HostDefinition): Problem[] {
  const { zone } = host;
  const problems: Problem[] = [];
  const first = host.tokens[0];
  if (first !== undefined) {
    problems.push(
      ...lacks(
        zone,
        "jwtClaims",
        first.at,
        "rules on token claims need API Shield",
        "API Shield is an addition to the Enterprise plan",
      ),
    );
  }
  for (const use of host.tokens) {
    if (use.sources.some((source) => source.kind === "cookie")) {
      problems.push(
        ...lacks(
          zone,
          "cookies",
          use.at,
          "tokens in cookies need the cookie field",
          "Pro and higher plans have it",
        ),
      );
    }
  }
  problems.push(...answerProblems(host));
  for (const rule of host.rules) problems.push(...ruleProblems(rule, zone), ...answerProblems(host, rule));
  return problems;
}

/** What answers take that a plan does not have, or not so long. */
function answerProblems(host: HostDefinition, rule?: Rule): Problem[] {
  const { zone } = host;
  const most = limitOf(zone, "customResponseBytes");
  return Object.entries(rule?.answers ?? host.answers).flatMap(([reason, { at }]) => {
    const { body } = answerOf(host, rule, reason as Reason);
    const bytes = Buffer.byteLength(body);
    const tooLong = problem(
      "ANSWER_INVALID",
      at,
      `the body has ${bytes} bytes, and a rule's reply takes ${most}`,
      "write a shorter one",
    );
    return [
      ...(bytes > most ? [tooLong] : []),
      ...lacks(
        zone,
        "customResponse",
        at,
        "an answer of one's own needs custom responses",
        "Pro and higher plans have them",
      ),
    ];
  });
}

function ruleProblems(rule: Rule, zone: Zone): Problem[] {
  const problems: Problem[] = [];
  // What tokens need is judged by where their host has them.
  if (leavesOf(rule.require).some(({ kind }) => kind === "link")) {
    problems.push(
      ...lacks(
        zone,
        "hmac",
        rule.at.require,
        "signed links need is_timed_hmac_valid_v0",
        "Pro and higher plans have it",
      ),
    );
  }
  for (const { path, at } of rule.matches) {
    if (path.segments.every((segment) => typeof segment === "string")) continue;
    problems.push(
      ...lacks(
        zone,
        "regex",
        at,
        "a variable segment needs regular expressions",
        "use /* instead of {name}; Business and Enterprise plans have them",
      ),
    );
  }
  const staged = [rule.mode, ...(rule.rateLimit === undefined ? [] : [rule.rateLimit.mode])];
  const logging = staged.find(({ first, later }) =>
    [first, ...later.map(({ mode }) => mode)].includes("log"),
  );
  if (logging !== undefined && !hasFeature(zone, "log")) {
    const isStaged = logging.later.length > 0;
    problems.push(
      problem(
        "PLAN_LACKS_LOG",
        rule.at.self,
        `the zone ${zone.name} has no log action, so ${show(rule.id)} is deployed disabled${isStaged ? ` while it shall log (${modeText(logging)})` : ""}`,
        isStaged ? "use first: off to say so, or challenge" : "use mode: off to say so, or block",
      ),
    );
  }
  const { rateLimit } = rule;
  if (rateLimit === undefined) return problems;
  if (rateLimit.per.kind !== "ip") {
    problems.push(
      ...lacks(
        zone,
        "advancedRateLimiting",
        rule.at.rateLimit,
        "counting by a claim or header needs Advanced Rate Limiting",
        "use per: ip, or get the addition to the Enterprise plan",
      ),
    );
  }
  const longest = { every: limitOf(zone, "rateLimitPeriod"), for: limitOf(zone, "rateLimitMitigation") };
  for (const [member, seconds] of [
    ["every", rateLimit.every],
    ["for", rateLimit.mitigation],
  ] as const) {
    if (!(seconds > longest[member])) continue;
    problems.push(
      problem(
        "RATE_LIMIT_PERIOD",
        rule.at.rateLimit,
        `${member} is ${formatDuration(seconds)}, and the plan ${zone.plan} allows up to ${formatDuration(longest[member])}`,
        `lower ${member}`,
      ),
    );
  }
  return problems;
}

function zoneProblems({ rings, hosts }: Definitions): Problem[] {
  const problems: Problem[] = [];
  for (const zone of new Map(hosts.map((host) => [host.zone.id, host.zone])).values()) {
    const uses = hosts.filter((host) => host.zone.id === zone.id).flatMap((host) => host.tokens);
    // A ring that no file defines is a problem of its own and may be another's misspelt name.
    const known = uses.filter((use) => rings.some(({ id }) => id === use.ring));
    const used = [...new Set(known.map((use) => use.ring))];
    const most = limitOf(zone, "tokenConfigurations");
    const over = uses.find((use) => use.ring === used[most]);
    if (over !== undefined) {
      problems.push(
        problem(
          "TOKEN_CONFIGURATIONS_TOO_MANY",
          over.at,
          `${used.length} rings need a token configuration each in ${zone.name}, which holds ${most}`,
          "use one ring for several hosts",
        ),
      );
    }
    for (const id of used) {
      const ofRing = uses.filter((use) => use.ring === id);
      const sources = new Set(
        ofRing.flatMap((use) => use.sources.map(({ kind, name }) => `${kind} ${name}`)),
      );
      const limit = limitOf(zone, "tokenSources");
      const last = ofRing.at(-1);
      if (sources.size > limit && last !== undefined) {
        problems.push(
          problem(
            "TOKEN_SOURCES_TOO_MANY",
            last.at,
            `tokens of ${id} are read from ${sources.size} places in ${zone.name}, and a token configuration reads ${limit}`,
            "use the same header and cookie on all hosts of the zone",
          ),
        );
      }
      const ring = rings.find((each) => each.id === id);
      if (ring === undefined) continue;
      problems.push(
        ...rotationProblems(ring, limitOf(zone, "keysPerConfiguration")).filter(
          (each) => each.code === "ROTATION_OVER_CAPACITY",
        ),
      );
    }
  }
  return problems;
}

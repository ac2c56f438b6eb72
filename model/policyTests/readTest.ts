import { hostFor } from "../definition/hostNames.ts";
import { nearest } from "../definition/nearest.ts";
import { show } from "../definition/secrets.ts";
import type { Source } from "../definition/source.ts";
import { type Definitions, isTokenRing } from "../definition/types.ts";
import { durationAdvice, parseDuration } from "../facts/durations.ts";
import { INSTANT_FORM, parseInstant } from "../facts/instants.ts";
import { METHODS } from "../facts/methods.ts";
import type { TestParts } from "./schema.ts";
import type { ExpectedReply, PolicyTest } from "./types.ts";

/** A place in a file of tests. */
export type Path = readonly PropertyKey[];

/** One test; nothing where it cannot be run. `places` are those where its members may stand, the nearest first. */
export function readTest(
  parts: TestParts,
  self: Path,
  places: readonly Path[],
  source: Source,
  { hosts, rings }: Definitions,
  report: (at: Path, message: string, hint: string) => void,
): PolicyTest[] {
  const { host, method = "GET", path, token, link, after, at, times = 1, expect, by, reply } = parts;
  let sound = true;
  const fault = (member: string, message: string, hint: string) => {
    sound = false;
    const base = places.find((place) => has(source.data, [...place, member])) ?? self;
    report([...base, member], message, hint);
  };
  if (path === undefined) fault("path", "the test has no path", "add path: /orders/1");
  else if (!path.startsWith("/")) fault("path", "a path begins with /", "write /orders/1");
  if (expect === undefined) fault("expect", "the test expects nothing", "add expect: passes, or a status");
  if (expect === "passes" && by !== undefined)
    fault("by", "a request that passes is refused by no rule", "leave by out");
  if (expect === "passes" && reply !== undefined)
    fault("reply", "a request that passes is answered by the origin", "leave reply out");
  if (!(METHODS as readonly string[]).includes(method))
    fault("method", `${show(method)} is not a method`, `use one of ${METHODS.join(", ")}`);
  const known = host === undefined ? undefined : hostFor(host, hosts);
  if (known === undefined) {
    const names = hosts.map((each) => each.host).join(", ");
    fault(
      "host",
      host === undefined ? "the test has no host" : `no rule is about ${show(host)}`,
      `hosts are ${names}`,
    );
  } else if (by !== undefined && ![...known.rules.map(({ id }) => id), ...BESIDE_RULES].includes(by)) {
    const guess = nearest(
      by,
      known.rules.map(({ id }) => id),
    );
    fault(
      "by",
      `${known.host} has no rule ${show(by)}`,
      guess ? `did you mean ${guess}?` : "name a rule by its id",
    );
  }
  const seconds = after === undefined ? 0 : parseDuration(after);
  if (seconds === undefined)
    fault("after", `${show(after ?? "")} is not a duration`, durationAdvice(after ?? ""));
  const instant = at === undefined ? undefined : parseInstant(at);
  if (at !== undefined && instant === undefined) fault("at", `${show(at)} is not an instant`, INSTANT_FORM);
  const asked = token === undefined || token === "none" ? undefined : token;
  const idsOf = (tokens: boolean) => rings.filter((ring) => isTokenRing(ring) === tokens).map(({ id }) => id);
  const named = [
    { member: "token", ring: asked?.ring, all: idsOf(true), what: "tokens" },
    { member: "link", ring: link, all: idsOf(false), what: "links" },
  ];
  for (const { member, ring, all, what } of named) {
    if (ring === undefined || all.includes(ring)) continue;
    fault(member, `no ring ${show(ring)} signs ${what}`, `those that do are ${all.join(", ") || "none"}`);
  }
  if (!sound || path === undefined || expect === undefined || host === undefined || seconds === undefined)
    return [];
  return [
    {
      name: parts.name ?? `${method} ${path}`,
      host,
      method,
      path,
      headers: parts.headers ?? {},
      ...(asked === undefined
        ? {}
        : {
            token: {
              ring: asked.ring,
              claims: asked.claims ?? {},
              ...(asked.is === undefined ? {} : { fault: asked.is }),
            },
          }),
      ...(link === undefined ? {} : { link }),
      after: seconds,
      times,
      ...(instant === undefined ? {} : { instant }),
      expected: {
        status: expect,
        ...(by === undefined ? {} : { by }),
        ...(reply === undefined ? {} : { reply: replyOf(reply) }),
      },
      at: source.at(self),
    },
  ];
}

function replyOf({ type, json, body }: NonNullable<TestParts["reply"]>): ExpectedReply {
  return {
    ...(type === undefined ? {} : { type: type.toLowerCase() }),
    ...(json === undefined ? {} : { json }),
    ...(body === undefined ? {} : { body }),
  };
}

/** What decides besides rules. */
const BESIDE_RULES = ["ambiguous", "otherwise", "canary"];

function has(data: unknown, path: Path): boolean {
  const found = path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    data,
  );
  return found !== undefined;
}

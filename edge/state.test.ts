import { expect, it } from "vitest";
import { createEdge, type Edge, uniformLag, VirtualClock } from "./index.ts";
import { ACCOUNT_ID, CUSTOM_RULES, ZONE, ZONE_ID } from "./testing.ts";

const BASE = "https://api.cloudflare.com/client/v4";
const POPS = ["AMS", "SIN", "GRU"].map((name) => ({ name, lag: uniformLag(0, 60_000) }));

async function call(edge: Edge, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await edge.fetch(`${BASE}${path}`, {
    method,
    headers: { authorization: "Bearer test" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return [answer.status, await answer.json()];
}

/** Something of everything that an edge remembers; the answers say what it knew. */
const STEPS: readonly ((edge: Edge) => Promise<unknown>)[] = [
  (edge) =>
    call(edge, "PUT", `/zones/${ZONE_ID}/rulesets/phases/${CUSTOM_RULES}/entrypoint`, {
      rules: [
        { ref: "a", action: "block", expression: 'http.request.uri.path eq "/closed"' },
        { ref: "b", action: "managed_challenge", expression: 'http.request.uri.path eq "/asked"' },
      ],
    }),
  (edge) =>
    call(edge, "PUT", `/zones/${ZONE_ID}/rulesets/phases/http_ratelimit/entrypoint`, {
      rules: [
        {
          ref: "c",
          action: "block",
          expression: 'http.request.uri.path eq "/counted"',
          ratelimit: {
            characteristics: ["ip.src", "cf.colo.id"],
            period: 600,
            requests_per_period: 1,
            mitigation_timeout: 600,
          },
        },
      ],
    }),
  (edge) => call(edge, "POST", `/accounts/${ACCOUNT_ID}/secrets_store/stores`, { name: "keys" }),
  async (edge) => {
    edge.faults.add({ kind: "status", status: 500, path: "/ips", nth: 3 });
    return edge.issueClearance(ZONE_ID, "192.0.2.1");
  },
  (edge) => call(edge, "GET", "/ips"),
  ...["/closed", "/asked", "/counted", "/image.png"].flatMap((path) =>
    POPS.map(({ name }) => async (edge: Edge) => {
      (edge.clock as VirtualClock).advance(7_000);
      const { status, headers, verdict } = await edge.handle(new Request(`https://example.com${path}`), {
        pop: name,
      });
      return { status, headers, verdict };
    }),
  ),
  (edge) => call(edge, "GET", `/zones/${ZONE_ID}/rulesets`),
  (edge) => call(edge, "GET", `/accounts/${ACCOUNT_ID}/secrets_store/stores`),
  async (edge) => [edge.counters(), edge.events.query(), edge.world.settlesAt()],
];

async function run(keep: (edge: Edge, make: (state?: Edge["state"]) => Edge) => Edge): Promise<unknown[]> {
  const clock = new VirtualClock(Date.UTC(2026, 10, 22));
  const make = (state?: Edge["state"]) =>
    createEdge({ clock, zones: [ZONE], pops: POPS, seed: 7, ...(state === undefined ? {} : { state }) });
  let edge = make();
  const seen: unknown[] = [];
  for (const step of [...STEPS, ...STEPS, ...STEPS]) {
    edge = keep(edge, make);
    seen.push(await step(edge));
  }
  return seen;
}

it("an edge that is put away and taken up between any two steps is the same edge", async () => {
  const resumed = await run((edge, make) => make(structuredClone(edge.state)));
  const whole = await run((edge) => edge);
  expect(resumed).toEqual(whole);
  const text = JSON.stringify(whole);
  const signs = ["fault on demand: 500", '"status":429', '"outcome":"cache"', '"action":"managed_challenge"'];
  expect(signs.filter((sign) => !text.includes(sign))).toEqual([]);
});

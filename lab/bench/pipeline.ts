import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createEdge, type Edge, listen, type RulesetRule, VirtualClock } from "@keyturn/edge";

/** What the pipeline bench found. */
export interface PipelineBench {
  /** Requests per second over loopback, client in another thread of the same machine. */
  readonly loopbackPerSecond: number;
  /** Requests per second in process, each with a token of its own. */
  readonly inProcessPerSecond: number;
  /** Heap in use after each quarter of the requests, in MB, garbage collected. */
  readonly heapMb: readonly number[];
  readonly requests: number;
  readonly keys: number;
  /** Rate limit counters held at the end, and allowed (429 for the rest is expected). */
  readonly counters: number;
}

const ZONE = "0".repeat(31).concat("1");
const CONFIGURATION = "f9c5615e-fe15-48ce-bec6-cfc1946f1bec";
const SECRET = Buffer.alloc(32, 7);
const CLIENTS = 32;

function rule(ref: string, expression: string, more: Partial<RulesetRule> = {}): RulesetRule {
  return {
    id: ref,
    version: "1",
    ref,
    action: "block",
    expression,
    enabled: true,
    last_updated: "",
    ...more,
  };
}

/** A zone as keyturn sets it up: an HS256 configuration, rules on claims, a limit per subject and per address. */
function benchEdge(clock: VirtualClock): Edge {
  const edge = createEdge({
    clock,
    zones: [
      {
        id: ZONE,
        name: "example.com",
        accountId: "a".repeat(32),
        plan: "enterprise",
        addOns: ["api_shield"],
      },
    ],
    origin: () => ({ status: 200, headers: [["content-type", "text/plain"]], body: "ok" }),
  });
  edge.world.commitZone(ZONE, "tokenConfigurations", [
    {
      id: CONFIGURATION,
      title: "",
      description: "",
      token_type: "JWT",
      token_sources: ['http.request.headers["authorization"][0]'],
      keys: [{ kid: "k1", alg: "HS256", kty: "oct", k: SECRET.toString("base64url") }],
      created_at: "",
      last_updated: "",
    },
  ]);
  const claims = `http.request.jwt.claims["${CONFIGURATION}"][0]`;
  const common = { name: "", description: "", kind: "zone", version: "1", last_updated: "" } as const;
  const perSubject = { characteristics: ["cf.colo.id", `lookup_json_string(${claims}, "sub")`] };
  const limits = { period: 600, requests_per_period: 1000, mitigation_timeout: 60 };
  edge.world.commitZone(ZONE, "rulesets", [
    {
      ...common,
      id: "custom",
      phase: "http_request_firewall_custom",
      rules: [
        rule("token", `http.host eq "api.example.com" and not len(${claims}) > 0`),
        rule("scope", `not lookup_json_string(${claims}, "scope") == "orders:read"`),
      ],
    },
    {
      ...common,
      id: "limits",
      phase: "http_ratelimit",
      rules: [
        rule("subject", "true", { ratelimit: { ...perSubject, ...limits } }),
        rule("address", "true", { ratelimit: { characteristics: ["cf.colo.id", "ip.src"], ...limits } }),
      ],
    },
  ]);
  return edge;
}

function token(sub: string, nowMs: number): string {
  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub, scope: "orders:read", exp: nowMs / 1000 + 86_400 };
  const signed = `${segment({ alg: "HS256", kid: "k1" })}.${segment(claims)}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** Sends `requests` with `keys` subjects and addresses through one edge while twenty minutes of its time pass. */
export async function benchPipeline(
  requests = 1_000_000,
  keys = 100_000,
  loopback = 20_000,
): Promise<PipelineBench> {
  const clock = new VirtualClock(Date.UTC(2026, 10, 22));
  const edge = benchEdge(clock);
  const tokens = Array.from({ length: keys }, (_, index) => token(`user-${index}`, clock.now()));
  const stepMs = 1_200_000 / requests;
  const heapMb: number[] = [];
  let spent = 0;
  for (let quarter = 0; quarter < 4; quarter++) {
    const start = performance.now();
    for (let index = (requests / 4) * quarter; index < (requests / 4) * (quarter + 1); index++) {
      clock.advance(stepMs);
      const key = index % keys;
      const response = await edge.handle(
        {
          method: "GET",
          url: `https://api.example.com/orders/${index}`,
          headers: [
            ["accept", "application/json"],
            ["authorization", `Bearer ${tokens[key]}`],
          ],
        },
        { ip: `10.${key >> 16}.${(key >> 8) & 255}.${key & 255}` },
      );
      if (response.status !== 200) throw new Error(`a request of the bench was answered ${response.status}`);
    }
    spent += performance.now() - start;
    heapMb.push(heapInMb());
  }
  return {
    loopbackPerSecond: await benchLoopback(edge, tokens[0]!, loopback),
    inProcessPerSecond: (requests / spent) * 1000,
    heapMb,
    requests,
    keys,
    counters: edge.counters(),
  };
}

async function benchLoopback(edge: Edge, bearer: string, count: number): Promise<number> {
  // The limits of the bench zone would refuse one subject's flood.
  edge.world.commitZone(
    ZONE,
    "rulesets",
    edge.world.zone(ZONE).rulesets.filter((ruleset) => ruleset.phase !== "http_ratelimit"),
  );
  const server = await listen(edge);
  const worker = new Worker(new URL(import.meta.url), { workerData: { port: server.port, bearer, count } });
  const seconds = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await server.close();
  return count / seconds;
}

interface Load {
  readonly port: number;
  readonly bearer: string;
  readonly count: number;
}

/** Sends requests over a fixed number of kept connections; answers the seconds it took. */
async function sendLoad({ port, bearer, count }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const headers = { host: "api.example.com", authorization: `Bearer ${bearer}` };
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const sent = httpRequest({ port, agent, path: "/orders/1", headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.resume().on("end", resolve);
      });
      sent.on("error", reject).end();
    });
  for (let index = 0; index < 500; index++) await send();
  const start = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (left-- > 0) await send();
    }),
  );
  agent.destroy();
  return (performance.now() - start) / 1000;
}

function heapInMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1_048_576;
}

/** The figures as text. */
export function pipelineTable(bench: PipelineBench): string {
  return [
    `over loopback: ${Math.round(bench.loopbackPerSecond)} requests/s (client on the same machine, ${CLIENTS} connections)`,
    `in process:    ${Math.round(bench.inProcessPerSecond)} requests/s (HS256 token, 2 rules, 2 rate limits each)`,
    `heap after each quarter of ${bench.requests} requests with ${bench.keys} rate-limit keys: ${bench.heapMb.map((mb) => `${mb.toFixed(0)} MB`).join(", ")}`,
    `counters held: ${bench.counters}`,
  ].join("\n");
}

if (!isMainThread) parentPort?.postMessage(await sendLoad(workerData as Load));
else if (import.meta.main) process.stdout.write(`${pipelineTable(await benchPipeline())}\n`);

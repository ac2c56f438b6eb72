import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { assumedRingStates, compileZones } from "../../../model/compile/compile.ts";
import { enterprise } from "../../../model/compile/testing/exampleRules.ts";
import { loadDefinitions } from "../../../model/definition/load.ts";
import type { PolicyTest } from "../../../model/policyTests/types.ts";
import { edgeAnswersOf } from "./edgeAnswers.ts";
import { runLive } from "./live.ts";
import { isLoopback } from "./loopback.ts";

const RULES = `keys:
  main:
    algorithm: ES256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 90d }
host: api.example.com
tokens: { ring: main, in: [cookie session] }
rules: [{ id: orders, match: { path: /orders/* }, require: { scope: read } }]
`;
const definitionsOf = (text: string, environment = enterprise) =>
  loadDefinitions([{ path: "api.yaml", text }], environment).definitions;
const definitions = definitionsOf(RULES);
const isEdges = edgeAnswersOf(compileZones(definitions, enterprise, assumedRingStates(definitions)));
const INVALID_TOKEN = JSON.stringify({
  type: "about:blank",
  title: "Unauthorized",
  status: 401,
  detail: "A valid access token is required.",
  error: "invalid_token",
});

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server on this machine, and what reached it. */
async function serving(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const reached: string[] = [];
  const server = createServer((request, response) => {
    const { host, cookie } = request.headers;
    reached.push(`${request.method} ${host}${request.url} ${cookie ?? ""}`.trimEnd());
    answer(response, request);
  }).listen(0, "127.0.0.1");
  closing.push(() => server.close());
  await once(server, "listening");
  return { reached, server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

const tested = (parts: Partial<PolicyTest>): PolicyTest => ({
  name: "a test",
  host: "api.example.com",
  method: "GET",
  path: "/orders/1",
  headers: {},
  after: 0,
  times: 1,
  expected: { status: "passes" },
  at: { file: "api.test.yaml", line: 1, column: 1 },
  ...parts,
});

async function sent(server: URL, tests: readonly PolicyTest[]) {
  const tokens = async (ring: string) => `token-of-${ring}`;
  const { signal } = new AbortController();
  const results = await runLive({ tests, definitions, server, isEdges, tokens, signal });
  return results.map(({ outcome, said }) => `${outcome}: ${said}`);
}

test("requests arrive as they are written, for their host, with tokens where the host reads them", async () => {
  const { reached, server } = await serving((response) => response.end("ok"));
  const token = { ring: "main", claims: {} };
  const said = await sent(server, [
    tested({ path: "/health/../orders//%2e?a=%20#b" }),
    tested({ method: "HEAD", host: "www.example.com" }),
    tested({ token }),
    tested({ after: 60 }),
  ]);
  expect(reached).toEqual([
    "GET api.example.com/health/../orders//%2e?a=%20#b",
    "HEAD www.example.com/orders/1",
    "GET api.example.com/orders/1 session=token-of-main",
  ]);
  expect(said).toEqual([
    "ok: 200 from the origin",
    "ok: 200 from the origin",
    "ok: 200 from the origin",
    "not sent: its token or link is from another time",
  ]);
});

test("what a rule answers is a refusal; the same status from the origin is none", async () => {
  const { server } = await serving((response, { url }) => {
    const body = url === "/origin" ? "{}" : INVALID_TOKEN;
    response.writeHead(url === "/other" ? 403 : 401, { "content-type": "application/json" }).end(body);
  });
  expect(
    await sent(server, [
      tested({ expected: { status: 401 } }),
      tested({ expected: { status: 401, reply: { json: { error: "invalid_token" } } } }),
      tested({ expected: { status: 401, reply: { type: "text/plain", json: { error: "x" } } } }),
      tested({ expected: { status: 403 } }),
      tested({ expected: { status: "passes" } }),
      tested({ path: "/origin", expected: { status: 401 } }),
      tested({ path: "/origin" }),
      tested({ path: "/other", expected: { status: 403 } }),
    ]),
  ).toEqual([
    "ok: 401 from a rule",
    "ok: 401 from a rule",
    'failed: 401 from a rule whose type is application/json, and whose json.error is "invalid_token"',
    "failed: 401 from a rule",
    "failed: 401 from a rule",
    "failed: 401 from the origin",
    "ok: 401 from the origin",
    "failed: 403 from the origin",
  ]);
});

test("a HEAD has no body, a challenge its header, and a plan without replies any 403", async () => {
  const headers = {};
  expect(isEdges({ status: 401, headers, body: "" }, "HEAD")).toBe(true);
  expect(isEdges({ status: 401, headers, body: "" }, "GET")).toBe(false);
  expect(isEdges({ status: 403, headers: { "cf-mitigated": "challenge" }, body: "<html>" }, "GET")).toBe(
    true,
  );
  expect(isEdges({ status: 403, headers, body: "<html>" }, "GET")).toBe(false);
  const open =
    "host: api.example.com\nrules: [{ id: a, match: { path: /a }, expression: ip.src eq 192.0.2.1 }]\n";
  for (const plan of ["free", "enterprise"] as const) {
    const zones = enterprise.zones.map((zone) => ({ ...zone, plan, addOns: [] }));
    const environment = { ...enterprise, zones };
    const compiled = compileZones(definitionsOf(open, environment), environment, {});
    expect(edgeAnswersOf(compiled)({ status: 403, headers, body: "<html>" }, "GET")).toBe(plan === "free");
  }
});

test("no answer is a failure with its reason, and a long one is cut", async () => {
  const { server } = await serving((response) => {
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed && response.write("x".repeat(65_536))) setImmediate(more);
    };
    response.on("drain", more);
    more();
  });
  expect(await sent(server, [tested({})])).toEqual(["ok: 200 from the origin"]);
  const silent = createTcpServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  closing.push(() => silent.close());
  await once(silent, "listening");
  const port = (silent.address() as AddressInfo).port;
  expect(await sent(new URL(`http://127.0.0.1:${port}`), [tested({})])).toEqual([
    "failed: no answer (ECONNRESET)",
  ]);
});

test("an answer that does not come in time is waited for no longer", async () => {
  const late = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(late.signal);
  closing.push(() => timeout.mockRestore());
  const { server } = await serving(() => late.abort(new DOMException("late", "TimeoutError")));
  expect(await sent(server, [tested({})])).toEqual(["failed: no answer within 15 s"]);
  expect(timeout.mock.calls).toEqual([[15_000]]);
});

test.each([
  ["http://127.0.0.1:80", true],
  ["http://localhost", true],
  ["http://[::1]:1", true],
  ["http://localhost.example.com", false],
  ["http://127.0.0.1.example.com", false],
  ["http://192.0.2.1", false],
])("%s is on this machine: %s", (url, is) => {
  expect(isLoopback(new URL(url))).toBe(is);
});

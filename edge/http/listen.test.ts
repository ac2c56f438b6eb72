import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantLag, createEdge, type Edge } from "../index.ts";
import { type Listening, listen } from "./listen.ts";

const ZONE = "0".repeat(31).concat("1");
let edge: Edge;
let server: Listening;

beforeAll(async () => {
  edge = createEdge({
    zones: [
      {
        id: ZONE,
        name: "example.com",
        accountId: "a".repeat(32),
        plan: "enterprise",
        addOns: ["api_shield"],
      },
    ],
    pops: [
      { name: "AMS", lag: constantLag(0) },
      { name: "SYD", lag: constantLag(60_000) },
    ],
  });
  server = await listen(edge);
});
afterAll(() => server.close());

/** Sends bytes as they stand; answers the first that come back, and how many of `more` were sent until then. */
function sendRaw(
  head: string,
  more: () => string | undefined = () => undefined,
): Promise<{ readonly answer: string; readonly sent: number }> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    let sent = 0;
    let answer = "";
    const pump = () => {
      while (answer === "") {
        const chunk = more();
        if (chunk === undefined) return;
        sent += chunk.length;
        if (!socket.write(chunk)) {
          socket.once("drain", () => setImmediate(pump));
          return;
        }
      }
    };
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (!answer.includes("\r\n\r\n")) return;
      socket.destroy();
      resolve({ answer, sent });
    });
    socket.on("error", reject);
    socket.write(head, pump);
  });
}

/** `fetch` would normalize the path and refuse a Host header. */
function send(
  path: string,
  headers: Record<string, string>,
  port = server.port,
): Promise<{ status: number; headers: unknown; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, headers }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    request.on("error", reject).end();
  });
}

describe("listen", () => {
  it("serves the API to the official SDK, and what it stored through the front door", async () => {
    const client = new Cloudflare({ apiToken: "test", baseURL: server.apiUrl, maxRetries: 0 });
    await client.rulesets.phases.update("http_request_firewall_custom", {
      zone_id: ZONE,
      rules: [
        {
          ref: "admin",
          action: "block",
          expression: 'starts_with(http.request.uri.path, "/admin")',
          action_parameters: {
            response: { status_code: 401, content: '{"error":"no"}', content_type: "application/json" },
          },
        },
      ],
    });
    const refused = await send("/admin//x", { host: "api.example.com" });
    expect(refused).toMatchObject({ status: 401, body: '{"error":"no"}' });
    expect(refused.headers).toMatchObject({
      "content-type": "application/json",
      "cf-ray": expect.stringMatching(/^[0-9a-f]{16}-AMS$/),
      date: "Sun, 22 Nov 2026 00:00:00 GMT",
    });
    const elsewhere = await send("/admin", {
      host: "api.example.com",
      "x-edge-pop": "SYD",
      "x-edge-ip": "192.0.2.9",
    });
    expect(elsewhere.status).toBe(200);
    const reached = JSON.parse(elsewhere.body) as { headers: [string, string][] };
    expect(reached.headers).toContainEqual(["cf-connecting-ip", "192.0.2.9"]);
    expect(reached.headers.some(([name]) => name.startsWith("x-edge"))).toBe(false);
  });

  it("closes the connection where a fault loses the answer", async () => {
    const remove = edge.faults.add({ kind: "lostAnswer", method: "GET", path: "/rulesets" });
    await expect(
      fetch(`${server.apiUrl}/zones/${ZONE}/rulesets`, { headers: { authorization: "Bearer test" } }),
    ).rejects.toThrow(TypeError);
    remove();
  });

  it("answers the API's Date from the edge's clock", async () => {
    const response = await fetch(`${server.apiUrl}/zones/${ZONE}/rulesets`, {
      headers: { authorization: "Bearer test" },
    });
    expect(response.headers.get("date")).toMatch(/^Sun, 22 Nov 2026 00:0[01]:00 GMT$/);
  });

  it("answers 500 where the world holds what is no ruleset at all", async () => {
    const broken = createEdge({ zones: edge.world.zones });
    broken.world.commitZone(ZONE, "rulesets", [null as never]);
    const other = await listen(broken);
    expect(await send("/", { host: "example.com" }, other.port)).toMatchObject({
      status: 500,
      body: "the edge failed to answer",
    });
    await other.close();
  });

  it("knows no host outside its zones and no point of presence outside its list", async () => {
    expect(await send("/", { host: "example.org" })).toMatchObject({ status: 409, body: "error code: 1001" });
    expect(await send("/", { host: "example.com", "x-edge-pop": "LHR" })).toMatchObject({
      status: 400,
      body: "no point of presence LHR",
    });
  });
});

/** The JSON body of an answer that came in chunks. */
function jsonIn(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
}

const PUT_RULES = `PUT /client/v4/zones/${ZONE}/rulesets/phases/http_ratelimit/entrypoint HTTP/1.1\r\nHost: localhost\r\n`;
const MEBIBYTE = "x".repeat(1024 * 1024);
const CHUNK = `100000\r\n${MEBIBYTE}\r\n`;

describe("bodies", () => {
  it("are not waited for before the token is known", async () => {
    const { answer } = await sendRaw(`${PUT_RULES}Content-Length: 157286400\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*"code":6003/s);
  });

  it("are thrown away, not kept, where nobody wants them", async () => {
    let left = 150;
    const before = process.memoryUsage().arrayBuffers;
    const { answer } = await sendRaw(`${PUT_RULES}Transfer-Encoding: chunked\r\n\r\n`, () => {
      left -= 1;
      return left < 0 ? undefined : CHUNK;
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MEBIBYTE.length);
  });

  it("end at the endpoint's limit while they stream in: 413", async () => {
    const head = `${PUT_RULES}Authorization: Bearer test\r\nTransfer-Encoding: chunked\r\n\r\n`;
    let left = 150;
    const { answer, sent } = await sendRaw(head, () => {
      left -= 1;
      return left < 0 ? undefined : CHUNK;
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*Request body is larger than 8388608 bytes/s);
    expect(sent).toBeLessThan(150 * MEBIBYTE.length);
  });

  it("are asked for (100 Continue) only when they are read", async () => {
    const body = "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n";
    expect((await sendRaw(`${PUT_RULES}${body}`)).answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await sendRaw(`${PUT_RULES}Authorization: Bearer test\r\n${body}`)).answer).toBe(
      "HTTP/1.1 100 Continue\r\n\r\n",
    );
  });

  it("of visitors end at 100 MB", async () => {
    const head = "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 104857601\r\n\r\n";
    expect((await sendRaw(head)).answer).toMatch(/^HTTP\/1\.1 413 .*the request's body is too large/s);
  });
});

it.each(["TRACE", "PROPFIND"])("the API answers %s in its envelope", async (method) => {
  const { answer } = await sendRaw(
    `${method} /client/v4/zones HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 405 /);
  expect(jsonIn(answer)).toEqual({
    result: null,
    success: false,
    errors: [{ code: 10405, message: `Method ${method} is not allowed for that URI` }],
    messages: [],
  });
});

it("headers named as members of objects reach the origin", async () => {
  const { body } = await send("/", { host: "example.com", constructor: "a", tostring: "b" });
  const { headers } = JSON.parse(body) as { headers: [string, string][] };
  expect(headers.map(([name]) => name)).toEqual(expect.arrayContaining(["constructor", "tostring"]));
});

describe("targets", () => {
  const statusOf = async (head: string) =>
    (await sendRaw(`${head}\r\n\r\n`)).answer.slice("HTTP/1.1 ".length, "HTTP/1.1 ".length + 3);

  it.each([
    "GET /admin HTTP/1.1\r\nHost: api.example.com/public?",
    "GET /admin HTTP/1.1\r\nHost: api.example.com#",
    "GET /admin HTTP/1.1\r\nHost: user@api.example.com",
    "GET /admin HTTP/1.1\r\nHost: api.example.com:",
    "GET /admin HTTP/1.1\r\nHost: api.example.com:1:2",
    "GET /admin HTTP/1.1\r\nHost: api.example.com\\",
    "GET /admin HTTP/1.1\r\nHost: api example.com",
    "GET /admin HTTP/1.1\r\nHost:",
    "GET /admin HTTP/1.1\r\nX: y",
    "GET /admin HTTP/1.0",
    "GET /admin HTTP/1.1\r\nHost: api.example.com\r\nHost: example.com",
    "GET http://api.example.com:x/ HTTP/1.1\r\nHost: api.example.com",
    "GET http://user@api.example.com/ HTTP/1.1\r\nHost: api.example.com",
    "GET ftp://api.example.com/ HTTP/1.1\r\nHost: api.example.com",
    "GET //a HTTP/1.1\r\nHost: ",
    "OPTIONS * HTTP/1.1\r\nHost: api.example.com",
  ])("%j is refused", async (head) => {
    expect(await statusOf(head)).toBe("400");
  });

  it("in absolute form name the host, whatever the Host header says (RFC 9112 §3.2.2)", async () => {
    const head = "GET http://api.example.com:8080/a?b=http://c HTTP/1.1\r\nHost: elsewhere.example.org\r\n";
    const { answer } = await sendRaw(`${head}X-Edge-Pop: SYD\r\n\r\n`);
    expect(jsonIn(answer)).toMatchObject({
      host: "api.example.com",
      path: "/a",
      query: "b=http://c",
      headers: expect.arrayContaining([["Host", "api.example.com:8080"]]),
    });
  });

  it("in absolute form reach the API too", async () => {
    const head = `GET http://127.0.0.1/client/v4/ips HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    expect((await sendRaw(head)).answer).toMatch(/^HTTP\/1\.1 200 .*"ipv4_cidrs"/s);
  });
});

import { request as httpRequest } from "node:http";
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

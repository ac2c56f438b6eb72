import { describe, expect, it } from "vitest";
import { VirtualClock } from "../index.ts";
import {
  CUSTOM_RULES,
  enforce,
  enforceInAccount,
  get,
  rule,
  ruleset,
  testEdge,
  ZONE_ID,
} from "../testing.ts";
import { echoOrigin } from "./origin.ts";

const ON_PATH = (path: string) => `http.request.uri.path eq "${path}"`;

describe("order", () => {
  it("runs the account's rules before the zone's, each in its order", async () => {
    const { edge } = testEdge();
    const logs = (prefix: string) =>
      ["2", "1"].map((name) => rule(`${prefix}${name}`, "true", { action: "log" }));
    enforce(edge, ruleset(CUSTOM_RULES, logs("zone")));
    enforceInAccount(edge, ruleset(CUSTOM_RULES, logs("account"), { id: "root", kind: "root" }));
    const { verdict } = await edge.handle(get("/"));
    expect(verdict.hits.map((hit) => [hit.ref, hit.scope])).toEqual([
      ["account2", "account"],
      ["account1", "account"],
      ["zone2", "zone"],
      ["zone1", "zone"],
    ]);
    expect(edge.events.query().map((event) => [event.action, event.ref])).toEqual([
      ["log", "account2"],
      ["log", "account1"],
      ["log", "zone2"],
      ["log", "zone1"],
    ]);
  });

  it("stops at the first terminating rule", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("first", "true"), rule("second", "true", { action: "log" })]));
    const { verdict } = await edge.handle(get("/"));
    expect(verdict.hits.map((hit) => hit.ref)).toEqual(["first"]);
  });

  it("passes over disabled rules", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("off", "true", { enabled: false })]));
    expect((await edge.handle(get("/"))).verdict).toEqual({ outcome: "origin", hits: [], tokens: [] });
  });

  it("executes custom rulesets where the entry point says so, and only then", async () => {
    const { edge } = testEdge();
    const inner = ruleset(CUSTOM_RULES, [rule("inner", ON_PATH("/a"))], { id: "custom", kind: "custom" });
    const execute = rule("run", 'http.host eq "api.example.com"', {
      action: "execute",
      action_parameters: { id: "custom" },
    });
    enforce(edge, inner);
    expect((await edge.handle(get("/a"))).status).toBe(200);
    enforce(edge, inner, ruleset(CUSTOM_RULES, [execute, rule("after", ON_PATH("/b"))]));
    const inside = await edge.handle(get("/a"));
    expect(inside.verdict.decidedBy).toMatchObject({ ref: "inner", rulesetId: "custom" });
    expect((await edge.handle(get("/b"))).verdict.decidedBy?.ref).toBe("after");
    const elsewhere = { ...get("/a"), url: "https://www.example.com/a" };
    expect((await edge.handle(elsewhere)).status).toBe(200);
  });

  it("ends rulesets that execute one another", async () => {
    const { edge } = testEdge();
    const again = rule("again", "true", { action: "execute", action_parameters: { id: "custom" } });
    enforce(
      edge,
      ruleset(CUSTOM_RULES, [again]),
      ruleset(CUSTOM_RULES, [again], { id: "custom", kind: "custom" }),
    );
    expect((await edge.handle(get("/"))).status).toBe(200);
  });
});

describe("block", () => {
  it("answers 403 in the format the client asked for", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("no", "true")]));
    const typeFor = async (accept: string) => {
      const { status, headers } = await edge.handle(get("/", ["accept", accept]));
      return [status, headers.find(([name]) => name === "content-type")?.[1]];
    };
    expect(await typeFor("*/*")).toEqual([403, "text/html; charset=utf-8"]);
    expect(await typeFor("application/json")).toEqual([403, "application/json"]);
    expect(await typeFor("text/html, application/json;q=0.9")).toEqual([403, "text/html; charset=utf-8"]);
    expect(await typeFor("text/html;q=0.1, application/json")).toEqual([403, "application/json"]);
    expect(await typeFor("Application/JSON")).toEqual([403, "application/json"]);
    expect(await typeFor("text/markdown")).toEqual([403, "text/markdown; charset=utf-8"]);
  });

  it("answers HEAD without a body", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("no", "true")]));
    expect(await edge.handle({ ...get("/"), method: "HEAD" })).toMatchObject({ status: 403, body: "" });
  });

  it("shows the zone's customized page to browsers, which send Accept-Encoding", async () => {
    const { edge } = testEdge({
      pages: (url) => (url === "https://pages.example/block" ? "<h1>ours</h1>" : undefined),
    });
    enforce(edge, ruleset(CUSTOM_RULES, [rule("no", "true")]));
    edge.world.commitZone(ZONE_ID, "customPages", {
      waf_block: { state: "customized", url: "https://pages.example/block" },
    });
    expect((await edge.handle(get("/", ["accept-encoding", "gzip"]))).body).toBe("<h1>ours</h1>");
    expect((await edge.handle(get("/"))).body).toContain("you have been blocked");
  });
});

describe("challenges", () => {
  it.each(["challenge", "js_challenge", "managed_challenge"])(
    "%s refuses whoever brings no clearance",
    async (action) => {
      const { edge } = testEdge();
      enforce(edge, ruleset(CUSTOM_RULES, [rule("human", "true", { action })]));
      const refused = await edge.handle(get("/"));
      expect([refused.status, refused.verdict.outcome]).toEqual([403, "challenged"]);
      expect(refused.headers).toContainEqual(["cf-mitigated", "challenge"]);
      const cookie = edge.issueClearance(ZONE_ID, "192.0.2.1");
      expect((await edge.handle(get("/", ["cookie", cookie]))).status).toBe(200);
      expect((await edge.handle(get("/", ["cookie", "cf_clearance=made-up"]))).status).toBe(403);
    },
  );

  it("binds a clearance to its zone, address, level and 30 minutes", async () => {
    const { clock, edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("human", "true", { action: "managed_challenge" })]));
    const statusWith = async (cookie: string, ip = "192.0.2.1") =>
      (await edge.handle(get("/", ["cookie", cookie]), { ip })).status;
    const cookie = edge.issueClearance(ZONE_ID, "192.0.2.1", "managed_challenge");
    expect(await statusWith(cookie, "192.0.2.2")).toBe(403);
    expect(await statusWith(edge.issueClearance("f".repeat(32), "192.0.2.1"))).toBe(403);
    expect(await statusWith(edge.issueClearance(ZONE_ID, "192.0.2.1", "js_challenge"))).toBe(403);
    clock.advance(30 * 60_000 - 1);
    expect(await statusWith(cookie)).toBe(200);
    clock.advance(1);
    expect(await statusWith(cookie)).toBe(403);
  });

  it("goes on with the next rule once passed", async () => {
    const { edge } = testEdge();
    enforce(
      edge,
      ruleset(CUSTOM_RULES, [rule("human", "true", { action: "challenge" }), rule("no", "true")]),
    );
    const response = await edge.handle(get("/", ["cookie", edge.issueClearance(ZONE_ID, "192.0.2.1")]));
    expect(response.verdict.decidedBy?.ref).toBe("no");
  });
});

describe("what rules see", () => {
  it("is the normalized path, the raw one beside it, and the origin gets what was sent", async () => {
    const { edge } = testEdge();
    enforce(
      edge,
      ruleset(CUSTOM_RULES, [
        rule("seen", 'http.request.uri.path eq "/admin/x" and raw.http.request.uri.path eq "//%61dmin/./x"', {
          action: "log",
        }),
      ]),
    );
    const response = await edge.handle(get("//%61dmin/./x?a=%2F"));
    expect(response.verdict.hits.map((hit) => hit.ref)).toEqual(["seen"]);
    expect(JSON.parse(String(response.body))).toMatchObject({ path: "//%61dmin/./x", query: "a=%2F" });
    edge.world.commitZone(ZONE_ID, "urlNormalization", { type: "cloudflare", scope: "both" });
    expect(JSON.parse(String((await edge.handle(get("//%61dmin/./x"))).body))).toMatchObject({
      path: "/admin/x",
    });
    edge.world.commitZone(ZONE_ID, "urlNormalization", { type: "cloudflare", scope: "none" });
    expect((await edge.handle(get("//%61dmin/./x"))).verdict.hits).toEqual([]);
  });

  it("includes lists of the account as they are at this point of presence", async () => {
    const { edge } = testEdge();
    enforce(edge, ruleset(CUSTOM_RULES, [rule("office", "not ip.src in $office")]));
    edge.world.commitAccount("a".repeat(32), "lists", [
      { id: "1", name: "office", kind: "ip", items: ["192.0.2.0/24"] },
    ]);
    expect((await edge.handle(get("/"), { ip: "192.0.2.77" })).status).toBe(200);
    expect((await edge.handle(get("/"), { ip: "198.51.100.1" })).status).toBe(403);
  });
});

describe("signed links", () => {
  it("are valid until their time is over, for their own path only", async () => {
    const clock = new VirtualClock(1_657_026_353_000);
    const { edge } = testEdge({ clock });
    const valid = 'is_timed_hmac_valid_v0("cloudflare", http.request.uri, 60, http.request.timestamp.sec, 8)';
    enforce(edge, ruleset(CUSTOM_RULES, [rule("signed", `not ${valid}`)]));
    const link = (path: string) =>
      `${path}?verify=1657026353-ZXJWAyFwAgJSY%2B5j3CkJE80TatA33E3MEH4D%2FkSnh7M%3D`;
    const statusOf = async (path: string) => (await edge.handle(get(path))).status;
    expect(await statusOf(link("/tokenauth/kayak.mp4"))).toBe(200);
    expect(await statusOf(link("/tokenauth/other.mp4"))).toBe(403);
    expect(await statusOf("/tokenauth/kayak.mp4")).toBe(403);
    clock.advance(59_999);
    expect(await statusOf(link("/tokenauth/kayak.mp4"))).toBe(200);
    clock.advance(1);
    expect(await statusOf(link("/tokenauth/kayak.mp4"))).toBe(403);
  });
});

describe("the front door", () => {
  it("serves the most specific zone and knows no other host", async () => {
    const { edge } = testEdge({
      zones: [
        { id: "1".repeat(32), name: "example.com", accountId: "a".repeat(32), plan: "free", addOns: [] },
        { id: "2".repeat(32), name: "eu.example.com", accountId: "a".repeat(32), plan: "free", addOns: [] },
      ],
    });
    edge.world.commitZone("2".repeat(32), "rulesets", [ruleset(CUSTOM_RULES, [rule("eu", "true")])]);
    const statusOf = async (host: string) =>
      (await edge.handle({ method: "GET", url: `https://${host}/` })).status;
    expect(
      await Promise.all(["example.com", "eu.example.com", "API.EU.example.com:8443"].map(statusOf)),
    ).toEqual([200, 403, 403]);
    expect(await Promise.all(["badexample.com", "example.org"].map(statusOf))).toEqual([409, 409]);
    for (const url of ["/relative", "ftp://example.com/", "https://someone@eu.example.com/"]) {
      expect((await edge.handle({ method: "GET", url })).status).toBe(400);
    }
  });

  it("takes Fetch API requests too", async () => {
    const bodies: string[] = [];
    const { edge } = testEdge({
      origin: (request) => {
        bodies.push(Buffer.from(request.body).toString());
        return echoOrigin(request);
      },
    });
    const request = new Request("https://example.com/a?b=1", {
      method: "POST",
      body: "text",
      headers: { "x-a": "1" },
    });
    const response = await edge.handle(request);
    expect(JSON.parse(String(response.body))).toMatchObject({ method: "POST", path: "/a", query: "b=1" });
    await edge.handle(new Request("https://example.com/"));
    expect(bodies).toEqual(["text", ""]);
  });

  it("answers 521 where the origin fails", async () => {
    const { edge } = testEdge({
      origin: () => {
        throw new Error("down");
      },
    });
    expect((await edge.handle(get("/"))).status).toBe(521);
  });
});

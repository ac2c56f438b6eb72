import { createHmac } from "node:crypto";
import { compileFilter, parse, RequestFields, toBytes } from "@keyturn/edge/language";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveChoices } from "../../edge/choices.ts";
import { fuzzSettings } from "../../edge/language/testing/runs.ts";
import { prepareConfiguration } from "../../edge/token/configuration.ts";
import { validateToken } from "../../edge/token/validate.ts";
import { compile } from "../../model/compile/index.ts";
import { type LinkPart, loadDefinitions } from "../../model/definition/index.ts";
import { secretPlaceholder } from "../../model/facts/placeholders.ts";
import { readKeys } from "../../scripts/token/readKeys.ts";
import { signLink } from "../../scripts/token/signLink.ts";
import { verifyJwt } from "../../scripts/token/verifyJwt.ts";
import { verifyLink } from "../../scripts/token/verifyLink.ts";

/**
 * `token verify` and the edge were written from the same documentation and share no code. What the command calls
 * accepted, the edge must accept; where they differ, the command is the stricter one.
 */
const NOW = Date.UTC(2026, 10, 22, 12);
const SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01";
const JWK = { kty: "oct", k: Buffer.from(SECRET).toString("base64url"), kid: "k1", alg: "HS256" } as const;
const KEYS = readKeys(JSON.stringify(JWK));
const CHOICES = resolveChoices({});
const CONFIGURATION = prepareConfiguration({
  id: "00000000-0000-4000-8000-000000000000",
  title: "t",
  description: "d",
  token_type: "JWT",
  token_sources: ['http.request.headers["authorization"][0]'],
  keys: [JWK],
  created_at: "2026-01-01T00:00:00Z",
  last_updated: "2026-01-01T00:00:00Z",
});

function sign(header: unknown, claims: string, secret: string): string {
  const input = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${Buffer.from(claims).toString("base64url")}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

const instant = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((off) => NOW / 1000 - 60 + off),
  fc.integer({ min: -3, max: 3 }).map((off) => NOW / 1000 + 60 + off),
  fc.integer({ min: -3600, max: 3600 }).map((off) => NOW / 1000 + off),
  fc.constantFrom(0, -1, 1.5, 1e300, 2 ** 53),
);
const claim = fc.oneof(
  { weight: 6, arbitrary: instant },
  fc.constantFrom("1", null, true, [], {}) as fc.Arbitrary<unknown>,
);
const claims = fc
  .record({ exp: claim, nbf: claim, sub: fc.string() }, { requiredKeys: [] })
  .map((value) => JSON.stringify(value));
const header = fc.record({
  alg: fc.constantFrom("HS256", "HS256", "HS256", "HS384", "none", "ES256"),
  kid: fc.constantFrom("k1", "k1", "k1", "k2", ""),
  typ: fc.constant("JWT"),
});
const broken = fc.constantFrom(
  (token: string) => token,
  (token: string) => token,
  (token: string) => token,
  (token: string) => token.slice(0, -1),
  (token: string) => `${token}=`,
  (token: string) => token.replace(".", ".."),
  (token: string) => `${token}.x`,
  (token: string) => token.replace(/^./, "f"),
);

describe("token verify and the edge", () => {
  test("a token that the command accepts is accepted at the edge, and one that the edge refuses is refused", async () => {
    const settings = fuzzSettings(0.5);
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        header,
        claims,
        fc.constantFrom(SECRET, SECRET, SECRET, "another"),
        broken,
        async (h, c, secret, damage) => {
          const token = damage(sign(h, c, secret));
          const command = await verifyJwt(token, KEYS, { now: new Date(NOW) });
          const edge = validateToken(CONFIGURATION, token, NOW, CHOICES);
          if (command.accepted) accepted += 1;
          if (command.accepted) expect(edge.valid).toBe(true);
          // Only a time at the very end of the leeway, or of a form nobody documents, may divide them.
          const times = [JSON.parse(c).exp, JSON.parse(c).nbf].filter((time) => time !== undefined);
          const plain = times.every(
            (time) => Number.isSafeInteger(time) && Math.abs(Math.abs(time - NOW / 1000) - 60) > 1,
          );
          if (plain) expect(command.accepted).toBe(edge.valid);
        },
      ),
      settings,
    );
    expect(accepted).toBeGreaterThan(settings.numRuns / 50);
  });

  test("a link that the command accepts is accepted by the compiled rule, and both see its end at the same second", () => {
    const bindings: readonly (readonly LinkPart[])[] = [["path"], ["path", "query"]];
    const rules = bindings.map((bind) => ({ bind, refuses: ruleOf(bind) }));
    const settings = fuzzSettings(0.5);
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.constantFrom("/a", "/files/report.pdf", "/a/b.c?x=1", "/a?verifyx"),
        fc.constantFrom(-1, 0, 1, 3598, 3599, 3600, 3601, 7200),
        fc.constantFrom(SECRET, SECRET, "another-secret-of-some-length"),
        fc.constantFrom("", "", "", "", "", "x", "&x=1", "tamper", "name", "separator", "moved"),
        fc.constantFrom(...rules),
        (path, age, secret, damage, { bind, refuses }) => {
          const issuedAt = new Date(NOW - age * 1000);
          const signed = signLink({ secret: Buffer.from(secret), path, parameter: "verify", issuedAt });
          const link = damaged(signed, damage);
          const command = verifyLink(link, KEYS, {
            now: new Date(NOW),
            lifetimeSeconds: 3600,
            parameter: "verify",
            bind,
          });
          const mark = link.indexOf("?");
          const [head, query] = mark < 0 ? [link, ""] : [link.slice(0, mark), link.slice(mark + 1)];
          const edge = !refuses(fields(head, query));
          if (command.accepted) accepted += 1;
          expect(command.accepted).toBe(edge);
        },
      ),
      settings,
    );
    expect(accepted).toBeGreaterThan(settings.numRuns / 10);
  });
});

/** A signed link with what an attacker may try; an unknown word is put behind it. */
function damaged(link: string, damage: string): string {
  if (damage === "tamper") return link.replace("/", "/b");
  if (damage === "name") return link.replace("verify=", "verifz=");
  if (damage === "separator")
    return link.replace(/[?&]verify=/, (text) => (text.startsWith("?") ? "&" : "?") + text.slice(1));
  if (damage === "moved") return link.replace(/[?&]verify=/, "?dl=1&v=");
  return link + damage;
}

/** What the compiled rule of a link ring refuses. */
function ruleOf(bind: readonly LinkPart[]) {
  const file = {
    keys: { downloads: { hmac: { parameter: "verify", lifetime: "1h", bind }, rotation: { every: "30d" } } },
    host: "downloads.example.com",
    rules: [{ id: "files", match: { path: "/*" }, require: { link: "downloads" } }],
  };
  const zones = [{ id: "0".repeat(32), name: "example.com", plan: "enterprise" as const }];
  const environment = { stack: "dev", zones };
  const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], environment);
  const states = { downloads: { active: true, everBlocked: true, keys: [{ name: "k1" }] } };
  const [zone] = compile(definitions, environment, states).zones;
  const rule = zone?.customRules.find((each) => each.ref.includes("/link/"));
  return compileFilter(
    parse((rule?.expression ?? "").replaceAll(secretPlaceholder("downloads", "k1"), SECRET)),
  );
}

function fields(path: string, query: string): RequestFields {
  return new RequestFields({
    method: "GET",
    scheme: "https",
    host: "downloads.example.com",
    path: toBytes(path),
    query: toBytes(query),
    headers: [],
    timestampMs: NOW,
  });
}

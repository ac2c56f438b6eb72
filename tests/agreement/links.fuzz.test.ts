import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { normalizePath } from "../../edge/pipeline/normalizeUrl.ts";
import { assumedRingStates, compile } from "../../model/compile/compile.ts";
import { enterprise } from "../../model/compile/testing/exampleRules.ts";
import { NOW, secretOf, verdict } from "../../model/compile/testing/verdict.ts";
import type { DesiredState } from "../../model/compile/types.ts";
import { loadDefinitions } from "../../model/definition/load.ts";
import type { LinkPart } from "../../model/definition/types.ts";
import { linkPrefix } from "../../model/facts/links.ts";
import { TokenInputError } from "../../scripts/token/findings.ts";
import { encodeMac, linkMac, signLink } from "../../scripts/token/signLink.ts";
import { verifyLink } from "../../scripts/token/verifyLink.ts";

/*
 * `token sign --link` and `token verify` against the compiled rules of a zone, as the edge evaluates them behind its
 * URL normalization. They share the list of what makes a path ambiguous, and nothing that decides.
 */
const HOST = "files.example.com";
const LIFETIME = 3600;
const SECRET = Buffer.from(secretOf("downloads/k1"));
const KEYS = [
  {
    jwk: { kty: "oct", k: SECRET.toString("base64url"), kid: "k1", parameter: "verify" },
    label: "k1",
    assumed: [],
  },
] as const;

function rulesFor(bind: readonly LinkPart[]): DesiredState {
  const file = {
    keys: { downloads: { hmac: { parameter: "verify", lifetime: "1h", bind }, rotation: { every: "90d" } } },
    host: HOST,
    rules: [{ id: "all", match: { path: "/*" }, require: { link: "downloads" } }],
  };
  const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], enterprise);
  const desired = compile(definitions, enterprise, assumedRingStates(definitions));
  expect(desired.problems).toEqual([]);
  return desired;
}
const binds = { path: ["path"], query: ["path", "query"] } as const;
const rules = { path: rulesFor(binds.path), query: rulesFor(binds.query) };

function edgeAccepts(bind: keyof typeof binds, link: string): boolean {
  const sent = Buffer.from(link).toString("latin1");
  const [path = "", ...query] = sent.split("?");
  const normalized = [normalizePath(path, "cloudflare"), ...query].join("?");
  return verdict(rules[bind], { host: HOST, path: sent, normalized }) === "passes";
}

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("a", "files", "b.pdf", "-", "~", "%C3%A4", "%20x", "+", "@", "'", "(1)"),
  },
  fc.constantFrom(
    "/",
    "/./",
    "/../",
    "..",
    "%2F",
    "%2f",
    "%25",
    "%3b",
    "%3F",
    "%23",
    "%EF%BC%9B",
    "%41",
    "%c3%a4",
    "%e0%80%ae",
    "%00",
    "%zz",
    "%20",
    ";",
    "\\",
    "|",
    '"',
    "{x}",
    "^",
    "[",
    "ä",
    " ",
    "…",
  ),
);
const path = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => `/${pieces.join("")}`);
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  fc.constantFrom("?id=5", "?", "?verify=1", "?x=?y", "?a=%7e", "?a=ä", "?%76erify=1", "?a=%zz&b"),
);
const bind = fc.constantFrom<keyof typeof binds>("path", "query");
const age = fc.constantFrom(-1, 0, 1, LIFETIME - 1, LIFETIME, LIFETIME + 1);
const damage = fc.constantFrom<(link: string) => string>(
  ...Array.from({ length: 6 }, () => (link: string) => link),
  (link) => `${link}=`,
  (link) => `${link.slice(0, -1)}/`,
  (link) => `${link.slice(0, -1)}+`,
  (link) => link.slice(0, -1),
  (link) => link.replace("verify=", "varify="),
  (link) => link.replace("?", "&"),
  (link) => link.replace(/^\//, "//"),
  (link) => link.replace(/^\//, "/./"),
  (link) => `${link}&dl=1`,
  (link) => link.replace("/", "/b"),
);
const described = (bound: keyof typeof binds) => ({
  now: new Date(NOW * 1000),
  lifetimeSeconds: LIFETIME,
  parameter: "verify",
  bind: binds[bound],
});

test("what the command signs opens its path at the edge, and what it refuses to sign would not", () => {
  const settings = fuzzSettings(0.15);
  const tally = new Tally();
  fc.assert(
    fc.property(path, query, bind, (where, behind, bound) => {
      tally.case();
      const target = `${where}${behind}`;
      const issuedAt = new Date(NOW * 1000);
      let link: string | undefined;
      try {
        link = signLink({ secret: SECRET, path: target, parameter: "verify", issuedAt, bind: binds[bound] });
      } catch (error) {
        if (!(error instanceof TokenInputError)) throw error;
      }
      if (link !== undefined) {
        tally.count("signed");
        expect([target, edgeAccepts(bound, link)]).toEqual([target, true]);
        expect([target, verifyLink(link, KEYS, described(bound)).refusals]).toEqual([target, []]);
        return;
      }
      tally.count("refused");
      // The query is signed as it is sent, whatever a normalization would make of it: there the command is stricter.
      if (behind !== "" && bound === "query") return;
      const raw = `${linkPrefix(target, "verify")}${NOW}-${encodeMac(linkMac(SECRET, target, NOW), "s")}`;
      expect([target, edgeAccepts(bound, raw)]).toEqual([target, false]);
    }),
    settings,
  );
  tally.print("links signed", settings);
  expect(tally.share("signed")).toBeGreaterThan(0.1);
});

test("a link that the command accepts is accepted at the edge, and the reverse", () => {
  const settings = fuzzSettings(0.15);
  const tally = new Tally();
  fc.assert(
    fc.property(path, query, bind, age, damage, (where, behind, bound, seconds, change) => {
      tally.case();
      const target = `${where}${behind}`;
      const issued = NOW - seconds;
      const signed = `${linkPrefix(target, "verify")}${issued}-${encodeMac(linkMac(SECRET, target, issued), "s")}`;
      const link = change(signed);
      const command = verifyLink(link, KEYS, described(bound));
      tally.count(command.accepted ? "accepted" : "refused");
      const edge = edgeAccepts(bound, link);
      // Rules see the names of a query as they are sent, an origin decodes them: there the command is stricter.
      if (behind.includes("%76")) expect([link, command.accepted && !edge]).toEqual([link, false]);
      else expect([link, command.accepted]).toEqual([link, edge]);
    }),
    settings,
  );
  tally.print("links verified", settings);
  expect(tally.share("accepted")).toBeGreaterThan(0.1);
});

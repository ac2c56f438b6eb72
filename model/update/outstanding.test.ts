import { expect, test } from "vitest";
import type { RingStates } from "../compile/types.ts";
import { loadDefinitions } from "../definition/load.ts";
import type { Environment } from "../definition/types.ts";
import { keepsOutstanding } from "./outstanding.ts";

const ENVIRONMENT: Environment = {
  stack: "dev",
  zones: [
    {
      id: "0".repeat(32),
      name: "example.com",
      plan: "enterprise",
      addOns: ["api_shield", "advanced_rate_limiting"],
    },
  ],
};
const ACTIVE = { active: true, everBlocked: true, keys: [{ name: "k1" }] };
const STATES: RingStates = { shop: ACTIVE, files: ACTIVE, renamed: ACTIVE };

const TEXT = `keys:
  shop: { algorithm: ES256, tokens: { issuer: https://a.example/, audience: api, lifetime: 15m, scope: { claim: scp, as: array, length: 4 } }, rotation: { every: 30d } }
  files: { hmac: { parameter: verify, lifetime: 3h, bind: [path] }, rotation: { every: 30d } }
host: api.example.com
tokens: { ring: shop, in: [header authorization] }
rules:
  - { id: orders, match: { path: /orders/* }, require: { ring: shop, scope: orders } }
  - { id: files, match: { path: /files/* }, require: { link: files } }
`;

function read(text: string) {
  const { definitions, problems } = loadDefinitions([{ path: "rules/api.yaml", text }], ENVIRONMENT);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return definitions;
}

function judge(edit: (text: string) => string, states = STATES): string {
  const edited = edit(TEXT);
  if (edited === TEXT) throw new Error("nothing was changed");
  const answer = keepsOutstanding(read(TEXT), read(edited), ENVIRONMENT, states);
  return answer.ok ? "ok" : `${answer.code}: ${answer.message}`;
}

const replace = (from: string, to: string) => (text: string) => text.replace(from, to);

test.each([
  [
    "another issuer",
    replace("https://a.example/", "https://b.example/"),
    "shop",
    "the issuer (https://a.example/ → https://b.example/)",
    "orders",
    "15m",
  ],
  [
    "another audience",
    replace("audience: api", "audience: web"),
    "shop",
    "the audience (api → web)",
    "orders",
    "15m",
  ],
  [
    "another claim for scopes",
    replace("claim: scp", "claim: scope"),
    "shop",
    "how scopes stand in a token (4 elements of scp → 4 elements of scope)",
    "orders",
    "15m",
  ],
  [
    "a shorter array of scopes",
    replace("length: 4", "length: 2"),
    "shop",
    "how scopes stand in a token (4 elements of scp → 2 elements of scp)",
    "orders",
    "15m",
  ],
  [
    "another parameter",
    replace("parameter: verify", "parameter: sig"),
    "files",
    "the parameter (verify → sig)",
    "files",
    "3h",
  ],
  [
    "a shorter life of links",
    replace("lifetime: 3h", "lifetime: 1h"),
    "files",
    "the lifetime (3h → 1h)",
    "files",
    "3h",
  ],
])("%s is refused with what would happen and the two steps", (_label, edit, ring, change, rule, wait) => {
  const kind = ring === "shop" ? "token" : "link";
  expect(judge(edit)).toMatch(
    new RegExp(`^RING_CHANGED: ring ${ring} \\(rules/api\\.yaml:\\d+:\\d+\\) changes `),
  );
  expect(judge(edit)).toContain(
    `changes ${change}: every ${kind} given out until now that does not fit would be refused at once by ${rule}. In two steps: deploy the change with \`mode: log\` for this rule, which then refuses nothing, and let the issuer follow; ${wait} after the last old ${kind} take \`mode: log\` away.`,
  );
});

test("one more issuer or audience refuses nothing; to leave one out does", () => {
  const both = replace("issuer: https://a.example/", "issuer: [https://b.example/, https://a.example/]");
  expect(judge(both)).toBe("ok");
  expect(judge(replace("audience: api", "audience: [api, web]"))).toBe("ok");
  const answer = keepsOutstanding(read(both(TEXT)), read(TEXT), ENVIRONMENT, STATES);
  expect(answer.ok ? "ok" : answer.message).toContain(
    "changes the issuer (https://b.example/, https://a.example/ → https://a.example/)",
  );
});

test("a place where a host no longer looks for tokens is refused, one more is not", () => {
  const places = (to: string) => replace("in: [header authorization]", `in: [${to}]`);
  expect(judge(places("header authorization, cookie session"))).toBe("ok");
  const answer = keepsOutstanding(
    read(places("cookie session, header authorization")(TEXT)),
    read(TEXT),
    ENVIRONMENT,
    STATES,
  );
  expect(answer.ok ? "ok" : answer.message).toContain(
    "changes where its tokens are on api.example.com (cookie session, header authorization → header authorization): every token given out until now that does not fit would be refused at once by orders.",
  );
});

test("a link that is bound to more is another link, and the wait is the longer of all lifetimes", () => {
  expect(judge(replace("bind: [path]", "bind: [path, query]"))).toContain(
    "changes what links are bound to (path → path and query): every link given out until now that does not fit would be refused at once by files.",
  );
  const ahead = TEXT.replace("lifetime: 3h,", "lifetime: 3h, longestLifetime: 20h,");
  const answer = keepsOutstanding(
    read(ahead),
    read(ahead.replace("parameter: verify", "parameter: sig")),
    ENVIRONMENT,
    STATES,
  );
  expect(answer.ok ? "ok" : answer.message).toContain("20h after the last old link");
  expect(judge((text) => text.replace("audience: api", "audience: web").replace("15m", "1h"))).toContain(
    "1h after the last old token",
  );
});

test("another kind of ring is the ledger's to refuse", () => {
  const [shop, files] = [/ {2}shop: .*\n/.exec(TEXT)?.[0] ?? "", / {2}files: .*\n/.exec(TEXT)?.[0] ?? ""];
  const swapped = TEXT.replace(shop, "")
    .replace(files, "")
    .replace("keys:\n", `keys:\n${files.replace("files", "shop")}${shop.replace("shop", "files")}`)
    .replace("tokens: { ring: shop", "tokens: { ring: files")
    .replace("require: { ring: shop, scope: orders }", "require: { link: shop }")
    .replace("require: { link: files }", "require: { ring: files, scope: orders }");
  expect(judge(() => swapped)).toBe("ok");
});

test("scopes as words are another shape than scopes as an array, of one rule that asks some", () => {
  const words = replace("scope: { claim: scp, as: array, length: 4 }", "scope: { claim: scp, as: words }");
  expect(judge(words)).toContain("changes how scopes stand in a token (4 elements of scp → words of scp):");
  const more = (text: string) =>
    `${words(text)}  - { id: open, match: { path: /open/* }, require: { ring: shop } }\n`;
  expect(judge(more)).toContain("refused at once by orders, open.");
});

test("a longer life of links would let ended ones hold again", () => {
  expect(judge(replace("lifetime: 3h", "lifetime: 6h"))).toContain(
    "changes the lifetime (3h → 6h): links that have ended would hold again, or outstanding ones be refused, at once by files.",
  );
});

test("all changes of all rings are named at once", () => {
  const both = judge((text) =>
    text.replace("audience: api", "audience: web").replace("a.example", "b.example").replace("verify", "sig"),
  );
  expect(both.match(/changes /g)?.length).toBe(2);
  expect(both).toMatch(/the issuer .*, the audience .*\nring files .* the parameter/);
});

test.each<[string, (text: string) => string]>([
  ["the life of tokens, which only the overlap counts with", replace("lifetime: 15m", "lifetime: 1h")],
  ["a longer array of scopes", replace("length: 4", "length: 8")],
  ["a shorter period, of the same array", replace("every: 30d", "every: 20d")],
  [
    "a change that no rule refuses by",
    (text) =>
      text.replace("audience: api", "audience: web").replace("scope: orders }", "scope: orders }, mode: log"),
  ],
  [
    "scopes that no rule asks",
    (text) => text.replace(", scope: orders", "").replace("claim: scp", "claim: scope"),
  ],
  ["another path", replace("/orders/*", "/carts/*")],
])("%s is no such change", (_label, edit) => {
  expect(judge(edit)).toBe("ok");
});

test("a ring without an ACTIVE key, and a new one, may be anything; a renamed one stays what it was", () => {
  const fresh = { active: false, everBlocked: false, keys: [] };
  expect(judge(replace("audience: api", "audience: web"), { shop: fresh, files: ACTIVE })).toBe("ok");
  expect(judge((text) => text.replaceAll("shop", "renamed").replace("audience: api", "audience: web"))).toBe(
    "ok",
  );
  const renamed = judge((text) =>
    text
      .replaceAll("shop", "renamed")
      .replace("renamed: { ", "renamed: { was: shop, ")
      .replace("audience: api", "audience: web"),
  );
  expect(renamed).toMatch(/^RING_CHANGED: ring renamed .* changes the audience \(api → web\)/);
});

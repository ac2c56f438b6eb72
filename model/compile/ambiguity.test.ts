import fc from "fast-check";
import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import type { Plan } from "../facts/limits.ts";
import { PATH_TRICKS } from "../facts/pathTricks.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { holds, NOW, storefront, verdict } from "./testing/verdict.ts";

const downloads = { hmac: { parameter: "verify", lifetime: "1h" }, rotation: { every: "90d" } };

function ambiguousOn(plan: Plan): string {
  const environment = { ...enterprise, zones: enterprise.zones.map((zone) => ({ ...zone, plan })) };
  const file = {
    keys: { downloads },
    host: "api.example.com",
    rules: [{ id: "files", match: { path: "/files/*" }, require: { link: "downloads" } }],
  };
  const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], environment);
  const [zone] = compile(definitions, environment, assumedRingStates(definitions)).zones;
  return zone?.rules[CUSTOM_PHASE].find((rule) => rule.ref.endsWith("/ambiguous"))?.expression ?? "";
}

test("plans with and without regular expressions refuse the same paths", () => {
  const [withRegex, without] = [ambiguousOn("business"), ambiguousOn("pro")];
  expect(withRegex).toContain("matches");
  expect(without).not.toContain("matches");
  const piece = fc.constantFrom(
    "/",
    "//",
    ".",
    "..",
    "/.",
    "/..",
    "a",
    "%2F",
    "%2e",
    "%5c",
    "\\",
    ";",
    "%25",
    "%00",
    "%0A",
    "%1f",
    "%20",
    "%7f",
    "%c0",
    "%C1",
    "%c3%a9",
    "...",
  );
  const answers = new Set<boolean>();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), fc.boolean(), (pieces, onlyRaw) => {
      const path = `/${pieces.join("")}`;
      const request = onlyRaw ? { path, normalized: "/a" } : { path };
      const answer = holds(withRegex, request);
      answers.add(answer);
      expect([path, holds(without, request)]).toEqual([path, answer]);
    }),
    { numRuns: 400 },
  );
  expect(answers.size).toBe(2);
});

test("where one rule has no room for them, several refuse the same requests", () => {
  const host = `${"a-long-name.".repeat(8)}example.com`;
  const rulesFor = (plan: Plan) => {
    const environment = { ...enterprise, zones: enterprise.zones.map((zone) => ({ ...zone, plan })) };
    const file = {
      keys: { downloads },
      host,
      rules: [{ id: "files", match: { method: "GET", path: "/files/*" }, require: { link: "downloads" } }],
    };
    const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], environment);
    const desired = compile(definitions, environment, assumedRingStates(definitions));
    expect(desired.problems).toEqual([]);
    return desired.zones
      .flatMap((zone) => zone.rules[CUSTOM_PHASE])
      .filter(({ ref }) => ref.includes("/ambiguous"));
  };
  const [one, several] = [rulesFor("business"), rulesFor("pro")];
  expect([one.length, several.map(({ ref }) => ref)]).toEqual([
    1,
    [`keyturn:dev:${host}/ambiguous/0`, `keyturn:dev:${host}/ambiguous/1`],
  ]);
  const requests = [
    ...PATH_TRICKS.map(({ sample }) => ({ host, path: sample })),
    { host: host.toUpperCase(), path: "/a" },
    { host: `${host}.`, path: "/a" },
    { host, path: "/a", method: "FETCH" },
    { host, path: "/a", headers: [["x-original-url", "/b"]] as const },
    { host, path: "/caf\xe9" },
    { host, path: "/a" },
    { host: "other.example.com", path: "//a" },
  ];
  const refused = [one, several].map((rules) =>
    requests.map((request) => rules.some((rule) => holds(rule.expression, request))),
  );
  expect(refused[1]).toEqual(refused[0]);
  expect(refused[0]).toEqual(requests.map((_, index) => index < requests.length - 2));
});

test("an unknown method is refused where rules go by methods, and passes where none does", () => {
  const answer = (method?: string) => {
    const file = {
      keys: { downloads },
      host: "api.example.com",
      rules: [{ id: "files", match: { path: "/files/*", method }, require: { link: "downloads" } }],
    };
    const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], enterprise);
    return verdict(compile(definitions, enterprise, assumedRingStates(definitions)), {
      method: "get",
      path: "/other",
    });
  };
  expect(answer("GET")).toBe("400 api.example.com/ambiguous");
  expect(answer()).toBe("passes");
});

test("a method that is not common passes only where a rule or an exception of the host names it", () => {
  const answers = (...methods: string[]) => {
    const file = {
      keys: { downloads },
      host: "api.example.com",
      rules: [{ id: "files", match: { path: "/files/*", method: methods }, require: { link: "downloads" } }],
      except: [{ id: "open", match: { path: "/open", method: "REPORT" } }],
    };
    const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], enterprise);
    const desired = compile(definitions, enterprise, assumedRingStates(definitions));
    return ["PROPFIND", "MKCOL", "REPORT", "DELETE"].map(
      (method) => verdict(desired, { method, path: "/other" }).split(" ")[0],
    );
  };
  expect(answers("GET")).toEqual(["400", "400", "passes", "passes"]);
  expect(answers("PROPFIND")).toEqual(["passes", "400", "passes", "passes"]);
});

test("a token opens a host only from the host's own places, and never from two at once", () => {
  const ring = {
    algorithm: "ES256",
    tokens: { issuer: "https://auth.example.com/", audience: "api", lifetime: "15m" },
    rotation: { every: "90d" },
  };
  const host = (name: string, source: string) => ({
    host: `${name}.example.com`,
    tokens: { ring: "storefront", in: [source] },
    rules: [{ id: name, match: { path: "/a" }, require: {} }],
  });
  const files = [
    { keys: { storefront: ring } },
    host("api", "header authorization"),
    host("www", "cookie session"),
  ].map((file, index) => ({ path: `${index}.yaml`, text: JSON.stringify(file) }));
  const { definitions, problems } = loadDefinitions(files, enterprise);
  expect(problems).toEqual([]);
  const desired = compile(definitions, enterprise, assumedRingStates(definitions));
  const claims = { storefront: storefront({ exp: NOW + 1 }) };
  const header: readonly [string, string] = ["Authorization", "Bearer a"];
  const cookie: readonly [string, string] = ["Cookie", "session=a"];
  const answer = (name: string, ...headers: (readonly [string, string])[]) =>
    verdict(desired, { host: `${name}.example.com`, path: "/a", headers, claims }).split(" ")[0];
  expect(answer("api", header)).toBe("passes");
  expect(answer("api", cookie)).toBe("401");
  expect(answer("api", header, cookie)).toBe("400");
  expect(answer("www", cookie)).toBe("passes");
  expect(answer("www", header)).toBe("401");
  expect(answer("www", header, cookie)).toBe("400");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assumedRingStates, compile } from "../compile/compile.ts";
import { enterprise, exampleFiles } from "../compile/testing/exampleRules.ts";
import { errorsOf, formatProblems } from "../problem/problem.ts";
import { loadDefinitions } from "./load.ts";
import { definitionJsonSchema } from "./schema.ts";

const words = fc.constantFrom(
  "keys",
  "host",
  "tokens",
  "rules",
  "always",
  "except",
  "cors",
  "id",
  "match",
  "path",
  "require",
  "scope",
  "hmac",
  "rotation",
  "every",
  "90d",
  "ES256",
  "/a/*",
  "api.example.com",
  "block",
  "from",
  "was",
  "__proto__",
  "toString",
  "any",
  "claims",
  "answers",
  "token",
  "json",
  "2027-01-01T00:00:00Z",
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    words,
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(words, tie("value"), { maxKeys: 5 }),
  ),
})).value;

/** Applies `change` to the `index`-th scalar or list or map of a value, depth first. */
function replaced(value: unknown, index: number, change: unknown): unknown {
  let left = index;
  const walk = (node: unknown): unknown => {
    if (left-- === 0) return change;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([name, each]) => [name, walk(each)]));
    }
    return node;
  };
  return walk(value);
}

const whole = {
  keys: {
    storefront: {
      algorithm: "ES256",
      tokens: {
        issuer: "https://auth.example.com/",
        audience: "api",
        lifetime: "15m",
        scope: { claim: "scp", as: "array", length: 4 },
        claims: { role: "text", level: "integer", groups: "texts", "user.email": "text" },
      },
      rotation: { every: "90d", lead: "1h" },
      signer: { secretsStore: "auth-key" },
      publish: { jwks: false },
    },
    downloads: { hmac: { parameter: "verify", lifetime: "3h", bind: ["path"] }, rotation: { every: "30d" } },
  },
  host: "api.example.com",
  tokens: [{ ring: "storefront", in: ["header authorization", "cookie session"] }],
  rules: [
    {
      id: "a",
      match: { method: ["GET"], path: "/a/*" },
      require: { scope: "x", claims: { role: ["admin"] } },
      rateLimit: { per: "token sub", requests: 5, every: "1m" },
    },
    { id: "b", match: { path: "/b/{id}" }, require: { link: "downloads" }, mode: "log" },
    { id: "c", match: { path: "/c" }, expression: "ssl", before: ["e"] },
    { id: "e", match: { path: "/e" }, expression: "not ssl", after: "c" },
    {
      id: "d",
      match: { path: ["/d/*", "/e/*"], host: ["api.example.com", "*.example.com"] },
      require: {
        any: [
          { all: [{ scope: { any: ["x", "y"] } }, { address: ["203.0.113.0/24", "$partners"] }] },
          {
            claims: {
              level: { atLeast: 1, atMost: 5 },
              groups: { has: ["ops"], length: 4, orAlone: false },
              "user.email": { endsWith: "@example.com", not: ["a@example.com"], present: "text" },
            },
            audience: ["other"],
            issuer: "https://auth.example.com/",
          },
          { certificate: "verified", where: "ssl" },
        ],
      },
      mode: { first: "log", challenge: "2026-12-01T00:00:00Z", block: "2027-01-01T00:00:00Z" },
      answers: { token: { status: 404 }, claims: { json: { error: "no" } }, where: { text: "no" } },
    },
    { id: "f", match: { path: "/files/*" }, require: { token: "optional" }, accepts: ["double-slash"] },
  ],
  except: [{ id: "health", match: { method: "GET", path: "/a/health" } }],
  cors: { preflight: "allow" },
  otherwise: "deny",
  answers: { unlisted: { detail: "nothing" }, limit: { html: "<p>later</p>", status: 429 } },
};

/** How many values there are in a value, itself included. */
function countIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + countIn(each), 1);
}
const VALUES = countIn(whole);

test("the definitions that values are changed in have no error", () => {
  const { problems } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(whole) }], enterprise);
  expect(formatProblems(errorsOf(problems))).toBe("");
});

describe("loadDefinitions", () => {
  test("no text makes it throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 60 }),
          fc.stringMatching(/^[ a-z:{}[\]&*!|>'"%@#,\n\t-]{0,60}$/),
        ),
        (text) => {
          const { problems } = loadDefinitions([{ path: "a.yaml", text }], enterprise);
          for (const each of problems)
            expect([each.file, each.line >= 1, each.column >= 1]).toEqual(["a.yaml", true, true]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("no value makes it throw", () => {
    fc.assert(
      fc.property(json, (value) => {
        loadDefinitions([{ path: "a.yaml", text: JSON.stringify(value) ?? "" }], enterprise);
      }),
      { numRuns: 200 },
    );
  });

  test("one wrong value anywhere is an error with a place, or compiles", () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.nat(VALUES - 1),
        fc.oneof(words, fc.constantFrom(null, 0, -1, 1e9, true, [], {}, [null], { a: 1 })),
        (index, change) => {
          const text = JSON.stringify(replaced(whole, index, change));
          const { definitions, problems } = loadDefinitions([{ path: "a.yaml", text }], enterprise);
          if (errorsOf(problems).length > 0) refused += 1;
          else compile(definitions, enterprise, assumedRingStates(definitions));
        },
      ),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  test("a secret anywhere in a file is a problem and in no message", () => {
    const secret = "aZ3kQ9mB7xR2tY6wE1cV5nJ8sD4fG0hLpOiUyTrEwQaSdFgHjKlZxCvBnM123456";
    for (let index = 0; index < VALUES; index += 1) {
      const text = JSON.stringify(replaced(whole, index, secret));
      if (!text.includes(secret)) continue;
      const { problems } = loadDefinitions([{ path: "a.yaml", text }], enterprise);
      expect(problems.map((each) => each.code)).toContain("SECRET_IN_DEFINITION");
      expect(formatProblems(problems)).not.toContain(secret.slice(0, 12));
    }
  });

  test("a secret as the name of a member is in no message either", () => {
    const secret = "aZ3kQ9mB7xR2tY6wE1cV5nJ8sD4fG0hLpOiUyTrEwQaSdFgHjKlZxCvBnM123456";
    for (const value of [
      { [secret]: 1 },
      { keys: { [secret]: {} } },
      { keys: { a: { tokens: { [secret]: 1 } } } },
      { rules: [{ [secret]: 1 }] },
    ]) {
      const { problems } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(value) }], enterprise);
      expect(problems.length).toBeGreaterThan(0);
      expect(formatProblems(problems)).not.toContain(secret.slice(0, 12));
    }
  });

  test("the order of the files does not matter", () => {
    const files = exampleFiles();
    expect(loadDefinitions([...files].reverse(), enterprise)).toEqual(loadDefinitions(files, enterprise));
  });
});

test("editors get a JSON Schema of draft 07 that knows every member", () => {
  const schema = definitionJsonSchema() as {
    $schema: string;
    additionalProperties: boolean;
    properties: Record<string, unknown>;
  };
  expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties)).toEqual([
    "keys",
    "host",
    "tokens",
    "rules",
    "always",
    "except",
    "cors",
    "otherwise",
    "mode",
    "answers",
  ]);
});

test("a file whose name only looks like a definition's is refused, and the others are read", () => {
  const { problems } = loadDefinitions(
    [
      { path: "rules/keys.yaml.txt", text: "keys: {}" },
      { path: "rules/b.yml", text: "nonsense: 1" },
    ],
    { stack: "dev", zones: [] },
  );
  expect(problems.map(({ file, code, hint }) => [file, code, hint])).toEqual([
    ["rules/b.yml", "MEMBER_UNKNOWN", expect.stringContaining("known here: ")],
    [
      "rules/keys.yaml.txt",
      "FILE_NAME_INVALID",
      "rename it to rules/keys.yaml, or move it out of the folder",
    ],
  ]);
});

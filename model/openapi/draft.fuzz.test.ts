import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../../edge/language/testing/runs.ts";
import { assumedRingStates, problemsOfCompiled } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import { evaluate } from "../policy/evaluate.ts";
import { policiesOf } from "../policy/policy.ts";
import { formatProblems } from "../problem/problem.ts";
import { readApiDocument } from "./document.ts";
import { draftDefinitions } from "./draft.ts";

/* Small generated documents against what the policy of their drafts wants for each of their operations. */

const path = fc
  .tuple(
    fc.array(fc.constantFrom("a", "a", "A", "b", "{x}", "{x}", "{y}", "{x}.json", "a%20b", "*"), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom("", "", "/"),
  )
  .map(([parts, slash]) => `/${parts.join("/")}${slash}`);
const security = fc.constantFrom<Record<string, string[]>[]>(
  [],
  [],
  [{}, { one: [] }],
  [{ one: [] }],
  [{ one: ["x"] }],
  [{ one: ["x", "y"] }],
  [{ one: ["x"] }, { one: ["y"] }],
  [{ one: ["x"] }, { two: [] }],
  [{ two: [] }],
  [{ one: [] }, { two: [] }],
  [{ key: [] }],
  [{ one: ["x"], key: [] }],
);
const operation = fc.record({
  path,
  method: fc.constantFrom("get", "get", "head", "put", "delete"),
  security,
  host: fc.constantFrom("api", "api", "api", "a-b", "a.b"),
});
const operations = fc.uniqueArray(operation, {
  minLength: 1,
  maxLength: 8,
  selector: (each) => `${each.method} ${each.path}`,
});

function documentOf(all: readonly (typeof operation extends fc.Arbitrary<infer T> ? T : never)[]): string {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [index, { path, method, security, host }] of all.entries()) {
    const servers = [{ url: `https://${host}.example.com` }];
    paths[path] = { ...paths[path], [method]: { operationId: `op${index}`, security, servers } };
  }
  const bearer = { type: "http", scheme: "bearer" };
  const securitySchemes = { one: bearer, two: bearer, key: { type: "apiKey", in: "header", name: "k" } };
  return JSON.stringify({
    openapi: "3.1.0",
    info: { title: "t", version: "1" },
    paths,
    components: { securitySchemes },
  });
}

/** Scopes of the tokens that a request brings, by ring. */
type Brought = Readonly<Record<string, readonly string[]>>;

/** Whatever one may bring, as far as the documents tell it apart. */
const BROUGHT: readonly Brought[] = [undefined, [], ["x"], ["y"], ["x", "y"]].flatMap((one) =>
  [undefined, ["x", "y"]].map((two) => ({ ...(one && { one }), ...(two && { two }) })),
);

function isIn(scopes: readonly string[], brought: readonly string[] | undefined): boolean {
  return brought !== undefined && scopes.every((scope) => brought.includes(scope));
}

function scoped(tokens: Brought): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(tokens).map(([ring, scopes]) => [ring, { scope: scopes.join(" ") }]),
  );
}

const settings = fuzzSettings(0.05);
const none = { rules: new Set<string>(), rings: new Set<string>() };

test("drafts compile without an error, open nothing that the document closes, and refuse nobody whom their rules mean", {
  timeout: 120_000,
}, () => {
  const tally = new Tally();
  fc.assert(
    fc.property(operations, (all) => {
      const { api, problems } = readApiDocument("t.json", documentOf(all));
      if (api === undefined) throw new Error(formatProblems(problems));
      const { files } = draftDefinitions(api, { taken: none });
      const loaded = loadDefinitions(
        files.map(({ name, text }) => ({ path: name, text })),
        enterprise,
      );
      const found = [...loaded.problems, ...problemsOfCompiled(loaded, enterprise)];
      expect(found.filter(({ code }) => code !== "RULE_ASKS_LESS")).toEqual([]);
      const states = assumedRingStates(loaded.definitions);
      const policies = policiesOf(loaded.definitions, enterprise, states, 0);
      for (const { operationId, host, method, path, alternatives } of api.operations) {
        const policy = policies.find((each) => each.host.host === host);
        if (policy === undefined || host === undefined) throw new Error(`no policy for ${host}`);
        // No other path has these values or so many segments, so the operation is the request's most specific one.
        const filled = path.replace(/\*\/?$/, "zz/zz/zz/zz").replaceAll(/\{\w\}|\*/g, "zz");
        const asked = { host, method, path: filled };
        // A rule's path ends without a slash.
        const request = { ...asked, path: asked.path.replace(/(?<=.)\/$/, "") };
        const status = (tokens: Record<string, Record<string, unknown>>, of = request) =>
          evaluate(policy, { ...of, tokens }).refusals[0]?.status ?? 200;
        const rule = policy.host.rules.find(({ id }) => id === operationId);
        const open = alternatives.some((each) => each.length === 0);
        const kind = rule === undefined ? "left out" : open ? "open" : "closed";
        tally.case();
        tally.count(kind);
        const scope = { scope: "x y" };
        const seen = { without: status({}), with: status({ one: scope, two: scope }) };
        if (!open) expect([asked, status({}, asked)]).not.toEqual([asked, 200]);
        if (kind === "open") expect([request, seen.without]).toEqual([request, 200]);
        if (kind === "closed") expect([request, seen]).toEqual([request, { without: 401, with: 200 }]);
        // A key beside a token is not looked at.
        for (const tokens of kind === "closed" ? BROUGHT : []) {
          const lets = alternatives.some((each) =>
            each.every(({ scheme, scopes }) => scheme === "key" || isIn(scopes, tokens[scheme])),
          );
          expect([request, tokens, status(scoped(tokens)) === 200]).toEqual([request, tokens, lets]);
        }
      }
    }),
    settings,
  );
  tally.print("drafts", settings);
  for (const kind of ["open", "closed", "left out"]) expect(tally.share(kind)).toBeGreaterThan(0.1);
});

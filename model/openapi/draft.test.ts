import { expect, test } from "vitest";
import { problemsOfCompiled } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import { formatProblems } from "../problem/problem.ts";
import { readApiDocument } from "./document.ts";
import { draftDefinitions } from "./draft.ts";

/* Long because most of it is one table: a document, and the whole of what is drafted from it. */

const PETS = `openapi: 3.1.0
info: { title: Pet Store, version: 1.2.0 }
servers:
  - url: https://{region}.example.com/v1/
    variables: { region: { default: api } }
security:
  - oauth: [pets:read]
paths:
  /pets:
    get: { operationId: findPets, responses: { 200: { description: ok } } }
    head: { operationId: headPets }
    post:
      operationId: addPet
      security: [{ oauth: [pets:write] }, { oauth: [admin] }]
  /pets/{pet-id}:
    get: { operationId: onePet, security: [] }
    delete: { operationId: deletePet, security: [{ oauth: [pets:write, admin], partner: [] }] }
  /pets/mine:
    get: { operationId: myPets }
  /status/:
    get: { security: [{}, { oauth: [] }] }
  /partners:
    get: { operationId: constructor, security: [{ partner: [] }] }
    $ref: "#/components/pathItems/more"
  /files:
    servers: [{ url: "https://files.example.com" }]
    get: { operationId: FindPets, security: [{ open_id: [] }] }
components:
  pathItems:
    more:
      put: { operationId: putPartners }
  securitySchemes:
    oauth: { type: oauth2, flows: {} }
    partner: { type: apiKey, in: header, name: x-key }
    open_id: { type: openIdConnect, openIdConnectUrl: https://id.example.com/.well-known/openid-configuration }
`;

const none = { rules: new Set<string>(), rings: new Set<string>() };

function draft(text: string, options: { ring?: string; taken?: typeof none } = {}) {
  const { api, problems } = readApiDocument("pets.yaml", text);
  if (api === undefined) throw new Error(formatProblems(problems));
  return draftDefinitions(api, { taken: none, ...options });
}

/** What `check` has to say on drafted files: of errors everything, of warnings the code. */
function checked(files: readonly { readonly name: string; readonly text: string }[]): string[] {
  const loaded = loadDefinitions(
    files.map(({ name, text }) => ({ path: name, text })),
    enterprise,
  );
  return [...loaded.problems, ...problemsOfCompiled(loaded, enterprise)].map(({ severity, code, message }) =>
    severity === "error" ? `${code}: ${message}` : code,
  );
}

/** A document with these paths, where `t` is a token and `k` an API key. */
const withPaths = (paths: string) => `openapi: 3.0.3
info: { title: t, version: "1" }
servers: [{ url: https://api.example.com }]
paths:
${paths}components:
  securitySchemes: { t: { type: http, scheme: Bearer }, k: { type: apiKey, in: header, name: x-key } }
`;

test("operations become rules, open ones with `require: none`, and what cannot be said a comment", () => {
  const { files, notices, ...counts } = draft(PETS);
  expect(counts).toEqual({ rules: 6, open: 2, unsaid: 1 });
  expect(files.map(({ name }) => name)).toEqual([
    "pet-store.yaml",
    "pet-store-files-example-com.yaml",
    "pet-store-keys.yaml",
  ]);
  expect(files[0]?.text).toBe(`# Drafted from Pet Store 1.2.0. Yours from now on.
host: api.example.com
tokens: { ring: oauth, in: [ header authorization ] }

rules:
  - id: find-pets-57b512f4
    match: { method: GET, path: /v1/pets }
    require: { scope: pets:read }
  - id: add-pet
    match: { method: POST, path: /v1/pets }
    require: { any: [ { scope: pets:write }, { scope: admin } ] }
  - id: one-pet
    match: { method: GET, path: "/v1/pets/{pet-id}" }
    require: none
  # Not said: an API key in header x-key beside the token is not checked
  - id: delete-pet
    match: { method: DELETE, path: "/v1/pets/{pet-id}" }
    require: { scope: [ pets:write, admin ] }
  - id: my-pets
    match: { method: GET, path: /v1/pets/mine }
    require: { scope: pets:read }
  # Not said: a token is optional, and is not looked at
  - id: get-v1-status
    match: { method: GET, path: /v1/status }
    require: none
  # Not said: an API key in header x-key
  # - id: op-constructor
  #   match: { method: GET, path: /v1/partners }
  - id: put-partners
    match: { method: PUT, path: /v1/partners }
    require: { scope: pets:read }

# What stands nowhere above is refused.
otherwise: deny
`);
  expect(files[2]?.text).toContain("issuer: https://id.example.com/\n");
  expect(checked(files)).toEqual([]);
  expect(notices.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    "4:3 the ring oauth has placeholders: issuer, audience, lifetime and algorithm",
    "4:3 the ring open-id has placeholders: audience, lifetime and algorithm",
    "17:5 delete-pet: said in part: an API key in header x-key beside the token is not checked",
    "21:5 get-v1-status: said in part: a token is optional, and is not looked at",
    "23:5 op-constructor: left out: an API key in header x-key",
  ]);
});

test("a ring that exists takes all tokens, and ids that exist are not used again", () => {
  const { files } = draft(PETS, {
    ring: "main",
    taken: { rules: new Set(["my-pets"]), rings: new Set(["main"]) },
  });
  expect(files.map(({ name }) => name)).toEqual(["pet-store.yaml", "pet-store-files-example-com.yaml"]);
  expect(files[0]?.text).toContain("tokens: { ring: main, in: [ header authorization ] }");
  expect(files[0]?.text).toMatch(/ id: my-pets-[0-9a-f]{8}\n/);
});

/** The drafted rules of such a document, from `rules:` on. */
function rulesOf(paths: string): string {
  const { files } = draft(withPaths(paths));
  expect(checked(files).filter((each) => each !== "RULE_ASKS_LESS")).toEqual([]);
  return /rules:\n([\s\S]*)\n\n/.exec(files[0]?.text ?? "")?.[1] ?? "";
}

test.each([
  [
    "an open path beside a closed one is drafted: the more specific decides",
    `  /a/{id}: { get: { operationId: closed, security: [{ t: [] }] } }
  /a/free: { get: { operationId: open } }
`,
    `  - id: closed
    match: { method: GET, path: "/a/{id}" }
    require: {}
  - id: open
    match: { method: GET, path: /a/free }
    require: none`,
  ],
  [
    "nothing opens requests of an operation whose path no pattern has",
    `  /a/{id}: { get: { operationId: open } }
  /a/{id}%20x: { get: { operationId: closed, security: [{ t: [] }] } }
`,
    `  # Not said: open, and with it closed, of which no rule is drafted
  # - id: open
  #   match: { method: GET, path: "/a/{id}" }
  # Not said: its path: a path is written decoded
  # - id: closed
  #   match: { method: GET, path: "/a/{id}%20x" }`,
  ],
  [
    "not even what is more specific than all that is known of such a path",
    `  /a/{id}/c: { get: { operationId: open } }
  /a/x*y/c: { get: { operationId: closed, security: [{ t: [] }] } }
`,
    `  # Not said: open, and with it closed, of which no rule is drafted
  # - id: open
  #   match: { method: GET, path: "/a/{id}/c" }
  # Not said: its path: * stands for a whole segment, or at the end for everything below
  # - id: closed
  #   match: { method: GET, path: /a/x*y/c }`,
  ],
  [
    "an open GET does not open a HEAD of which there is only a comment",
    `  /a:
    get: { operationId: get }
    head: { operationId: head, security: [{ k: [] }] }
`,
    `  # Not said: open, and with it head, of which no rule is drafted
  # - id: get
  #   match: { method: GET, path: /a }
  # Not said: an API key in header x-key
  # - id: head
  #   match: { method: HEAD, path: /a }`,
  ],
  [
    "nothing opens requests of an operation that is only a comment, and a rule that covers some says so",
    `  /a/{id}:
    get: { operationId: open }
    put: { operationId: closed, security: [{ t: [] }] }
  /a/keys:
    get: { operationId: get-keys, security: [{ k: [] }] }
    put: { operationId: put-keys, security: [{ k: [] }] }
  /a/keys/{id}: { get: { operationId: more-specific } }
`,
    `  # Not said: open, and with it get-keys, of which no rule is drafted
  # - id: open
  #   match: { method: GET, path: "/a/{id}" }
  # Not said: requests of put-keys, of which no rule is drafted, pass with what is asked for here
  - id: closed
    match: { method: PUT, path: "/a/{id}" }
    require: {}
  # Not said: an API key in header x-key
  # - id: get-keys
  #   match: { method: GET, path: /a/keys }
  # Not said: an API key in header x-key
  # - id: put-keys
  #   match: { method: PUT, path: /a/keys }
  - id: more-specific
    match: { method: GET, path: "/a/keys/{id}" }
    require: none`,
  ],
  [
    "of two operations with one pattern that ask for different things the second is a comment",
    `  /a/{id}: { put: { operationId: first, security: [{ t: [x] }] } }
  /A/{name}: { put: { operationId: second, security: [{ t: [y] }] } }
`,
    `  - id: first
    match: { method: PUT, path: "/a/{id}" }
    require: { scope: x }
  # Not said: first matches these requests as closely, and only one rule can decide
  # - id: second
  #   match: { method: PUT, path: "/A/{name}" }`,
  ],
  [
    "GET decides for its HEAD, wherever that stands",
    `  /a: { head: { operationId: head, security: [{ t: [y] }] } }
  /A: { get: { operationId: get, security: [{ t: [x] }] } }
`,
    `  # Not said: get matches these requests as closely, and only one rule can decide
  # - id: head
  #   match: { method: HEAD, path: /a }
  - id: get
    match: { method: GET, path: /A }
    require: { scope: x }`,
  ],
  [
    "an open GET does not open a HEAD that needs a token",
    `  /a:
    get: { operationId: get }
    head: { operationId: head, security: [{ t: [] }] }
`,
    `  # Not said: open, and with it head, which needs a token and matches as closely
  # - id: get
  #   match: { method: GET, path: /a }
  - id: head
    match: { method: HEAD, path: /a }
    require: {}`,
  ],
  [
    "a path with a / at its end, which no pattern has, says what holds for it besides",
    `  /a/{id}: { get: { operationId: broad, security: [{ t: [x] }] } }
  /a/more/: { get: { operationId: more, security: [{ t: [x, y] }] } }
  /a/other/: { get: { operationId: other, security: [{ t: [y] }] } }
`,
    `  - id: broad
    match: { method: GET, path: "/a/{id}" }
    require: { scope: x }
  - id: more
    match: { method: GET, path: /a/more }
    require: { scope: [ x, y ] }
  # Not said: the / at the end of its path: with it, what broad asks for holds as well
  - id: other
    match: { method: GET, path: /a/other }
    require: { scope: y }`,
  ],
  [
    "what only repeats another rule is left out",
    `  /a/{id}:
    get: { operationId: get }
    head: { operationId: head }
  /a/{name}: { get: { operationId: again } }
`,
    `  - id: get
    match: { method: GET, path: "/a/{id}" }
    require: none`,
  ],
])("%s", (_, paths, expected) => {
  expect(rulesOf(paths)).toBe(expected);
});

test("two hosts never get one file", () => {
  const server = (host: string) => `{ get: { servers: [{ url: "https://${host}.example.com" }] } }`;
  const { files } = draft(
    withPaths(`  /a: ${server("x")}\n  /b: ${server("a-b")}\n  /c: ${server("a.b")}\n`),
  );
  expect(files.map(({ name }) => name)).toEqual([
    "t.yaml",
    "t-a--b-example-com.yaml",
    "t-a-b-example-com.yaml",
  ]);
});

test("a document that says nothing of hosts and security is drafted open, and that is told", () => {
  const { files, notices } = draft(
    '{"openapi":"3.0.1","info":{"title":"9 Lives","version":"1"},"paths":{"/a":{"get":{}}}}',
  );
  expect(files).toEqual([
    {
      name: "api-9-lives.yaml",
      text: `# Drafted from 9 Lives 1. Yours from now on.
host: api.example.com

rules:
  - id: get-a
    match: { method: GET, path: /a }
    require: none

# What stands nowhere above is refused.
otherwise: deny
`,
    },
  ]);
  expect(notices.map(({ message }) => message)).toEqual([
    "the document has no `security`, so that all of it is drafted as open",
    "the document names no host: api.example.com stands in its place",
  ]);
});

import { expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { formatProblems } from "../problem/problem.ts";
import { readApiDocument } from "./document.ts";
import { draftDefinitions } from "./draft.ts";

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

/** Errors that `check` has about the drafted files; hosts of no zone are the stack's matter. */
function errorsIn(files: readonly { readonly name: string; readonly text: string }[]): string[] {
  const zones = [
    {
      id: "023e105f4ecef8ad9ca31a8372d0c353",
      name: "example.com",
      plan: "enterprise",
      addOns: ["api_shield"],
    },
  ] as const;
  const named = files.map(({ name, text }) => ({ path: name, text }));
  const { problems } = loadDefinitions(named, { stack: "dev", zones });
  return problems
    .filter(({ severity }) => severity === "error")
    .map(({ code, message }) => `${code}: ${message}`);
}

test("operations become rules and exceptions, and what cannot be said a comment", () => {
  const { files, notices, ...counts } = draft(PETS);
  expect(counts).toEqual({ rules: 6, open: 1, unsaid: 2 });
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
  # Not said: any of several sets of scopes (pets:write or admin); asked for is what they have in common
  - id: add-pet
    match: { method: POST, path: /v1/pets }
    require: {}
  # Not said: open, and with it my-pets, which has requests in common and is not
  # - id: one-pet
  #   match: { method: GET, path: "/v1/pets/{pet-id}" }
  # Not said: an API key in header x-key beside the token is not checked
  - id: delete-pet
    match: { method: DELETE, path: "/v1/pets/{pet-id}" }
    require: { scope: [ pets:write, admin ] }
  - id: my-pets
    match: { method: GET, path: /v1/pets/mine }
    require: { scope: pets:read }
  # Not said: an API key in header x-key
  # - id: op-constructor
  #   match: { method: GET, path: /v1/partners }
  - id: put-partners
    match: { method: PUT, path: /v1/partners }
    require: { scope: pets:read }

except:
  # Not said: a token is optional, and is not looked at
  - { id: get-v1-status, match: { method: GET, path: /v1/status } }

# What stands nowhere above is refused.
otherwise: deny
`);
  expect(files[2]?.text).toContain("issuer: https://id.example.com/\n");
  expect(errorsIn(files)).toEqual([]);
  expect(notices.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    "4:3 the ring oauth has placeholders: issuer, audience, lifetime and algorithm",
    "4:3 the ring open-id has placeholders: audience, lifetime and algorithm",
    "12:5 add-pet: said in part: any of several sets of scopes (pets:write or admin); asked for is what they have in common",
    "16:5 one-pet: left out: open, and with it my-pets, which has requests in common and is not",
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

test("an open operation whose path has requests of a closed one that no pattern describes opens nothing", () => {
  const closed = `openapi: 3.0.3
info: { title: t, version: "1" }
servers: [{ url: https://api.example.com }]
paths:
  /a/{id}: { get: { operationId: open } }
  /a/{id}%20x: { get: { operationId: closed, security: [{ t: [] }] } }
components: { securitySchemes: { t: { type: http, scheme: Bearer } } }
`;
  const { files, ...counts } = draft(closed);
  expect(counts).toMatchObject({ rules: 0, open: 0, unsaid: 2 });
  expect(errorsIn(files)).toEqual([]);
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


except:
  - { id: get-a, match: { method: GET, path: /a } }

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

const WRONG = `openapi: 3.0.3
info: { title: t, version: "1" }
security: { t: [] }
paths:
  /a: { get: { security: [{ other: [], t: [] }] } }
  /b: { $ref: "./b.yaml" }
  c: { get: {} }
components: { securitySchemes: { t: { type: basic } } }
`;

test.each([
  ["swagger: '2.0'\n", ["1:1 openapi does not fit", "1:1 info does not fit"]],
  ["openapi: 2.0.0\ninfo: { title: t, version: x }\n", ["1:10 openapi does not fit"]],
  [
    WRONG.replace("security: { t: [] }\n", ""),
    [
      "7:45 components → securitySchemes → t → type does not fit",
      "4:36 no security scheme other is defined",
      "5:15 paths → /b refers to another document",
      "6:6 paths → c is no path",
    ],
  ],
  [WRONG, ["3:11 security does not fit"]],
  ["openapi: 3.0.0\ninfo: { title: t, version: x }\npaths: {}\n", ["3:8 the document has no operation"]],
])("a document that cannot be understood is refused with every place: %#", (text, expected) => {
  const { api, problems } = readApiDocument("pets.yaml", text);
  expect(api).toBeUndefined();
  expect(problems.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`)).toEqual(
    expected.map((each) => `OPENAPI_INVALID ${each}`),
  );
});

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { assumedRingStates } from "../compile/compile.ts";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import { policiesOf } from "../policy/policy.ts";
import { errorsOf, formatProblems } from "../problem/problem.ts";
import { compareDocument } from "./compare.ts";
import { readApiDocument } from "./document.ts";

/*
 * One folder is one case: a document, `openapi.yaml`, and definitions go in, `expected.txt` is what must be said of
 * them. To add a case, add a folder.
 */

const folder = fileURLToPath(new URL("./cases/", import.meta.url));

/** What is said of a document and definitions, which have no errors. */
function compared(
  document: string,
  files: readonly { path: string; text: string }[],
  environment = enterprise,
) {
  const { definitions, problems } = loadDefinitions(files, environment);
  const { api, problems: misread } = readApiDocument("openapi.yaml", document);
  expect(formatProblems([...errorsOf(problems), ...misread])).toBe("");
  if (api === undefined) throw new Error("no document");
  const policies = policiesOf(definitions, environment, assumedRingStates(definitions), 0);
  return formatProblems(compareDocument(api, { ...definitions, policies, hosts: environment.hosts }));
}

describe("how a document and rules differ", () => {
  test.each(readdirSync(folder).sort())("%s", (name) => {
    const read = (file: string) => readFileSync(`${folder}${name}/${file}`, "utf8");
    const files = readdirSync(`${folder}${name}`)
      .filter((file) => file.endsWith(".yaml") && file !== "openapi.yaml")
      .map((path) => ({ path, text: read(path) }));
    expect(`${compared(read("openapi.yaml"), files)}\n`).toBe(read("expected.txt"));
  });

  test("a host or a reference that is called as what every object has", () => {
    const read = (file: string) => readFileSync(`${folder}01-in-step/${file}`, "utf8");
    const files = ["keys.yaml", "api.yaml"].map((path) => ({ path, text: read(path) }));
    const document = (server: string, path: string) => `openapi: 3.1.0
info: { title: t, version: "1" }
servers: [{ url: "https://${server}" }]
paths: ${path}
`;
    const hosts = {};
    expect(compared(document("constructor", "{ /a: { get: {} } }"), files, { ...enterprise, hosts })).toBe(
      `openapi.yaml:3:10 warning OPENAPI_SERVER_DIFFERS: no rule is about constructor, a server of the document; hosts with rules are api.example.com
    write the server as https://host/path, or rules for its host`,
    );
    const misread = (path: string) =>
      formatProblems(readApiDocument("openapi.yaml", document("api.example.com", path)).problems);
    for (const pointer of ["#/paths/%zz", "#/constructor", "#/paths/__proto__"])
      expect(misread(`{ /a: { $ref: "${pointer}" } }`)).toBe(
        `openapi.yaml:4:22 OPENAPI_INVALID: paths → /a refers to nothing
    mend the reference`,
      );
    expect(misread("{ __proto__: { get: {} }, /a: { get: {} } }")).toBe(
      `openapi.yaml:4:10 MEMBER_UNKNOWN: nothing can be called __proto__
    give it another name: objects in JavaScript have a meaning of their own for this one`,
    );
  });

  test("hosts are compared as the stack names them", () => {
    const read = (file: string) => readFileSync(`${folder}01-in-step/${file}`, "utf8");
    const files = ["keys.yaml", "api.yaml"].map((path) => ({ path, text: read(path) }));
    const hosts = { "api.example.com": "staging.example.com" };
    expect(compared(read("openapi.yaml"), files, { ...enterprise, hosts })).toBe("");
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../cli/commands.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { main } from "../cli/program.ts";

const API = `openapi: 3.0.3
info: { title: Orders, version: "1" }
servers: [{ url: https://api.example.com }]
paths: { /orders: { get: { operationId: listOrders, security: [{ t: [] }] } } }
components: { securitySchemes: { t: { type: http, scheme: bearer } } }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-init-"));
  await writeFile(join(folder, "api.yaml"), API);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const io = fakeIo({ resolvePath: (path) => resolve(folder, path) });
  const code = await main(["init", ...argv], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

test("writes drafts, says what they leave open, and overwrites nothing", async () => {
  expect(await run("--openapi", "api.yaml", "--out", "drafts")).toEqual({
    code: 0,
    out: "drafts/orders.yaml\ndrafts/orders-keys.yaml\n",
    err: `api.yaml:3:10 warning OPENAPI_UNSAID: the ring t has placeholders: issuer, audience, lifetime and algorithm
    the drafted files say it in a comment; decide there
1 operations: 1 rules, 0 open, 0 left out
`,
  });
  const drafted = await readFile(join(folder, "drafts/orders.yaml"), "utf8");
  await writeFile(join(folder, "drafts/orders.yaml"), `${drafted}# mine\n`);
  await rm(join(folder, "drafts/orders-keys.yaml"));
  expect(await run("--openapi", "api.yaml", "--out", "drafts", "--ring", "main")).toEqual({
    code: 2,
    out: "",
    err: "error FILE_EXISTS: drafts/orders.yaml would be overwritten\n  Move the file away, or name another folder with --out.\n",
  });
  expect(await readFile(join(folder, "drafts/orders.yaml"), "utf8")).toBe(`${drafted}# mine\n`);
});

test("refuses a ring that the definitions beside the drafts do not have", async () => {
  await run("--openapi", "api.yaml", "--out", "others");
  expect((await run("--openapi", "api.yaml", "--out", "others", "--ring", "main")).err).toBe(
    "error INPUT_INVALID: others defines no ring main; there are t\n  Write the value as the message shows.\n",
  );
});

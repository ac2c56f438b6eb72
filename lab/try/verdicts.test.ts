import { type Listening, listen } from "@keyturn/edge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { native } from "../../tests/support/native.ts";
import { createBranchFinder } from "./branches.ts";
import { createHttpClient, type HttpClient } from "./httpClient.ts";
import { createKit } from "./kit.ts";
import { rotateAll } from "./rotation.ts";
import type { Stage } from "./stage.ts";
import { shopRows } from "./verdictRows.ts";
import { runVerdicts, type VerdictRow } from "./verdicts.ts";

const { createStage } = native<typeof import("./stage.ts")>("lab/try/stage.ts");

let stage: Stage;
let listening: Listening;
let client: HttpClient;
let rows: readonly VerdictRow[];

beforeAll(async () => {
  stage = (await createStage()).stage;
  listening = await listen(stage.local.edge);
  client = createHttpClient(listening);
  await rotateAll(stage);
  await stage.settle();
  rows = shopRows(await createKit(stage));
}, 60_000);
afterAll(async () => {
  client.close();
  await listening.close();
});

const run = async (some: readonly VerdictRow[]) =>
  runVerdicts(stage, some, {
    client,
    branches: await createBranchFinder(stage),
  });

const row = (name: string): VerdictRow => {
  const found = rows.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

describe("the verdict table of the example", () => {
  it("is as expected, each row by the definition that decides", async () => {
    const verdicts = await run(rows);
    expect(verdicts.filter((verdict) => !verdict.ok)).toEqual([]);
    expect(verdicts.length).toBe(rows.length);
    expect(new Set(verdicts.map((verdict) => verdict.seen.by))).toEqual(
      new Set([
        "origin",
        "orders-read",
        "orders-read (rate limit)",
        "orders-write",
        "admin",
        "internal-jobs",
        "preview-pages",
        "files",
        "ambiguous",
        "otherwise",
      ]),
    );
  }, 60_000);

  it("shows a wrong status, a wrong rule, and a request that got through", async () => {
    const verdicts = await run([
      { ...row("none"), expected: [{ status: 403, by: "orders-read" }] },
      { ...row("expired 61 s ago"), expected: [{ status: 401, by: "admin" }] },
      { ...row("header, with Bearer"), expected: [{ status: 401, by: "orders-read" }] },
      row("expired 61 s ago"),
    ]);
    expect(verdicts.map(({ seen, ok }) => [seen.status, seen.by, ok])).toEqual([
      [401, "orders-read", false],
      [401, "orders-read", false],
      [200, "origin", false],
      [401, "orders-read", true],
    ]);
    expect(verdicts[0]?.seen.ref).toBe("keyturn:dev:api.example.com/401/storefront/block/all");
  });

  it("does not take a limit for reached when an earlier request of the row was refused", async () => {
    const verdicts = await run([
      { ...row("expired 61 s ago"), before: 1 },
      { ...row("header, with Bearer"), before: 3 },
    ]);
    expect(verdicts.map((verdict) => verdict.ok)).toEqual([false, true]);
  });

  it("has no two rows of one name in a group", () => {
    const names = rows.map((each) => `${each.group}: ${each.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

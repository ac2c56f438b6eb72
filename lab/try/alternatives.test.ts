import { CHOICES, createEdge, type EdgeOptions, type EdgeRequest, VirtualClock } from "@keyturn/edge";
import { CHOICES as LANGUAGE_CHOICES } from "@keyturn/edge/language";
import { beforeAll, expect, it } from "vitest";
import { native } from "../../tests/support/native.ts";
import { createKit } from "./kit.ts";
import { rotateAll } from "./rotation.ts";
import type { Stage } from "./stage.ts";
import { shopRows } from "./verdictRows.ts";
import type { VerdictRow } from "./verdicts.ts";

const { createStage } = native<typeof import("./stage.ts")>("lab/try/stage.ts");

let stage: Stage;
let rows: readonly VerdictRow[];
let requests: readonly EdgeRequest[];

beforeAll(async () => {
  stage = (await createStage()).stage;
  await rotateAll(stage);
  await stage.settle();
  rows = shopRows(await createKit(stage));
  requests = await Promise.all(rows.map((row) => row.request()));
}, 120_000);

/** The statuses of the whole table on an edge that enforces the same and decides some things otherwise. */
async function statuses(decided: Pick<EdgeOptions, "choices" | "language">): Promise<readonly number[]> {
  const { world } = stage.local.edge;
  const edge = createEdge({ ...decided, zones: world.zones, clock: new VirtualClock(stage.clock.now()) });
  for (const { id, accountId } of world.zones) {
    for (const [part, value] of Object.entries(world.zone(id)))
      edge.world.commitZone(id, part as "rulesets", value);
    for (const [part, value] of Object.entries(world.account(accountId)))
      edge.world.commitAccount(accountId, part as "rulesets", value);
  }
  const seen: number[] = [];
  for (const [index, row] of rows.entries()) {
    const request = requests[index] as EdgeRequest;
    for (let count = 0; count < (row.before ?? 0); count += 1) await edge.handle(request);
    seen.push((await edge.handle(request)).status);
  }
  return seen;
}

const statusOf = (row: VerdictRow) => row.expected[0]?.status;

/** Every value of every row of both tables that is not the one taken. */
const alternatives: readonly (readonly [name: string, decided: Pick<EdgeOptions, "choices" | "language">])[] =
  [
    ...Object.entries(CHOICES).flatMap(([name, row]) =>
      "values" in row
        ? row.values.slice(1).map((value) => [`${name}: ${value}`, { choices: { [name]: value } }] as const)
        : [],
    ),
    ...Object.entries(LANGUAGE_CHOICES).flatMap(([name, row]) =>
      row.others.map((value) => [`${name}: ${String(value)}`, { language: { [name]: value } }] as const),
    ),
  ];

it("the table is as expected on an edge that decides as ours does", async () => {
  expect(await statuses({})).toEqual(rows.map(statusOf));
}, 120_000);

it("what would differ if Cloudflare decided otherwise is known, row by row", async () => {
  const found: Record<string, readonly string[]> = {};
  for (const [name, decided] of alternatives) {
    const seen = await statuses(decided);
    const others = rows.flatMap((row, index) =>
      seen[index] === statusOf(row) ? [] : [`${row.name}: ${seen[index]} instead of ${statusOf(row)}`],
    );
    if (others.length > 0) found[name] = others;
  }
  process.stdout.write(`verdict table: ${rows.length} rows under ${alternatives.length} alternatives\n`);
  expect(found).toEqual({ "bearerInCookie: kept": ["cookie, with Bearer: 401 instead of 200"] });
}, 600_000);

import { listen } from "@keyturn/edge";
import { describe, expect, test } from "vitest";
import { native } from "../../tests/support/native.ts";
import { createBranchFinder } from "./branches.ts";
import { derivedRows } from "./derivedRows.ts";
import { createHttpClient } from "./httpClient.ts";
import { rotateAll } from "./rotation.ts";
import { CASES, sourceOf } from "./testing/definitions.ts";
import { runVerdicts, type Verdict } from "./verdicts.ts";

const { createStage } = native<typeof import("./stage.ts")>("lab/try/stage.ts");

/** Derives requests from the definitions of a case, and sends them once every ring has its first key. */
async function verdictsOf(name: string): Promise<readonly Verdict[]> {
  const { stage } = await createStage(sourceOf(name));
  await rotateAll(stage);
  await stage.settle();
  const listening = await listen(stage.local.edge);
  const client = createHttpClient(listening);
  try {
    const branches = await createBranchFinder(stage);
    return await runVerdicts(stage, await derivedRows(stage), { client, branches });
  } finally {
    client.close();
    await listening.close();
  }
}

/** Who decides what, each once. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "several hosts and zones, a ring of each kind, nothing listed is allowed": [
    "200 origin",
    "400 ambiguous",
    "401 basket",
    "401 browser",
    "401 either",
    "401 orders",
    "401 perhaps",
    "401 stock",
    "401 users",
    "403 either",
    "403 orders",
    "403 perhaps",
    "403 pictures",
    "403 stock",
    "403 users",
    "404 otherwise",
    "429 stock (rate limit)",
  ],
  "links alone": ["200 origin", "400 ambiguous", "403 files"],
  "no key at all: limits by address and header, a raw expression, and what is not listed is denied": [
    "200 origin",
    "400 ambiguous",
    "404 otherwise",
    "429 login (rate limit)",
  ],
  "every mode, overlapping rules and a ring that no rule uses": [
    "200 origin",
    "400 ambiguous",
    "401 admin",
    "401 everything",
    "403 admin",
    "403 preview",
    "404 otherwise",
  ],
};

describe("requests derived from quite different definitions", () => {
  test.each(Object.keys(CASES))(
    "%s",
    async (name) => {
      const verdicts = await verdictsOf(name);
      const wrong = verdicts.filter((verdict) => !verdict.ok);
      expect(wrong).toEqual([]);
      const seen = new Set(verdicts.map(({ seen: { status, by } }) => `${status} ${by}`));
      expect([...seen].sort()).toEqual(EXPECTED[name]);
    },
    120_000,
  );
});

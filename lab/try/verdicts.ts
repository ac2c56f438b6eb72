import type { EdgeRequest } from "@keyturn/edge";
import type { BranchFinder } from "./branches.ts";
import type { HttpClient } from "./httpClient.ts";
import type { Kit } from "./kit.ts";
import type { Stage } from "./stage.ts";
import type { VerdictRow } from "./verdictRows.ts";

/** One row of the table with what was seen. */
export interface Verdict {
  readonly group: string;
  readonly name: string;
  readonly expected: { readonly status: number; readonly by: string };
  readonly seen: {
    readonly status: number;
    readonly by: string;
    /** The rule's `ref` at Cloudflare; absent where the request reached the origin. */
    readonly ref?: string;
  };
  readonly ok: boolean;
}

/** Actions that let a request go on; a security event with another one ended it. */
const PASSING: readonly string[] = ["log", "skip"];

/**
 * Sends every row over HTTP and reads from the zone's security events which rule decided, as an operator would, and
 * from the definitions which of the branches packed into it.
 */
export async function runVerdicts(
  stage: Stage,
  rows: readonly VerdictRow[],
  { kit, client, branches }: { kit: Kit; client: HttpClient; branches: BranchFinder },
): Promise<Verdict[]> {
  const pop = stage.local.edge.world.pops[0]?.name ?? "";
  const verdicts: Verdict[] = [];
  for (const row of rows) {
    const request = await row.request(kit);
    let spoiled = 0;
    for (let count = 0; count < (row.before ?? 0); count += 1) {
      const { status } = await client.send(request, pop);
      if (status !== 200) spoiled = status;
    }
    const answer = await client.send(request, pop);
    const seen = await decision(stage, branches, request, answer);
    const { group, name, status, by } = row;
    const ok = spoiled === 0 && seen.status === status && seen.by === by;
    verdicts.push({ group, name, expected: { status, by }, seen, ok });
  }
  return verdicts;
}

async function decision(
  stage: Stage,
  branches: BranchFinder,
  request: EdgeRequest,
  { status, ray }: { readonly status: number; readonly ray: string },
): Promise<Verdict["seen"]> {
  const event = stage.local.edge.events
    .query({ ray })
    .find(({ action, ref }) => ref !== undefined && !PASSING.includes(action));
  if (event?.ref === undefined) return { status, by: "origin" };
  const ids = await branches(request, event.ref);
  const limited = event.phase === "http_ratelimit" ? " (rate limit)" : "";
  return { status, by: `${ids.join(", ") || "unknown"}${limited}`, ref: event.ref };
}

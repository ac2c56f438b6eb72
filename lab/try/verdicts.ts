import type { EdgeRequest } from "@keyturn/edge";
import { RATE_LIMIT_PHASE } from "../../model/facts/phases.ts";
import type { BranchFinder } from "./branches.ts";
import type { HttpClient } from "./httpClient.ts";
import type { Stage } from "./stage.ts";

/** One right answer: the status, and the definition that decides; `origin` where nothing does. */
export interface Outcome {
  readonly status: number;
  readonly by: string;
}

/** One request of a verdict table. */
export interface VerdictRow {
  readonly group: string;
  readonly name: string;
  readonly request: () => EdgeRequest | Promise<EdgeRequest>;
  /** How often the same request is sent before, all of them accepted. */
  readonly before?: number;
  /** Every right answer; a rate limit has ` (rate limit)` behind its rule's id. */
  readonly expected: readonly Outcome[];
}

/** One row of the table with what was seen. */
export interface Verdict {
  readonly group: string;
  readonly name: string;
  readonly expected: readonly Outcome[];
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
  { client, branches }: { client: HttpClient; branches: BranchFinder },
): Promise<Verdict[]> {
  const pop = stage.local.edge.world.pops[0]?.name ?? "";
  const verdicts: Verdict[] = [];
  for (const row of rows) {
    const request = await row.request();
    let spoiled = 0;
    for (let count = 0; count < (row.before ?? 0); count += 1) {
      const { status } = await client.send(request, pop);
      if (status !== 200) spoiled = status;
    }
    const answer = await client.send(request, pop);
    const seen = await decision(stage, branches, request, answer);
    const { group, name, expected } = row;
    verdicts.push({ group, name, expected, seen, ok: spoiled === 0 && isExpected(expected, seen) });
  }
  return verdicts;
}

/** Several definitions may decide at once, each of them rightly. */
function isExpected(expected: readonly Outcome[], { status, by }: Outcome): boolean {
  const limit = by.endsWith(RATE_LIMIT) ? RATE_LIMIT : "";
  const ids = by.slice(0, by.length - limit.length).split(", ");
  return ids.every((id) => expected.some((each) => each.status === status && each.by === `${id}${limit}`));
}

const RATE_LIMIT = " (rate limit)";

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
  const limited = event.phase === RATE_LIMIT_PHASE ? RATE_LIMIT : "";
  return { status, by: `${ids.join(", ") || "unknown"}${limited}`, ref: event.ref };
}

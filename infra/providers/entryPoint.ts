/** The entry point ruleset of one phase: read it, and make our rules its own among everybody else's. */

import type { Api, ApiProblem } from "./cloudflareApi.ts";
import { failure } from "./cloudflareApi.ts";
import { ATTEMPTS } from "./deadlines.ts";
import { again, type Overwritten, unchanged } from "./overwritten.ts";
import { type Inputs, isOurs, type Owner, type RemoteRule, sameRules, sendable } from "./ruleText.ts";

/** An entry point as the API answers it; `at` is the answer's time. */
export interface EntryPoint {
  readonly id: string;
  readonly version: string;
  readonly rules: readonly RemoteRule[];
  readonly at: string;
}

function entryPath(inputs: { readonly zoneId: string; readonly phase: string }): string {
  return `/zones/${inputs.zoneId}/rulesets/phases/${inputs.phase}/entrypoint`;
}

export async function readEntryPoint(
  api: Api,
  inputs: { readonly zoneId: string; readonly phase: string },
): Promise<EntryPoint | undefined> {
  for (;;) {
    try {
      const answer = await api.call("get", entryPath(inputs));
      return {
        id: answer.result.id,
        version: String(answer.result.version),
        rules: answer.result.rules ?? [],
        at: answer.at,
      };
    } catch (error) {
      const problem = error as ApiProblem;
      if (problem.status === 404) return undefined;
      await api.pause(problem);
    }
  }
}

/** One look without another attempt: undefined where there is no entry point, or no answer. */
export async function peekEntryPoint(
  api: Api,
  inputs: { readonly zoneId: string; readonly phase: string },
): Promise<{ readonly rules: readonly RemoteRule[] } | undefined> {
  try {
    return { rules: (await api.call("get", entryPath(inputs))).result.rules ?? [] };
  } catch {
    return undefined;
  }
}

export async function readVersion(
  api: Api,
  inputs: Inputs,
  ruleset: string,
  version: number,
): Promise<readonly RemoteRule[]> {
  for (;;) {
    try {
      return (
        (await api.call("get", `/zones/${inputs.zoneId}/rulesets/${ruleset}/versions/${version}`)).result
          .rules ?? []
      );
    } catch (error) {
      await api.pause(error as ApiProblem);
    }
  }
}

/**
 * Makes `ours` the rules of ours in the entry point, first, so that no foreign `skip` stands in front of them; foreign
 * ones keep their order and ids: read, put all in one PUT, read back. When a foreign writer got in between, their
 * change is found in the versions and made again.
 */
export async function bringRules(
  api: Api,
  inputs: Inputs & Owner,
  ours: readonly RemoteRule[],
  mayWrite: (present: readonly RemoteRule[]) => void,
): Promise<EntryPoint> {
  const theirs = (rules: readonly RemoteRule[]) => rules.filter((rule) => !isOurs(rule, inputs));
  const inPlace = (rules: readonly RemoteRule[]) =>
    sameRules(rules.slice(0, ours.length), ours) && theirs(rules).length === rules.length - ours.length;
  const overwritten: Overwritten[] = [];
  let written = -1;
  /** The entry point that a PUT without an answer was made from. */
  let unanswered: EntryPoint | undefined;
  for (let attempt = 0; attempt < ATTEMPTS.merge; attempt += 1) {
    const entry = await readEntryPoint(api, inputs);
    if (entry && unanswered !== undefined && Number(entry.version) > Number(unanswered.version) + 1) {
      // Our PUT took effect, or somebody wrote, or both: what came first is only theirs if it lacks our rules.
      const first = await readVersion(api, inputs, entry.id, Number(unanswered.version) + 1);
      if (!inPlace(first)) overwritten.push({ before: theirs(unanswered.rules), after: theirs(first) });
    }
    unanswered = undefined;
    const present = theirs(entry?.rules ?? []);
    const wanted = overwritten.reduce(again, present);
    const isWhole = unchanged(present, wanted);
    if (entry && isWhole && inPlace(entry.rules)) return entry;
    if (entry === undefined && ours.length === 0) return { id: "", version: "0", rules: [], at: "" };
    if (isWhole && Number(entry?.version) === written) {
      throw failure(
        "READ_BACK_DIFFERS",
        `phase ${inputs.phase} of zone ${inputs.zoneId} does not answer the rules that were written: the API changed or dropped one of ${ours.map((rule) => rule.ref).join(", ")}`,
      );
    }
    mayWrite(entry?.rules ?? []);
    try {
      const rules = [...ours, ...wanted.map(sendable)];
      written = Number((await api.call("put", entryPath(inputs), { rules })).result.version);
    } catch (error) {
      await api.pause(error as ApiProblem);
      // Nobody got in between as far as we know; how often a failed call is tried is the client's to say.
      attempt -= 1;
      unanswered = entry;
      continue;
    }
    if (entry && written > Number(entry.version) + 1) {
      const last = await readVersion(api, inputs, entry.id, written - 1);
      overwritten.push({ before: present, after: theirs(last) });
    }
  }
  throw failure(
    "RULES_CONTENDED",
    `somebody else keeps writing phase ${inputs.phase} of zone ${inputs.zoneId}, ${ATTEMPTS.merge} times while this run tried: run it again when they are done`,
  );
}

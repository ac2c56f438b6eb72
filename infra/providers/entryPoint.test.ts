import { describe, expect, test } from "vitest";
import type { Api, ApiProblem } from "./cloudflareApi.ts";
import { bringRules } from "./entryPoint.ts";
import type { Inputs, RemoteRule } from "./ruleText.ts";

const INPUTS = { zoneId: "z", phase: "p", refPrefix: "kt:" } as unknown as Inputs;
const rule = (ref: string, change: object = {}): RemoteRule => ({
  ref,
  expression: "ssl",
  action: "block",
  ...change,
});
const [OURS, SECOND, THEIRS, LATER] = [rule("kt:a"), rule("kt:b"), rule("theirs"), rule("later")];

/** What somebody else, or the network, does at the nth PUT. */
interface Turn {
  /** They write this just before ours. */
  readonly before?: readonly RemoteRule[];
  /** They write this just after ours, from what stands there then. */
  readonly after?: (present: readonly RemoteRule[]) => readonly RemoteRule[];
  /** Ours takes effect, is not answered, and they write this after it; nothing where there is none. */
  readonly lost?: { readonly effect: boolean; readonly after?: readonly RemoteRule[] };
}

/** An entry point with every version of it; `undefined` where there is none. */
function cloudflare(first: readonly RemoteRule[] | undefined, turns: readonly Turn[] = [], drop?: string) {
  const versions: (readonly RemoteRule[])[] = first === undefined ? [] : [first];
  const calls: string[] = [];
  let puts = 0;
  const api = {
    async call(method: string, path: string, body?: { rules: RemoteRule[] }) {
      const asked = /versions\/(\d+)$/.exec(path)?.[1];
      calls.push(asked === undefined ? method : `version ${asked}`);
      if (body) {
        const turn = turns[puts];
        puts += 1;
        if (turn?.before) versions.push(turn.before);
        if (turn?.lost?.effect !== false) versions.push(body.rules.filter(({ ref }) => ref !== drop));
        const answer = versions.length;
        if (turn?.after) versions.push(turn.after(versions.at(-1) ?? []));
        if (turn?.lost?.after) versions.push(turn.lost.after);
        if (turn?.lost) throw Object.assign(new Error("lost"), { status: undefined });
        return { result: { id: "e", version: String(answer) }, messages: [], at: `T${calls.length}` };
      }
      const rules = asked === undefined ? versions.at(-1) : versions[Number(asked) - 1];
      if (rules === undefined) throw Object.assign(new Error("none"), { status: 404 });
      return {
        result: { id: "e", version: String(versions.length), rules },
        messages: [],
        at: `T${calls.length}`,
      };
    },
    async pause(problem: ApiProblem) {
      calls.push(`pause ${problem.status}`);
    },
  } as unknown as Api;
  return {
    api,
    calls,
    rules: () => versions.at(-1) ?? [],
    refs: () => versions.at(-1)?.map(({ ref }) => ref),
  };
}

const bring = (
  api: Api,
  ours: readonly RemoteRule[] = [OURS],
  mayWrite = (_present: readonly RemoteRule[]) => {},
) => bringRules(api, INPUTS, ours, mayWrite);

describe("bringRules", () => {
  test("makes an entry point where there is none, and none for nothing", async () => {
    const { api, calls, refs } = cloudflare(undefined);
    expect(await bring(api)).toMatchObject({ id: "e", version: "1", at: "T3" });
    expect([calls, refs()]).toEqual([["get", "put", "get"], ["kt:a"]]);
    const none = cloudflare(undefined);
    expect(await bring(none.api, [])).toEqual({ id: "", version: "0", rules: [], at: "" });
    expect(none.calls).toEqual(["get"]);
  });

  test("writes nothing where ours stand first, in order and alone of their kind", async () => {
    const { api, calls } = cloudflare([OURS, SECOND, THEIRS]);
    expect(await bring(api, [OURS, SECOND])).toMatchObject({ version: "1", at: "T1" });
    expect(calls).toEqual(["get"]);
  });

  test.each<[string, RemoteRule[], string[]]>([
    ["one of theirs in front", [THEIRS, OURS, SECOND], ["kt:a", "kt:b", "theirs"]],
    ["ours in another order", [SECOND, OURS], ["kt:a", "kt:b"]],
    [
      "one of ours too many, behind theirs",
      [OURS, SECOND, THEIRS, rule("kt:old")],
      ["kt:a", "kt:b", "theirs"],
    ],
    ["one of ours too few", [OURS, THEIRS], ["kt:a", "kt:b", "theirs"]],
    ["another expression in one of ours", [rule("kt:a", { expression: "x" }), SECOND], ["kt:a", "kt:b"]],
  ])("puts %s right in one PUT", async (_label, present, expected) => {
    const { api, calls, refs } = cloudflare(present);
    const seen: unknown[] = [];
    await bring(api, [OURS, SECOND], (rules) => seen.push(rules));
    expect([calls, refs(), seen]).toEqual([["get", "put", "get"], expected, [present]]);
  });

  test("asks before it writes, and writes nothing where it may not", async () => {
    const { api, calls } = cloudflare([THEIRS]);
    const refuse = () => {
      throw new Error("DRIFT");
    };
    await expect(bring(api, [OURS], refuse)).rejects.toThrow("DRIFT");
    expect(calls).toEqual(["get"]);
  });

  test("merges again what somebody wrote between its read and its PUT", async () => {
    const { api, calls, refs } = cloudflare([THEIRS], [{ before: [THEIRS, LATER] }]);
    await bring(api);
    expect(refs()).toEqual(["kt:a", "theirs", "later"]);
    expect(calls).toEqual(["get", "put", "version 2", "get", "put", "get"]);
  });

  test.each<[string, NonNullable<Turn["lost"]>, string[], string[]]>([
    [
      "a PUT that came to nothing",
      { effect: false },
      ["kt:a", "theirs"],
      ["get", "put", "pause undefined", "get", "put", "get"],
    ],
    [
      "a PUT that took effect",
      { effect: true },
      ["kt:a", "theirs"],
      ["get", "put", "pause undefined", "get"],
    ],
    [
      "a PUT that took effect before somebody added to it",
      { effect: true, after: [OURS, THEIRS, LATER] },
      ["kt:a", "theirs", "later"],
      ["get", "put", "pause undefined", "get", "version 2"],
    ],
    [
      "a PUT instead of which somebody else wrote",
      { effect: false, after: [THEIRS, LATER] },
      ["kt:a", "theirs", "later"],
      ["get", "put", "pause undefined", "get", "put", "get"],
    ],
  ])("of %s no rule is lost, though nothing was answered", async (_label, lost, expected, sent) => {
    const { api, calls, refs } = cloudflare([THEIRS], [{ lost }]);
    await bring(api);
    expect([refs(), calls]).toEqual([expected, sent]);
  });

  test("a writer before a PUT that was not answered loses nothing either", async () => {
    const { api, refs } = cloudflare([THEIRS], [{ before: [THEIRS, LATER], lost: { effect: true } }]);
    await bring(api);
    expect(refs()).toEqual(["kt:a", "theirs", "later"]);
  });

  const MORE = rule("more");
  const adds = (present: readonly RemoteRule[]) => [...present, MORE];
  const changed = (present: readonly RemoteRule[]) =>
    present.map((each) => (each.ref === "theirs" ? { ...each, logging: { enabled: true } } : each));
  test.each<[string, Turn[], string[]]>([
    [
      "added just before and just after",
      [{ before: [THEIRS, LATER], after: adds }],
      ["theirs", "later", "more"],
    ],
    ["moved before, added after", [{ before: [LATER, THEIRS], after: adds }], ["theirs", "later", "more"]],
    ["taken before, added after", [{ before: [THEIRS], after: adds }], ["theirs", "more"]],
    [
      "changed before, added after",
      [{ before: changed([THEIRS, LATER]), after: adds }],
      ["theirs*", "later", "more"],
    ],
    [
      "added before, changed after",
      [{ before: [THEIRS, LATER, MORE], after: changed }],
      ["theirs*", "later", "more"],
    ],
    ["moved before", [{ before: [LATER, THEIRS] }], ["later", "theirs"]],
    [
      "added before, taken after",
      [{ before: [THEIRS, LATER, MORE], after: (now) => now.filter(({ ref }) => ref !== "later") }],
      ["theirs", "more"],
    ],
    ["changed after one that took nothing", [{ before: [THEIRS], after: changed }], ["theirs*"]],
    [
      "added before one PUT and before the next, which did not know of it",
      [{ before: [THEIRS, LATER, MORE] }, { before: [THEIRS, LATER, rule("last")] }],
      ["theirs", "later", "more", "last"],
    ],
    [
      "added before one PUT, and after the next, which was not answered",
      [{ before: [THEIRS, LATER, MORE] }, { after: (now) => [...now, rule("last")], lost: { effect: true } }],
      ["theirs", "later", "more", "last"],
    ],
  ])("what others %s is all kept", async (_label, turns, expected) => {
    const { api, rules } = cloudflare([THEIRS, LATER], turns);
    await bring(api);
    expect(rules().map((each) => `${each.ref}${"logging" in each ? "*" : ""}`)).toEqual([
      "kt:a",
      ...expected,
    ]);
  });

  test("a rule that the API drops is said to be dropped, after one PUT", async () => {
    const { api, calls } = cloudflare([THEIRS], [], "kt:b");
    await expect(bring(api, [OURS, SECOND])).rejects.toThrow(
      "READ_BACK_DIFFERS: phase p of zone z does not answer the rules that were written: the API changed or dropped one of kt:a, kt:b",
    );
    expect(calls).toEqual(["get", "put", "get"]);
  });

  test("a writer without end is left alone after five PUTs", async () => {
    const turns = Array.from({ length: 9 }, (_, nth) => ({ before: [rule(`theirs-${nth}`)] }));
    const { api, calls } = cloudflare([THEIRS], turns);
    await expect(bring(api)).rejects.toThrow(
      "RULES_CONTENDED: somebody else keeps writing phase p of zone z, 5 times while this run tried: run it again when they are done",
    );
    expect(calls.filter((call) => call === "put")).toHaveLength(5);
  });

  test("calls without an answer end by the client's deadline alone", async () => {
    const turns = Array.from({ length: 8 }, () => ({ lost: { effect: false } }));
    const { api, calls } = cloudflare([THEIRS], turns);
    await bring(api);
    expect(calls.filter((call) => call === "put")).toHaveLength(9);
  });
});

import { describe, expect, test } from "vitest";
import type { Properties, Provider } from "./provider.ts";
import type { Registration } from "./registration.ts";
import { unknown, wrapSecret } from "./secrets.ts";
import { emptyState, type StoredState } from "./store.ts";
import { Update } from "./update.ts";

const STACK_URN = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";

function registration(name: string, inputs: Properties = {}, more: Partial<Registration> = {}): Registration {
  return {
    type: "test:index:Thing",
    name,
    parent: "",
    custom: true,
    inputs,
    dependencies: [],
    additionalSecretOutputs: [],
    protect: false,
    ...more,
  };
}

/** A provider that notes what it is asked; an input `fail` makes that operation fail. */
function fake(calls: string[]): Provider {
  const does = (what: string, inputs: Properties) => {
    calls.push(`${what} ${inputs.name}`);
    if (inputs.fail === what) throw new Error(`${what} of ${inputs.name} failed`);
  };
  return {
    check: async (_olds, news) => ({
      inputs: news,
      failures: news.fail === "check" ? [{ property: "serial", reason: "FENCED: no" }] : [],
    }),
    diff: async (_id, olds, news) => ({
      changes: JSON.stringify(olds.value) !== JSON.stringify(news.value),
      replaces: olds.kind === news.kind ? [] : ["kind"],
    }),
    create: async (news) => {
      does("create", news);
      return { id: `id-${news.name}`, outputs: { ...news, made: true } };
    },
    update: async (_id, _olds, news) => {
      does("update", news);
      return { outputs: { ...news, made: true } };
    },
    read: async (id, properties) => (properties.gone ? undefined : { id, properties }),
    delete: async (_id, properties) => does("delete", properties),
  };
}

/** A runner of updates over one kept state. */
function stack(start: StoredState = emptyState) {
  let state = start;
  const calls: string[] = [];
  const saves: StoredState[] = [];
  const begin = (options: { preview?: boolean; targets?: readonly string[] } = {}) =>
    new Update({
      stack: "dev",
      project: "p",
      preview: options.preview ?? false,
      state,
      save: (next) => {
        state = next;
        saves.push(next);
      },
      provider: () => ({ provider: fake(calls), secretOutputs: ["hidden"] }),
      ...(options.targets ? { targets: options.targets } : {}),
    });
  /** Registers things by name and inputs, then ends with these outputs. */
  const up = async (things: Record<string, Properties>, outputs: Properties = {}, options = {}) => {
    const update = begin(options);
    for (const [name, inputs] of Object.entries(things))
      await update.register(registration(name, { name, ...inputs }));
    update.registerOutputs(STACK_URN, outputs);
    return update.finish(undefined);
  };
  return { begin, up, calls, saves, state: () => state, names: () => state.resources.map(({ id }) => id) };
}

describe("an update", () => {
  test("creates, leaves alone, updates and deletes, the last ones first", async () => {
    const { up, calls, names } = stack();
    expect(await up({ a: { value: 1 }, b: { value: 1 }, c: {} })).toEqual({
      ok: true,
      changes: { create: 3 },
      diagnostics: [],
    });
    expect(await up({ a: { value: 1 }, b: { value: 2 } })).toMatchObject({
      changes: { same: 1, update: 1, delete: 1 },
    });
    await up({});
    expect(calls).toEqual([
      "create a",
      "create b",
      "create c",
      "update b",
      "delete c",
      "delete b",
      "delete a",
    ]);
    expect(names()).toEqual([]);
  });

  test("stores nothing new where nothing changed", async () => {
    const { up, saves } = stack();
    await up({ a: { value: 1 } }, { out: 1 });
    const before = saves.length;
    await up({ a: { value: 1 } }, { out: 1 });
    expect(
      saves.slice(before).every((state) => JSON.stringify(state) === JSON.stringify(saves[before - 1])),
    ).toBe(true);
  });

  test("replaces by making the new one first", async () => {
    const { up, calls, names } = stack();
    await up({ a: { kind: 1 } });
    expect(await up({ a: { kind: 2 } })).toMatchObject({ changes: { replace: 1, delete: 1 } });
    expect([calls, names()]).toEqual([["create a", "create a", "delete a"], ["id-a"]]);
  });

  test("refuses to replace or delete what is protected", async () => {
    const { begin, up, calls } = stack();
    const first = begin();
    await first.register(registration("a", { name: "a", kind: 1 }, { protect: true }));
    await first.finish(undefined);
    const replaced = await up({ a: { kind: 2 } });
    expect(replaced.diagnostics[0]).toMatch(/^a: unable to replace resource .* marked for protection$/);
    const gone = await up({});
    expect(gone.diagnostics[0]).toMatch(/^a: .* cannot be deleted because it is protected$/);
    expect(calls).toEqual(["create a"]);
  });

  test("keeps the mark of a create that was begun when it is killed in it", async () => {
    const { begin, state } = stack();
    const update = begin();
    void update.register(registration("a", { name: "a", fail: "never" }));
    await Promise.resolve();
    await Promise.resolve();
    expect(state().pending).toEqual(["urn:pulumi:dev::p::test:index:Thing::a"]);
    const next = begin();
    expect((await next.finish(undefined)).diagnostics).toEqual([
      "a run ended while it created urn:pulumi:dev::p::test:index:Thing::a; the object may exist without being in the state",
    ]);
  });
});

describe("after a failure", () => {
  test("of a check nothing is done to it; what comes later is not begun, and nothing is deleted", async () => {
    const { up, calls, names } = stack();
    await up({ a: { value: 1 }, z: {} }, { out: 1 });
    const run = await up({ a: { value: 2, fail: "check" }, b: {} });
    expect(run).toEqual({ ok: false, changes: {}, diagnostics: ["a: serial: FENCED: no"] });
    expect([calls, names()]).toEqual([
      ["create a", "create z"],
      ["id-a", "id-z"],
    ]);
  });

  test("of an update old inputs and outputs stay", async () => {
    const { up, state } = stack();
    await up({ a: { value: 1 } });
    const before = state().resources;
    await up({ a: { value: 2, fail: "update" } });
    expect(state().resources).toEqual(before);
  });

  test("outputs that hang on nothing that failed are written over the old ones", async () => {
    const { up, state } = stack();
    await up({ a: { value: 1 } }, { ledger: 1, kept: 1 });
    await up({ a: { value: 2, fail: "update" } }, { ledger: 2 });
    expect(state().outputs).toEqual({ ledger: 2, kept: 1 });
  });

  test("of the program all outputs stay and nothing is deleted", async () => {
    const { up, begin, state, names } = stack();
    await up({ a: {} }, { ledger: 1 });
    const update = begin();
    update.registerOutputs(STACK_URN, { ledger: 2 });
    expect(await update.finish("NOT_REALIZED: no")).toEqual({
      ok: false,
      changes: {},
      diagnostics: ["NOT_REALIZED: no"],
    });
    expect([state().outputs, names()]).toEqual([{ ledger: 1 }, ["id-a"]]);
  });

  test("a rejection that nobody handled fails the run, with new outputs and no deletes", async () => {
    const { up, begin, state, names } = stack();
    await up({ a: {} }, { ledger: 1 });
    const update = begin();
    update.registerOutputs(STACK_URN, { ledger: 2 });
    expect(await update.finish(undefined, ["stray"])).toMatchObject({ ok: false, diagnostics: ["stray"] });
    expect([state().outputs, names()]).toEqual([{ ledger: 2 }, ["id-a"]]);
  });
});

describe("a run with targets", () => {
  test("asks nothing of what it leaves out, and answers it as it was", async () => {
    const { up, begin, calls } = stack();
    await up({ a: { value: 1 }, b: { value: 1 } });
    const update = begin({ targets: ["**::a"] });
    await update.register(registration("a", { name: "a", value: 2 }));
    expect(await update.register(registration("b", { name: "b", value: 2 }))).toMatchObject({
      ok: true,
      outputs: { value: 1 },
    });
    expect(await update.register(registration("new", { name: "new" }))).toMatchObject({
      id: unknown,
      unknown: true,
    });
    await update.finish(undefined);
    expect(calls).toEqual(["create a", "create b", "update a"]);
  });

  test("deletes only what it names", async () => {
    const { up, names } = stack();
    await up({ a: {}, ab: {}, b: {} });
    await up({}, {}, { targets: ["**::a*"] });
    expect(names()).toEqual(["id-b"]);
  });
});

describe("a preview", () => {
  test("calls nothing, stores nothing and counts all", async () => {
    const { up, calls, saves } = stack();
    await up({ a: { value: 1 }, b: {} });
    const [before, called] = [saves.length, calls.length];
    expect(await up({ a: { value: 2 }, c: {} }, {}, { preview: true })).toMatchObject({
      ok: true,
      changes: { update: 1, create: 1, delete: 1 },
    });
    expect([saves.length, calls.length]).toEqual([before, called]);
  });
});

describe("secrets", () => {
  test("stay secret under the input's name and where the type or the resource says so", async () => {
    const { begin, state } = stack();
    const update = begin();
    const inputs = { name: "a", token: wrapSecret("t"), hidden: "h", made: "m" };
    await update.register(registration("a", inputs, { additionalSecretOutputs: ["made"] }));
    expect(state().resources[0]?.outputs).toEqual({
      name: "a",
      token: wrapSecret("t"),
      hidden: wrapSecret("h"),
      made: wrapSecret(true),
    });
  });
});

describe("a refresh", () => {
  test("takes what is gone out of the state", async () => {
    const { up, begin, names } = stack();
    await up({ a: {}, b: { gone: true } });
    expect(await begin().refresh()).toMatchObject({ ok: true, changes: { same: 1, delete: 1 } });
    expect(names()).toEqual(["id-a"]);
  });
});

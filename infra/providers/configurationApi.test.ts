import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Api, ApiProblem } from "./cloudflareApi.ts";
import { bringKeys, listConfigurations, readConfiguration } from "./configurationApi.ts";
import type { Inputs, PublishedKey, RemoteKey } from "./keySet.ts";

const key = (kid: string, kty = "EC") =>
  ({ name: kid, kid, alg: "ES256", kty, x: `x${kid}` }) as PublishedKey;
const [A, B, C] = [key("a"), key("b"), key("c")];
const inputs = (keys: readonly PublishedKey[], secrets: Record<string, string> = {}) =>
  ({ zoneId: "z", ring: "shop", keys, secrets, known: keys }) as unknown as Inputs;

/** A configuration that holds `keys` and may do something else with a write, or with the nth call. */
function cloudflare(
  keys: readonly RemoteKey[] | undefined,
  { onWrite, fail }: { onWrite?: (sent: readonly RemoteKey[]) => readonly RemoteKey[]; fail?: number[] } = {},
) {
  const calls: string[] = [];
  const sent: object[] = [];
  let held = keys;
  let attempts = 0;
  let time = 0;
  const api = {
    async call(method: string, path: string, body?: { keys: RemoteKey[] }) {
      attempts += 1;
      calls.push(`${method} ${path.split("/").at(-1)}`);
      if (fail?.includes(attempts)) throw Object.assign(new Error("failed"), { status: 503 });
      if (held === undefined) throw Object.assign(new Error("gone"), { status: 404 });
      if (body) {
        sent.push(...body.keys);
        held = onWrite?.(body.keys) ?? body.keys;
      }
      time += 1;
      return { result: { id: "c", credentials: { keys: held } }, messages: [], at: `T${time}` };
    },
    async pause({ status }: ApiProblem) {
      calls.push(`pause ${status}`);
    },
  } as unknown as Api;
  return { api, calls, sent };
}

const never = () => false;
const always = () => true;

describe("bringKeys", () => {
  beforeEach(() => {
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void) => run()) as never);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("writes nothing where the wanted set is in place, and has the time of that read", async () => {
    const { api, calls } = cloudflare([B, A]);
    expect(await bringKeys(api, inputs([A, B]), "c", never, false)).toEqual({ at: "T1", wrote: false });
    expect(calls).toEqual(["get c"]);
  });

  test("writes over what is expected, and has the time of the read after it", async () => {
    const { api, calls } = cloudflare([A]);
    expect(await bringKeys(api, inputs([A, B]), "c", always, false)).toEqual({ at: "T3", wrote: true });
    expect(calls).toEqual(["get c", "put credentials", "get c"]);
  });

  test("writes nothing over what nobody expects, and says what is there", async () => {
    const { api, calls } = cloudflare([C]);
    await expect(bringKeys(api, inputs([A]), "c", never, false)).rejects.toThrow(
      /^DRIFT: the token configuration of ring shop holds c \(ES256\); the ledger knows a \(ES256\), and a \(ES256\) must be there\. Nothing was written\./,
    );
    expect(calls).toEqual(["get c"]);
  });

  test("writes over what nobody expects where that is asked for", async () => {
    const { api, calls } = cloudflare([C]);
    await bringKeys(api, inputs([A]), "c", never, true);
    expect(calls).toEqual(["get c", "put credentials", "get c"]);
  });

  test("keys that only go are patched without a secret; written over, all are put with theirs", async () => {
    const [one, two] = [key("a", "oct"), key("b", "oct")];
    const wanted = inputs([one], { a: "s" });
    const patched = cloudflare([one, two]);
    await bringKeys(patched.api, wanted, "c", always, false);
    expect([patched.calls[1], patched.sent]).toEqual([
      "patch credentials",
      [{ kid: "a", alg: "ES256", kty: "oct", x: "xa" }],
    ]);
    const over = cloudflare([one, two]);
    await bringKeys(over.api, wanted, "c", never, true);
    expect([over.calls[1], over.sent]).toEqual([
      "put credentials",
      [{ kid: "a", alg: "ES256", kty: "oct", x: "xa", k: "s" }],
    ]);
  });

  test("a secret, which no read shows, is written over once; public keys that are in place are not", async () => {
    const one = key("a", "oct");
    const secret = cloudflare([one]);
    expect(await bringKeys(secret.api, inputs([one], { a: "s" }), "c", never, true)).toEqual({
      at: "T3",
      wrote: true,
    });
    expect(secret.calls).toEqual(["get c", "put credentials", "get c"]);
    const open = cloudflare([A]);
    expect(await bringKeys(open.api, inputs([A]), "c", never, true)).toEqual({ at: "T1", wrote: false });
    const plain = cloudflare([one]);
    expect(await bringKeys(plain.api, inputs([one], { a: "s" }), "c", never, false)).toMatchObject({
      wrote: false,
    });
  });

  test("a write that does not show is made three times in all, and then a key was dropped", async () => {
    const { api, calls } = cloudflare([A], { onWrite: () => [A] });
    await expect(bringKeys(api, inputs([A, B]), "c", always, false)).rejects.toThrow(
      /^READ_BACK_DIFFERS: Cloudflare keeps a \(ES256\) of the keys sent for ring shop \(a \(ES256\), b \(ES256\)\)/,
    );
    expect(calls.filter((call) => call.startsWith("put"))).toHaveLength(3);
  });

  test("a third set after the write is no lag: it is not written over again", async () => {
    const { api, calls } = cloudflare([A], { onWrite: () => [C] });
    await expect(bringKeys(api, inputs([A, B]), "c", always, false)).rejects.toThrow(
      /^READ_BACK_DIFFERS: .*keeps c /,
    );
    expect(calls.filter((call) => call.startsWith("put"))).toHaveLength(1);
  });

  test("a failed write is read anew before it is tried again, and counts as none", async () => {
    const { api, calls } = cloudflare([A], { fail: [2] });
    await bringKeys(api, inputs([A, B]), "c", always, false);
    expect(calls).toEqual(["get c", "put credentials", "pause 503", "get c", "put credentials", "get c"]);
  });

  test("what a create has written already is read back", async () => {
    const { api } = cloudflare([A]);
    expect(await bringKeys(api, inputs([A]), "c", always, false, [])).toEqual({ at: "T1", wrote: true });
    const other = cloudflare([C]);
    await expect(bringKeys(other.api, inputs([A]), "c", always, false, [])).rejects.toThrow(
      /^READ_BACK_DIFFERS: /,
    );
  });

  test("a configuration that is gone is said to be gone", async () => {
    await expect(bringKeys(cloudflare(undefined).api, inputs([A]), "c", always, true)).rejects.toThrow(
      "CONFIGURATION_GONE: token configuration c of ring shop does not exist any more: run `pulumi refresh`, then `pulumi up`",
    );
  });
});

test("a read is tried again where that may help, and 404 is an answer", async () => {
  const { api, calls } = cloudflare([A], { fail: [1] });
  expect(await readConfiguration(api, { zoneId: "z" }, "c")).toMatchObject({ at: "T1", found: { id: "c" } });
  expect(calls).toEqual(["get c", "pause 503", "get c"]);
  expect(await readConfiguration(cloudflare(undefined).api, { zoneId: "z" }, "c")).toBeUndefined();
});

test("a list ends with a page that brings nothing new, and a failed page is asked for again", async () => {
  const paths: string[] = [];
  const pages: Record<string, { id: string }[]> = {
    1: [{ id: "a" }, { id: "b" }],
    2: [{ id: "b" }, { id: "c" }],
  };
  const api = {
    async call(_method: string, path: string) {
      paths.push(path);
      if (paths.length === 2) throw Object.assign(new Error("failed"), { status: 503 });
      return { result: pages[new URL(path, "https://x").searchParams.get("page") ?? ""] ?? [{ id: "c" }] };
    },
    async pause() {},
  } as unknown as Api;
  const found = await listConfigurations(api, { zoneId: "z" });
  expect(found.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(paths.map((path) => path.split("?")[1])).toEqual(
    [1, 2, 2, 3].map((page) => `page=${page}&per_page=50`),
  );
});

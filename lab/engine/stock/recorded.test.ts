import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Properties, Surroundings } from "../provider.ts";
import { STOCK_RESOURCES } from "./cloudflare.ts";
import { restProvider } from "./restResource.ts";

interface Line {
  readonly step: string;
  readonly by: string;
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

const FILE = join(import.meta.dirname, "../../../edge/api/recordings/provider.jsonl");

/** The recorded calls for Secrets Store, in order; ids, times and secrets are the recording's own placeholders. */
const RECORDED = readFileSync(FILE, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line)
  .filter(({ by, path }) => by === "provider" && path.includes("/secrets_store/"));

/** Answers as recorded, and notes what is asked. */
function recorder(lines: readonly Line[]) {
  const sent: Pick<Line, "method" | "path" | "body" | "contentType">[] = [];
  const around: Surroundings = {
    config: { "cloudflare:apiToken": "token", "cloudflare:baseUrl": "https://api.invalid/client/v4" },
    environment: {},
    random: () => 0,
    sleep: async () => undefined,
    fetch: async (input, init) => {
      const path = String(input).slice("https://api.invalid/client/v4".length);
      const headers = init?.headers as Record<string, string>;
      expect(headers.authorization).toBe("Bearer token");
      const contentType = headers["content-type"];
      sent.push({
        method: init?.method ?? "GET",
        path,
        ...(contentType === undefined ? {} : { contentType }),
        ...(init?.body === undefined ? {} : { body: JSON.parse(String(init.body)) }),
      });
      return Response.json(lines[sent.length - 1]?.answer);
    },
  };
  return { sent, around };
}

function recorded(steps: readonly string[], path: RegExp): Line[] {
  return RECORDED.filter((line) => steps.includes(line.step) && path.test(line.path));
}

function asked(lines: readonly Line[]) {
  return lines.map(({ method, path, body, contentType }) => ({
    method,
    path,
    ...(body === undefined ? {} : { body, contentType }),
  }));
}

function provider(type: string, around: Surroundings) {
  const row = STOCK_RESOURCES.find((candidate) => candidate.type.endsWith(type));
  if (row === undefined) throw new Error(`no row for ${type}`);
  return restProvider(row, around);
}

describe("for equal inputs the calls are those that the real provider was recorded making", () => {
  test("a store: created, read, deleted", async () => {
    const lines = recorded(["create", "refresh", "destroy"], /stores(\/<store-1>)?$/);
    expect(lines.map(({ step }) => step)).toEqual(["create", "refresh", "destroy"]);
    const { sent, around } = recorder(lines);
    const store = provider(":SecretsStore", around);
    const { id, outputs } = await store.create({ accountId: "<account>", name: "store" });
    expect(id).toBe("<store-1>");
    expect(await store.read(id, outputs)).toEqual({ id, properties: outputs });
    await store.delete(id, outputs);
    expect(sent).toEqual(asked(lines));
  });

  test("a secret: created, read, its value changed, deleted", async () => {
    const lines = recorded(["create", "refresh", "rotate", "destroy"], /\/secrets(\/<secret-1>)?$/);
    expect(lines.map(({ step }) => step)).toEqual(["create", "refresh", "rotate", "destroy"]);
    const { sent, around } = recorder(lines);
    const secret = provider(":SecretsStoreSecret", around);
    const inputs: Properties = {
      accountId: "<account>",
      storeId: "<store-1>",
      name: "signing",
      comment: "c",
      scopes: ["workers"],
      value: "<secret-1>",
    };
    const { id, outputs } = await secret.create(inputs);
    expect(id).toBe("<secret-1>");
    expect((await secret.read(id, outputs))?.properties).toEqual(outputs);
    const changed = { ...inputs, value: "<secret-3>" };
    expect(await secret.diff(id, outputs, changed)).toEqual({ changes: true, replaces: [] });
    const { outputs: after } = await secret.update(id, outputs, changed);
    expect(after.value).toBe("<secret-3>");
    await secret.delete(id, after);
    expect(sent).toEqual(asked(lines));
  });

  test("nothing is asked where nothing changed, and another name is another secret", async () => {
    const { sent, around } = recorder([]);
    const secret = provider(":SecretsStoreSecret", around);
    const inputs = {
      accountId: "a",
      storeId: "s",
      name: "signing",
      comment: "c",
      scopes: ["workers"],
      value: "v",
    };
    const outputs = { ...inputs, id: "i", created: "t", modified: "t", status: "active" };
    expect(await secret.diff("i", outputs, inputs)).toEqual({ changes: false, replaces: [] });
    expect(await secret.diff("i", outputs, { ...inputs, name: "other" })).toEqual({
      changes: true,
      replaces: ["name"],
    });
    expect(sent).toEqual([]);
  });
});

describe("retries", () => {
  const failing = (status: number, headers: Record<string, string> = {}) => {
    const waited: number[] = [];
    let calls = 0;
    const around: Surroundings = {
      config: {},
      environment: {},
      random: () => 0,
      sleep: async (milliseconds) => void waited.push(milliseconds),
      fetch: async () => {
        calls += 1;
        return calls < 3 ? new Response("{}", { status, headers }) : Response.json({ result: { id: "s" } });
      },
    };
    return { around, waited, calls: () => calls };
  };
  const inputs = { accountId: "a", name: "store" };

  test.each([
    [429, { "retry-after": "7" }, [7000, 7000]],
    [503, {}, [2000, 4000]],
    [409, {}, [2000, 4000]],
  ] as const)(
    "%i is tried again after the time it names, or a growing one",
    async (status, headers, waits) => {
      const { around, waited } = failing(status, headers);
      await provider(":SecretsStore", around).create(inputs);
      expect(waited).toEqual(waits);
    },
  );

  test.each([
    [400, {}],
    [503, { "x-should-retry": "false" }],
  ] as const)("%i with %o is not", async (status, headers) => {
    const { around, calls } = failing(status, headers);
    await expect(provider(":SecretsStore", around).create(inputs)).rejects.toThrow(
      `POST /accounts/a/secrets_store/stores: ${status} {}`,
    );
    expect(calls()).toBe(1);
  });
});

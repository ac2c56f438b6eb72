import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readRecord, recordOf } from "./definitionRecord.ts";

const SETTINGS = {
  environment: {
    stack: "dev",
    zones: [
      { id: "0".repeat(32), name: "example.com", plan: "enterprise", addOns: ["api_shield"], limits: {} },
    ],
    hosts: { "api.example.com": "api.dev.example.com" },
    mode: "log",
  },
  accountId: "0".repeat(32),
  deletable: false,
} as const;

const FILES = [
  { path: "rules/keys.yaml", text: "keys: {}\n" },
  { path: "rules/api.yaml", text: "host: api.example.com # Grüße\n" },
];

const SOURCE = { files: FILES, settings: SETTINGS };
const COMPILED = "0123456789abcdef";
const RECORD = recordOf(SOURCE, COMPILED, {});
const OUTPUTS = { ledger: {}, ...RECORD };

test("the record is read back as it was written, whatever order the files came in", () => {
  expect(readRecord(OUTPUTS)).toEqual({
    ok: true,
    record: RECORD,
    source: { files: [...FILES].reverse(), settings: SETTINGS },
  });
  expect(recordOf({ ...SOURCE, files: [...FILES].reverse() }, COMPILED, {})).toEqual(RECORD);
});

test("what did not change stays to the byte, though another zlib packs it otherwise", () => {
  const pairs = [...FILES].reverse().map(({ path, text }) => [path, text]);
  const definitionFiles = deflateSync(JSON.stringify(pairs), { level: 1 }).toString("base64");
  const former = { ...RECORD, definitionFiles };
  expect(definitionFiles).not.toBe(RECORD.definitionFiles);
  expect(recordOf(SOURCE, COMPILED, { ...former, ledger: {} })).toEqual(former);
  expect(recordOf(SOURCE, "0".repeat(16), former).definitionFiles).toBe(RECORD.definitionFiles);
});

describe("a record that must not be used", () => {
  const { definitions } = RECORD;
  test.each([
    ["none", {}, "NOT_DEPLOYED", /run `pulumi up` first, which records them$/],
    [
      "of a newer program",
      { ...RECORD, definitions: { format: 2 } },
      "LEDGER_FORMAT_NEWER",
      /newer checkout/,
    ],
    ["without its files", { definitions }, "LEDGER_UNREADABLE", /\(definitionFiles: /],
    ["with other files", { ...RECORD, definitionFiles: "eJw=" }, "LEDGER_UNREADABLE", /not compressed files/],
    [
      "with files of another time",
      { ...RECORD, definitionFiles: recordOf({ ...SOURCE, files: [] }, COMPILED, {}).definitionFiles },
      "LEDGER_UNREADABLE",
      /not what its digests say/,
    ],
    [
      "with settings edited by hand",
      { ...RECORD, definitions: { ...definitions, settings: { ...SETTINGS, deletable: true } } },
      "LEDGER_UNREADABLE",
      /not what its digests say/,
    ],
    [
      "with settings that this program refuses",
      recordOf({ ...SOURCE, settings: { ...SETTINGS, accountId: "mine" } }, COMPILED, {}),
      "LEDGER_UNREADABLE",
      /definitions\.settings\.accountId: expected the account/,
    ],
  ])("%s", (_label, outputs, code, message) => {
    expect(readRecord(outputs)).toEqual({ ok: false, code, message: expect.stringMatching(message) });
  });
});

test("10,000 endpoints take less than 150 kB", () => {
  const words = ["orders", "users", "carts", "invoices", "payments", "files", "reports", "sessions"];
  const text = Array.from({ length: 10_000 }, (_entry, index) => {
    // Knuth's multiplicative hash: repeatable, and without the pattern that would pack too well.
    const drawn = Math.imul(index + 1, 0x9e3779b1) >>> 0;
    const [a, b] = [words[drawn & 7], words[(drawn >> 3) & 7]];
    const method = ["GET", "POST", "PUT", "DELETE"][(drawn >> 6) & 3];
    return `  - id: ${a}-${b}-${index}\n    match: { method: ${method}, path: "/v${1 + ((drawn >> 8) & 1)}/${a}/{id}/${b}-${index}" }\n    require: { scope: "${a}:${method === "GET" ? "read" : "write"}" }\n\n`;
  }).join("");
  expect(text.length).toBeGreaterThan(1_000_000);
  const { definitionFiles } = recordOf(
    { files: [{ path: "rules/api.yaml", text }], settings: SETTINGS },
    COMPILED,
    {},
  );
  expect(definitionFiles.length).toBeLessThan(150_000);
});

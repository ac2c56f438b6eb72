import { describe, expect, test } from "vitest";
import { type Ledger, ledgerDigest, readLedger } from "./ledger.ts";
import { ledgerOf, STACK } from "./testing/walk.ts";

const LEDGER = JSON.parse(JSON.stringify(ledgerOf("RETIRING")));
const read = (ledger: unknown, stack = STACK) => readLedger({ ledger }, stack);
/** The ledger with something else in its second key. */
const withKey = (change: object) => {
  const shop = LEDGER.rings.shop;
  const keys = [shop.keys[0], { ...shop.keys[1], ...change }];
  return { ...LEDGER, rings: { shop: { ...shop, keys } } };
};

test("a ledger is read as it was written, and a new stack has an empty one", () => {
  expect(read(LEDGER)).toEqual({ ok: true, ledger: LEDGER });
  expect(readLedger({}, STACK)).toEqual({ ok: true, ledger: { format: 4, stack: STACK, rings: {} } });
});

test("one of format 2, from before there were mirrored rings, says the same", () => {
  expect(readLedger({ ledger: { ...LEDGER, format: 2 } }, STACK)).toEqual({ ok: true, ledger: LEDGER });
});

describe("a ledger that must not be used", () => {
  test.each<[string, Parameters<typeof readLedger>[0], string, RegExp]>([
    ["lost beside other outputs", { jwks: {} }, "LEDGER_LOST", /has outputs and no ledger among them/],
    ["that is null", { ledger: null }, "LEDGER_LOST", /no ledger among them/],
    ["that is no object", { ledger: 7 }, "LEDGER_LOST", /no ledger among them/],
    [
      "of a newer program",
      { ledger: { ...LEDGER, format: 5 } },
      "LEDGER_FORMAT_NEWER",
      /format 5, .* up to 4:/,
    ],
    ["of no known format", { ledger: { ...LEDGER, format: 0 } }, "LEDGER_UNREADABLE", /\(format: /],
    ["whose format is a word", { ledger: { ...LEDGER, format: "3" } }, "LEDGER_UNREADABLE", /\(format: /],
    [
      "with a member more",
      { ledger: { ...LEDGER, hurry: 1 } },
      "LEDGER_UNREADABLE",
      /not a ledger \(: .*hurry/,
    ],
    [
      "of another project",
      { ledger: { ...LEDGER, stack: "organization/other/dev" } },
      "LEDGER_FOREIGN",
      /belongs to organization\/other\/dev, not to organization\/keyturn\/dev/,
    ],
    [
      "with a key's name of another form",
      { ledger: withKey({ name: "k0" }) },
      "LEDGER_UNREADABLE",
      /\(rings\.shop\.keys\.1\.name: /,
    ],
    [
      "with a state that there is not",
      { ledger: withKey({ state: "BUSY" }) },
      "LEDGER_UNREADABLE",
      /\(rings\.shop\.keys\.1\.state: /,
    ],
    [
      "with a wait below nothing",
      { ledger: withKey({ overlapSeconds: -1 }) },
      "LEDGER_UNREADABLE",
      /overlapSeconds/,
    ],
    [
      "with a life of nothing",
      { ledger: withKey({ lifetimeSeconds: 0 }) },
      "LEDGER_UNREADABLE",
      /lifetimeSeconds/,
    ],
    [
      "with a private member in a JWK",
      { ledger: withKey({ jwk: { kty: "EC", d: "secret" } }) },
      "LEDGER_UNREADABLE",
      /keys\.1\.jwk/,
    ],
    [
      "of a ring without keys",
      { ledger: { ...LEDGER, rings: { shop: { ...LEDGER.rings.shop, keys: [] } } } },
      "LEDGER_UNREADABLE",
      /\(rings\.shop\.keys: /,
    ],
  ])("%s", (_label, outputs, code, message) => {
    expect(readLedger(outputs, STACK)).toEqual({ ok: false, code, message: expect.stringMatching(message) });
  });
});

test("a renamed stack keeps its ledger under its new name", () => {
  const stack = "organization/keyturn/prod";
  expect(read(LEDGER, stack)).toEqual({ ok: true, ledger: { ...LEDGER, stack } });
});

test("of format 1, which kept no waits, the next definitions raise them", () => {
  const shop = LEDGER.rings.shop;
  const keys = shop.keys.map(
    ({ signerLagSeconds: _lag, overlapSeconds: _overlap, ...key }: Ledger["rings"][string]["keys"][number]) =>
      key,
  );
  const raised = keys.map((key: object) => ({ ...key, signerLagSeconds: 0, overlapSeconds: 0 }));
  expect(read({ ...LEDGER, format: 1, rings: { shop: { ...shop, keys } } })).toStrictEqual({
    ok: true,
    ledger: { ...LEDGER, rings: { shop: { ...shop, keys: raised } } },
  });
  expect(read({ ...LEDGER, format: 1 })).toMatchObject({ ok: false, code: "LEDGER_UNREADABLE" });
});

test("a digest is that of what a ledger says, in whatever order; none is `new`", () => {
  const shop = LEDGER.rings.shop;
  const reordered = Object.fromEntries(Object.entries(shop).reverse()) as typeof shop;
  expect(ledgerDigest(shop)).toMatch(/^[0-9a-f]{16}$/);
  expect(ledgerDigest(reordered)).toBe(ledgerDigest(shop));
  expect(ledgerDigest({ ...shop, forgottenAt: undefined })).toBe(ledgerDigest(shop));
  expect(ledgerDigest({ ...shop, serial: shop.serial + 1 })).not.toBe(ledgerDigest(shop));
  expect(ledgerDigest({ ...shop, keys: [...shop.keys].reverse() })).not.toBe(ledgerDigest(shop));
  expect(ledgerDigest(undefined)).toBe("new");
});

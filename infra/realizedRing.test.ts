import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { RingLedger } from "../model/ring/ledger.ts";
import type { MoveKind } from "../model/ring/states.ts";
import { type Former, notReached, realized } from "./realizedRing.ts";
import type { RingMaterial, SigningJwk } from "./ringMaterial.ts";
import type { RingSigner } from "./ringSigner.ts";

function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

const STATES = { k1: "ACTIVE", k2: "VERIFIED", k3: "RETIRING", k4: "RETIRED" } as const;
const EXPECTED = "keyturn shop k1 kid kid-1";

/** A ring after a move. */
function ringAfter(kind: MoveKind): RingLedger {
  const keys = Object.entries(STATES).map(([name, state]) => ({ name, state, kid: null, jwk: null }));
  return { ring: "shop", serial: 4, move: { kind, key: "k1" }, keys } as unknown as RingLedger;
}

/** What is said of a ring whose resource echoes `serial`. */
async function outcome(serial: number, former: Former | undefined) {
  const ring = ringAfter("promote");
  const material = {
    keys: ring.keys.map((record) => ({
      record,
      kid: pulumi.output(`made-${record.name}`),
      jwk: pulumi.output({ kty: "EC" }),
      signing: pulumi.output({ kid: record.name } as SigningJwk),
    })),
  } as unknown as RingMaterial;
  const signer = { expected: EXPECTED, comment: pulumi.output(EXPECTED) } as RingSigner;
  const { ledger, signers } = realized(ring, material, signer, { zone: pulumi.output(serial) }, former);
  return { ledger: await settled(ledger), signers: await settled(signers) };
}

test("a ring of which everything has come as far has the keys that were made, by their roles", async () => {
  const { ledger, signers } = await outcome(4, undefined);
  expect(ledger).toMatchObject({
    serial: 4,
    keys: ["k1", "k2", "k3", "k4"].map((name) => ({ name, kid: `made-${name}`, jwk: { kty: "EC" } })),
  });
  expect(signers).toEqual({
    active: { kid: "k1" },
    pending: { kid: "k2" },
    retiring: [{ kid: "k3" }],
    retired: [{ kid: "k4" }],
  });
});

test("a ring that this run does not move stays as it was where a resource of it is behind", async () => {
  const former = {
    ledger: { ring: "shop", serial: 3 },
    signers: { retiring: [], retired: [] },
  } as unknown as Former;
  expect(await outcome(3, former)).toEqual(former);
  expect((await outcome(4, former)).ledger).toMatchObject({ serial: 4 });
});

test.each<
  [MoveKind, Record<string, number | undefined>, string | undefined, string | undefined, string | undefined]
>([
  ["promote", { a: 4, b: 4 }, EXPECTED, EXPECTED, undefined],
  ["promote", { a: 4, b: 3 }, EXPECTED, EXPECTED, "b of ring shop is at serial 3"],
  ["promote", { a: 5, b: 4 }, EXPECTED, EXPECTED, "a of ring shop is at serial 5"],
  ["promote", { a: undefined }, EXPECTED, EXPECTED, "a of ring shop is at serial undefined"],
  ["promote", {}, EXPECTED, "keyturn shop k0 kid kid-0", "signer of ring shop is at another key"],
  ["promote", {}, EXPECTED, undefined, "signer of ring shop is at another key"],
  ["promote", { a: 4 }, undefined, undefined, undefined],
  ["condemn", { a: 3 }, EXPECTED, "keyturn shop k0 kid kid-0", undefined],
])(
  "after %s with %j, where the issuer is to have %s and has %s",
  (kind, serials, expected, comment, reason) => {
    expect(notReached(ringAfter(kind), serials, expected, comment)).toBe(reason);
  },
);

import { expect, test } from "vitest";
import type { RingLedger } from "../../model/ring/ledger.ts";
import type { StateResource } from "../engine/engine.ts";
import { unfinishedMove } from "./unfinished.ts";

const LEDGER = { ring: "shop", serial: 4 } as RingLedger;
const move = (kind: string, key = "k2") => ({ kind, key });
const tokens = (serial: number | undefined, made: object | undefined, ring = "shop") =>
  ({
    type: "pulumi-nodejs:dynamic/keyturn:TokenConfiguration",
    inputs: { ring, serial, move: made },
  }) as unknown as StateResource;
const rules = (rings: object | undefined) =>
  ({ type: "pulumi-nodejs:dynamic/keyturn:PhaseRules", inputs: { rings } }) as unknown as StateResource;

test.each<[string, StateResource[], object | undefined]>([
  ["resources at the ledger's serial", [tokens(4, move("publish")), tokens(3, move("generate"))], undefined],
  [
    "a token configuration ahead",
    [tokens(4, move("x")), tokens(5, move("publish"))],
    { serial: 5, move: move("publish") },
  ],
  [
    "rules ahead",
    [rules({ shop: { serial: 5, move: move("retire") } })],
    { serial: 5, move: move("retire") },
  ],
  [
    "another ring's ahead",
    [tokens(9, move("publish"), "staff"), rules({ staff: { serial: 9, move: move("x") } })],
    undefined,
  ],
  ["rules of no ring", [rules({}), rules(undefined)], undefined],
  ["a resource that was never written", [tokens(undefined, undefined), tokens(5, undefined)], undefined],
  [
    "several ahead, of which the furthest counts",
    [tokens(5, move("publish")), tokens(6, move("abort")), tokens(5, move("publish"))],
    { serial: 6, move: move("abort") },
  ],
  [
    "the same move in two zones",
    [tokens(5, move("publish")), tokens(5, { ...move("publish"), at: "later" })],
    { serial: 5, move: move("publish") },
  ],
  [
    "two moves with one serial",
    [tokens(5, move("publish")), tokens(5, move("abort"))],
    { serial: 5, move: move("publish"), rival: move("abort") },
  ],
  [
    "another move with a lower serial",
    [tokens(6, move("publish")), tokens(5, move("abort"))],
    { serial: 6, move: move("publish") },
  ],
  [
    "a resource of another kind",
    [{ ...tokens(5, move("x")), type: "random:index/randomId:RandomId" }],
    undefined,
  ],
  [
    "rings named by a resource of another kind",
    [{ ...rules({ shop: { serial: 5, move: move("x") } }), type: "random:index/randomId:RandomId" }],
    undefined,
  ],
])("%s", (_label, resources, expected) => {
  expect(unfinishedMove(LEDGER, resources)).toEqual(expected);
});

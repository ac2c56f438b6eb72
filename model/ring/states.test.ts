import { expect, test } from "vitest";
import { isLive, isPending, isPublishing, isSameMove, KEY_STATES, MOVES } from "./states.ts";

test("what a key's state means for Cloudflare, for its promotion and for its ring", () => {
  const those = (is: (state: (typeof KEY_STATES)[number]) => boolean) => KEY_STATES.filter(is).join(" ");
  expect(those(isPending)).toBe("GENERATED PUBLISHED VERIFIED");
  expect(those(isPublishing)).toBe("PUBLISHED VERIFIED ACTIVE RETIRING");
  expect(those(isLive)).toBe("GENERATED PUBLISHED VERIFIED ACTIVE RETIRING");
});

test("two moves are the same whenever they were decided, and not with another kind, key or substitute", () => {
  const move = { kind: "revoke", key: "k1", substitute: "k2" };
  expect(isSameMove(move, { ...move, at: "2026-01-01T00:00:00.000Z" } as typeof move)).toBe(true);
  for (const change of [{ kind: "retire" }, { key: "k3" }, { substitute: "k3" }, { substitute: undefined }])
    expect(isSameMove(move, { ...move, ...change })).toBe(false);
});

test("an end at once is another move than one whose time has come; other moves are the same, however they write", () => {
  const end = { kind: "end", key: "k1" };
  expect(isSameMove(end, { ...end, over: true })).toBe(false);
  expect(isSameMove({ ...end, over: true }, { ...end, over: true })).toBe(true);
  const retire = { kind: "retire", key: "k1" };
  expect(isSameMove(retire, { ...retire, over: true })).toBe(true);
});

test("only what is kept before it is acted on touches no resource", () => {
  const intents = Object.values(MOVES).filter(({ ledgerOnly }) => ledgerOnly);
  expect(intents.map(({ kind }) => kind)).toEqual(["condemn", "doubt", "leave", "end"]);
});

import { expect, test } from "vitest";
import { activeKey, hasBlocked, hasEnded, keyRole, keysWithMaterial, publishedKeys } from "./realize.ts";
import { KEY_STATES, type KeyState } from "./states.ts";
import { edit, step } from "./testing/situation.ts";

const ring = step("confirm k1");
const inState = (state: KeyState) => edit(ring, "k2", { state, hasSigned: false });
const names = (keys: readonly { readonly name: string }[]) => keys.map(({ name }) => name).join(" ");

test("Cloudflare holds a key from its publication until it is taken away", () => {
  const held = KEY_STATES.filter((state) => publishedKeys(inState(state)).length > 0);
  expect(held).toEqual(["PUBLISHED", "VERIFIED", "ACTIVE", "RETIRING"]);
  expect(names(publishedKeys(step("publish k2")))).toBe("k1 k2");
});

test("a key's material exists until its end was confirmed, and may go from its end on", () => {
  expect(names(keysWithMaterial(step("retire k1")))).toBe("k1 k2");
  expect(names(keysWithMaterial(ring))).toBe("k2");
  const ended = KEY_STATES.filter((state) => hasEnded({ ...step("create k1").keys[0], state } as never));
  expect(ended).toEqual(["RETIRED", "ABORTED", "REVOKED"]);
});

test("what a key is to the issuer and the canary", () => {
  const roles = KEY_STATES.map((state) => [state, keyRole({ ...ring.keys[1], state } as never)]);
  expect(roles).toEqual([
    ["GENERATED", "pending"],
    ["PUBLISHED", "pending"],
    ["VERIFIED", "pending"],
    ["ACTIVE", "active"],
    ["RETIRING", "retiring"],
    ["RETIRED", "retired"],
    ["ABORTED", "retired"],
    ["REVOKED", "retired"],
    ["FORGOTTEN", "retired"],
  ]);
});

test("the active key, and whether one ever was", () => {
  expect([activeKey(ring)?.name, activeKey(step("verify k1"))?.name]).toEqual(["k2", undefined]);
  expect([hasBlocked(step("verify k1")), hasBlocked(step("promote k1")), hasBlocked(ring)]).toEqual([
    false,
    true,
    true,
  ]);
});

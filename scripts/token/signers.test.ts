import { describe, expect, it } from "vitest";
import { pickSigningKey } from "./chooseKey.ts";
import { TokenInputError } from "./findings.ts";
import { readKeys } from "./readKeys.ts";
import { keysOfRing, parseSigners } from "./signers.ts";

const key = (kid: string) => ({ kty: "oct", k: "c2VjcmV0", kid, alg: "HS256" });

describe("parseSigners", () => {
  it("keeps every member of the keys", () => {
    const signers = {
      internal: { active: key("a"), retiring: [key("r")] },
      downloads: { active: { ...key("d"), parameter: "verify" } },
      fresh: { pending: key("n"), retiring: [], retired: [key("o")] },
    };
    expect(parseSigners(JSON.stringify(signers))).toEqual(signers);
  });

  it.each([
    ["not JSON", "the stack output `signers` is no JSON"],
    ["[]", "the stack output has the wrong form at signers"],
    [
      '{"internal":{"active":{"kty":"oct","k":"c2VjcmV0"}}}',
      "the stack output has the wrong form at signers.internal.active.kid",
    ],
    [
      '{"a":7,"b":{"active":{"kty":"oct","kid":"x"},"retiring":{"k":"c2VjcmV0"}}}',
      "the stack output has the wrong form at signers.a, signers.b.retiring",
    ],
  ])("refuses %s, naming the place and quoting nothing", (json, message) => {
    expect(() => parseSigners(json)).toThrow(new TokenInputError("SIGNERS_UNREADABLE", message));
  });
});

describe("keysOfRing", () => {
  it("lists what Cloudflare holds, the active key first", () => {
    const keys = keysOfRing({ active: key("a"), pending: key("p"), retiring: [key("r1"), key("r2")] });
    expect(keys.map(({ label, role, jwk }) => [label, role, jwk.kid])).toEqual([
      ["the active key a", "active", "a"],
      ["the pending key p", "pending", "p"],
      ["the retiring key r1", "retiring", "r1"],
      ["the retiring key r2", "retiring", "r2"],
    ]);
    expect(keysOfRing({ pending: key("p"), retiring: [] }).map(({ role }) => role)).toEqual(["pending"]);
  });
});

describe("pickSigningKey", () => {
  const ring = keysOfRing({ active: key("a"), pending: key("p"), retiring: [key("r")] });
  const set = readKeys(JSON.stringify({ keys: [key("x"), key("y")] }));

  it("takes the active key of a ring, the only key, or the named one", () => {
    expect(pickSigningKey(ring).jwk.kid).toBe("a");
    expect(pickSigningKey(set.slice(1)).jwk.kid).toBe("y");
    expect(pickSigningKey(set, "y").jwk.kid).toBe("y");
  });

  it("refuses to sign with a pending or retiring key, and to guess", () => {
    expect(() => pickSigningKey(ring, "p")).toThrow(
      new TokenInputError("KEY_NOT_FOUND", 'no key that may sign has the kid "p"'),
    );
    expect(() => pickSigningKey(ring.slice(2))).toThrow(
      new TokenInputError("KEY_NOT_FOUND", "no key that may sign was given"),
    );
    expect(() => pickSigningKey(set)).toThrow(
      new TokenInputError("KEY_AMBIGUOUS", '2 keys were given: "x", "y"'),
    );
  });
});

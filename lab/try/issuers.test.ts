import { VirtualClock } from "@keyturn/edge";
import { decodeProtectedHeader } from "jose";
import { expect, test } from "vitest";
import { createTryIssuer, KeyDeliveries } from "./issuers.ts";
import { definitions, usageOf } from "./testing/example.ts";

const key = (kid: string) => ({
  kty: "oct",
  k: Buffer.alloc(64, kid).toString("base64url"),
  kid,
  alg: "HS256",
});

test("a late issuer reads the key of then, and never none", () => {
  const deliveries = new KeyDeliveries();
  deliveries.note("internal", key("a"), 1000);
  deliveries.note("internal", key("b"), 2000);
  deliveries.note("internal", key("b"), 2500);
  const read = (now: number, lag: number) => deliveries.read("internal", now, lag)?.kid;
  expect([read(2000, 0), read(2000, 1), read(2899, 900), read(2900, 900), read(1000, 900)]).toEqual([
    "b",
    "a",
    "a",
    "b",
    "a",
  ]);
  expect(deliveries.read("downloads", 2000, 0)).toBeUndefined();
  expect(deliveries.rings()).toEqual(["internal"]);
});

test("tokens and links come from the example issuer, with its lag and its clock", async () => {
  const clock = new VirtualClock(Date.UTC(2026, 10, 22, 12));
  const deliveries = new KeyDeliveries();
  for (const ring of ["internal", "downloads"]) {
    deliveries.note(ring, key("a"), clock.now() - 60_000);
    deliveries.note(ring, key("b"), clock.now() - 1000);
  }
  const usages = [usageOf("internal"), usageOf("downloads")];
  const issuer = (lag: number, skew: number) =>
    createTryIssuer(deliveries, clock, definitions, usages, { lag, skew });
  const token = await issuer(0, 30_000).issue(usageOf("internal"), "somebody");
  expect([token.kid, token.until]).toEqual(["b", clock.now() + 30_000 + 360_000]);
  const header = decodeProtectedHeader((token.request.headers?.[0]?.[1] ?? "").replace("Bearer ", ""));
  expect(header.kid).toBe("b");
  const link = await issuer(5000, 0).issue(usageOf("downloads"), "somebody");
  expect([link.kid, link.until]).toEqual(["a", clock.now() + 10_800_000]);
});

test("an issuer without a key says so", async () => {
  const clock = new VirtualClock(0);
  const issuer = createTryIssuer(new KeyDeliveries(), clock, definitions, [usageOf("internal")], {
    lag: 0,
    skew: 0,
  });
  await expect(issuer.issue(usageOf("internal"), "s")).rejects.toThrow(
    "the issuer of ring internal answers 503",
  );
});

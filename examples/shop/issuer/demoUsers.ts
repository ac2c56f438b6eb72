import { createHash, timingSafeEqual } from "node:crypto";
import type { Subject } from "./issuerRing.ts";

/** Says who is asking, or undefined for wrong credentials. A real issuer looks into its user database. */
export type Authenticate = (user: string, password: string) => Promise<Subject | undefined>;

/** One demo user with one password, able to read and write orders. */
export function demoUser(password: string): Authenticate {
  return async (user, given) => {
    // Hashes have one length, so the comparison tells nothing about the password.
    if (!timingSafeEqual(hash(`demo:${password}`), hash(`${user}:${given}`))) return undefined;
    return { sub: "demo", scopes: ["orders:read", "orders:write"], claims: { role: "customer" } };
  };
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

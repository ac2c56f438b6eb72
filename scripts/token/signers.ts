import * as z from "zod";
import { TokenInputError } from "./findings.ts";
import type { TokenKey } from "./readKeys.ts";

/** A key as the stack output `signers` holds it; `parameter` marks the secret of a link ring. */
export type SignerJwk = TokenKey["jwk"];

/** One ring's private keys by what they do there: part of a secret output of the stack. */
export interface RingSigners {
  /** Missing until the first key was proved and promoted. */
  readonly active?: SignerJwk;
  readonly pending?: SignerJwk;
  readonly retiring?: readonly SignerJwk[];
  /** Taken away from Cloudflare, and kept until the edge is seen to refuse them. */
  readonly retired?: readonly SignerJwk[];
}

/** The stack output `signers`: by ring. */
export type SignerSet = Readonly<Record<string, RingSigners>>;

const jwk = z.looseObject({ kty: z.string(), kid: z.string() });
const signerSet = z.record(
  z.string(),
  z.looseObject({
    active: jwk.optional(),
    pending: jwk.optional(),
    retiring: z.array(jwk).optional(),
    retired: z.array(jwk).optional(),
  }),
);

/** Reads the JSON of the output `signers`. Throws `TokenInputError` SIGNERS_UNREADABLE, quoting nothing of it. */
export function parseSigners(json: string): SignerSet {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new TokenInputError("SIGNERS_UNREADABLE", "the stack output `signers` is no JSON");
  }
  const parsed = signerSet.safeParse(value);
  if (parsed.success) return parsed.data as SignerSet;
  const places = parsed.error.issues.map((issue) => `signers.${issue.path.join(".")}`.replace(/\.$/, ""));
  throw new TokenInputError(
    "SIGNERS_UNREADABLE",
    `the stack output has the wrong form at ${places.join(", ")}`,
  );
}

/** The keys of a ring that Cloudflare holds, in the order active, pending, retiring. */
export function keysOfRing(signers: RingSigners): readonly TokenKey[] {
  const { active, pending, retiring = [] } = signers;
  return [
    ...(active ? [ringKey(active, "active")] : []),
    ...(pending ? [ringKey(pending, "pending")] : []),
    ...retiring.map((key) => ringKey(key, "retiring")),
  ];
}

function ringKey(jwk: SignerJwk, role: "active" | "pending" | "retiring"): TokenKey {
  return { jwk, label: `the ${role} key ${jwk.kid}`, assumed: [], role };
}

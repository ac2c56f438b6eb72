import type { Ring } from "../definition/types.ts";
import { problem } from "../problem/codes.ts";
import type { Problem } from "../problem/problem.ts";

/** The day until which a mirrored ring's keys are good, where its definition says one. */
export function renewalOf(ring: Ring): string | undefined {
  switch (ring.kind) {
    case "mirror":
      return ring.renewBy;
    case "jwt":
    case "hmac":
      return undefined;
  }
}

/**
 * Keys in an HSM or KMS do not turn by themselves: a finding for each ring whose day has come.
 *
 * @param today `YYYY-MM-DD` (UTC)
 */
export function renewalsDue(rings: readonly Ring[], today: string): Problem[] {
  return rings.flatMap((ring) => {
    const day = renewalOf(ring);
    if (day === undefined || day > today) return [];
    return [
      problem(
        "KEY_RENEWAL_DUE",
        ring.at,
        `the keys of ring ${ring.id} were to be renewed by ${day}`,
        `have another key made where the private one is, publish it beside the old one with \`keyturn jwks fetch ${ring.id}\`, let the signer use it after \`keyturn rotate\`, and write the next day`,
      ),
    ];
  });
}

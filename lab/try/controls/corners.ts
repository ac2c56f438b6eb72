import { constantLag, type PointOfPresence } from "@keyturn/edge";
import { bareTerms } from "./waits.ts";

/** How far clocks may be off, in milliseconds. */
export const SKEW = {
  controller: 1000 * bareTerms.skewController,
  signer: 1000 * bareTerms.skewSigner,
  edge: 1000 * bareTerms.skewEdge,
};

/** How long writes take, in milliseconds: the effect comes first, the answer last. */
export const WRITE = { publish: 30_000, promote: 60_000 };

/** One point of presence for each way to be as far off as is allowed. P counts from the answer of a write. */
export function cornerPops(propagationSeconds: number): PointOfPresence[] {
  return [
    { name: "NEAR", lag: constantLag(0) },
    { name: "SLOW", lag: constantLag(0), clockOffset: -SKEW.edge },
    { name: "FAST", lag: constantLag(0), clockOffset: SKEW.edge },
    { name: "FAR", lag: constantLag(WRITE.publish + 1000 * propagationSeconds) },
  ];
}

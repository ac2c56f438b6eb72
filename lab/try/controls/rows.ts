import type { RotationDefaults } from "../../../model/rotationPolicy/policy.ts";

/** One way to get the waits wrong, on purpose. */
export interface Control {
  readonly name: string;
  /** Terms that the lead W is computed with instead. */
  readonly lead?: Partial<RotationDefaults>;
  /** Terms that the overlap O is computed with instead. */
  readonly overlap?: Partial<RotationDefaults>;
  /** Computes the overlap for tokens that do not live at all. */
  readonly withoutLifetime?: true;
  /** A stamp taken before what it stands for was done. */
  readonly early?: "published" | "acknowledged";
  /** Does not apply to links, which have no leeway. */
  readonly tokensOnly?: true;
}

/** The formulas as they are. */
export const FULL: Control = { name: "full formulas" };

/** Each term of W and O left out, and each stamp taken too early (the formulas: model/rotationPolicy). */
export const CONTROLS: readonly Control[] = [
  { name: "W without P", lead: { propagation: 0 } },
  { name: "W without the controllers' skews", lead: { skewController: 0 } },
  { name: "published stamped before the write", early: "published" },
  { name: "O without L", overlap: { signerLag: 0 } },
  { name: "O without the lifetime", withoutLifetime: true },
  { name: "O without the signer's skew", overlap: { skewSigner: 0 } },
  { name: "O without the leeway", overlap: { leeway: 0 }, tokensOnly: true },
  { name: "O without the edge's skew", overlap: { skewEdge: 0 } },
  { name: "O without the controllers' skews", overlap: { skewController: 0 } },
  { name: "acknowledged stamped before the update", early: "acknowledged" },
];

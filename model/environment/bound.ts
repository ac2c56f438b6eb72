/** How many endpoints may open or close at once, as a number or as percent of those there were. */
export interface Bound {
  readonly amount: number;
  readonly unit: "endpoints" | "percent";
}

/** Reads `25` or `20%`; undefined for a text that is neither. */
export function readBound(text: string): Bound | undefined {
  const [, amount, percent] = /^(\d{1,7})(%?)$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return { amount: Number(amount), unit: percent === "%" ? "percent" : "endpoints" };
}

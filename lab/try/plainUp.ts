import type { Stage } from "./stage.ts";

/** A plain `up` in the middle of things, and whether it left every ring alone. */
export interface PlainUp {
  readonly when: string;
  readonly ok: boolean;
  /** Resources that stayed as they were. */
  readonly same: number;
}

/** Runs `up` without an advance: it must change no resource and no ring. */
export async function tryPlainUp(stage: Stage, when: string): Promise<PlainUp> {
  const before = JSON.stringify(await stage.ledger());
  const { ok, changes } = await stage.local.runner.up();
  const unchanged = Object.entries(changes).every(([step, count]) => step === "same" || count === 0);
  const after = JSON.stringify(await stage.ledger());
  return { when, ok: ok && unchanged && before === after, same: changes.same ?? 0 };
}

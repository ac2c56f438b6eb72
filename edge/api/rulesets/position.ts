import type { RulesetRule } from "../../world/types.ts";
import { refusal } from "../errors.ts";
import type { SentPosition } from "./sent.ts";

/**
 * `others` with `rule` put where `position` says: before or after a rule (`""`: first or last), or at an
 * index that counts from 1. Without a position the rule goes last. Refuses what is out of range.
 */
export function placed(
  others: readonly RulesetRule[],
  rule: RulesetRule,
  position: SentPosition | undefined | null,
): readonly RulesetRule[] {
  return others.toSpliced(indexFor(others, position), 0, rule);
}

function indexFor(others: readonly RulesetRule[], position: SentPosition | undefined | null): number {
  if (position === undefined || position === null) return others.length;
  if ("index" in position) {
    const { index } = position;
    if (index >= 1 && index <= others.length + 1) return index - 1;
    const what = `${index} is out of range, it counts from 1 to ${others.length + 1}`;
    throw refusal("badPosition", { where: "position.index", what }, "/position/index");
  }
  const side = "before" in position ? "before" : "after";
  const id = "before" in position ? position.before : position.after;
  if (id === "") return side === "before" ? 0 : others.length;
  const at = others.findIndex((each) => each.id === id);
  if (at === -1) {
    const what = "there is no other rule with this id";
    throw refusal("badPosition", { where: `position.${side}`, what }, `/position/${side}`);
  }
  return side === "before" ? at : at + 1;
}

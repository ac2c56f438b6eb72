import type { TestResult } from "../../model/policyTests/result.ts";
import type { Expected } from "../../model/policyTests/types.ts";

/** What a test expects, in words. */
export function expectedText({ status, by, reply }: Expected): string {
  const { type, json, body } = reply ?? {};
  const parts = [
    ...(type === undefined ? [] : [`type ${type}`]),
    ...(json === undefined ? [] : [`json ${JSON.stringify(json)}`]),
    ...(body === undefined ? [] : [`body ${JSON.stringify(body)}`]),
  ];
  const decided = by === undefined ? "" : ` by ${by}`;
  return `${status}${decided}${parts.length === 0 ? "" : ` with ${parts.join(" and ")}`}`;
}

/** An answer, and how it differs from the reply that is expected. */
export function answerText(answer: string, misfits: readonly string[]): string {
  return misfits.length === 0 ? answer : `${answer} whose ${misfits.join(", and whose ")}`;
}

/** What a test expected, and what became of its request. */
export function resultText({ test, seen, wanted, decides, passedOver }: TestResult): string {
  const by = seen.by.length === 0 ? "" : ` by ${seen.by.join(", ")}`;
  const answers = wanted?.map((each) => `${each.status} by ${each.by}`) ?? ["nothing on the canary path"];
  const over =
    passedOver.length === 0 ? "" : `; ${decides.join(", ")} decides, passed over: ${passedOver.join(", ")}`;
  const found = answerText(`${seen.status}${by}`, seen.misfits);
  return `expected ${expectedText(test.expected)}; the compiled rules: ${found}; the policy: ${answers.join(" or ") || "passes"}${over}`;
}

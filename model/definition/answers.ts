import { createHash } from "node:crypto";
import { DEFAULT_ANSWERS, REASONS, type Reason, STATUS_PHRASES } from "../facts/answers.ts";
import type { Reading } from "./reading.ts";
import type { AnswersShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import type { Answers, StatedAnswer } from "./types.ts";

/** Members of which an answer has one at most. */
const BODIES = ["detail", "json", "text", "html"] as const;

/** An answer as far as it may be shown, and equal only for the same: its text may be anything. */
export function answerMark({ status, detail, body }: StatedAnswer): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([detail, body]))
    .digest("hex")
    .slice(0, 8);
  const says = detail === undefined && body === undefined ? [] : [`${body?.type ?? "detail"} (${digest})`];
  return [...(status === undefined ? [] : [status]), ...says].join(" ");
}

/** Whether the numbers in a value are the same once it is JSON. */
function isKept(value: unknown): boolean {
  if (typeof value === "number")
    return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isKept);
}

/**
 * Reads what is answered in place of the usual.
 *
 * @param possible the reasons for which whatever says it refuses at all
 * @param whose what says it, for messages
 */
export function readAnswers(
  reading: Reading,
  answers: AnswersShape | undefined,
  path: readonly PropertyKey[],
  possible: readonly Reason[],
  whose: string,
): Answers {
  const at = (...more: readonly PropertyKey[]) => reading.file.source.at([...path, ...more]);
  const read: Partial<Record<Reason, StatedAnswer>> = {};
  for (const reason of REASONS) {
    const answer = answers?.[reason];
    if (answer === undefined) continue;
    const wrong = (message: string, hint: string, ...more: readonly PropertyKey[]) =>
      reading.report("ANSWER_INVALID", at(reason, ...more), message, hint);
    if (!possible.includes(reason))
      wrong(
        `${show(whose)} never refuses by ${reason}`,
        `it refuses by ${possible.join(", ") || "nothing"}; remove it`,
      );
    const { status, detail, json, text, html } = answer;
    if (status !== undefined && !Object.hasOwn(STATUS_PHRASES, status)) {
      wrong(
        `${status} is no status that a rule can answer`,
        `use one of ${Object.keys(STATUS_PHRASES).join(", ")}`,
        "status",
      );
    }
    const said = BODIES.filter((member) => answer[member] !== undefined);
    if (said.length > 1) {
      wrong(`an answer has one body, and ${said.join(" and ")} are two`, "keep one of them", said[1] ?? "");
    }
    const saysMore = ["status", ...BODIES].some((member) =>
      says(reading.file.source, [...path, reason, member]),
    );
    if (!saysMore) {
      const usual = DEFAULT_ANSWERS[reason].status;
      wrong(
        "the answer says nothing",
        `write status, detail, json, text or html, or remove it: ${usual} is usual`,
      );
    }
    if (!isKept(json)) {
      wrong(
        "json has a number that JSON cannot hold, or not to its last digit",
        "write it as a text",
        "json",
      );
    }
    read[reason] = {
      ...(status === undefined ? {} : { status }),
      ...(detail === undefined ? {} : { detail }),
      ...(json === undefined ? {} : { body: { type: "application/json", body: JSON.stringify(json) } }),
      ...(text === undefined ? {} : { body: { type: "text/plain", body: text } }),
      ...(html === undefined ? {} : { body: { type: "text/html", body: html } }),
      at: at(reason),
    };
  }
  return read;
}

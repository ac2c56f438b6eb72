import { formatInstant, INSTANT_FORM, parseInstant } from "../facts/instants.ts";
import type { Reading } from "./reading.ts";
import type { RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import { MODES, type Mode, type StagedMode } from "./types.ts";

/** A mode that no date changes. */
export function unchanging(mode: Mode): StagedMode {
  return { first: mode, later: [] };
}

/**
 * How hard something acts at an instant.
 *
 * @param at Unix seconds, as `http.request.timestamp.sec` has them
 */
export function modeAt({ first, later }: StagedMode, at: number): Mode {
  return later.findLast(({ from }) => from <= at)?.mode ?? first;
}

/** How hard it ever acts. */
export function hardestMode({ first, later }: StagedMode): Mode {
  return later.at(-1)?.mode ?? first;
}

/** As definitions read: `log, block from 2027-01-01T00:00:00Z`. */
export function modeText({ first, later }: StagedMode): string {
  return [first, ...later.map(({ mode, from }) => `${mode} from ${formatInstant(from)}`)].join(", ");
}

/**
 * Reads a mode. Stages only become harder: what opens on a date would open with nobody looking. One that cannot be
 * read stands for `block`, which opens nothing.
 */
export function readMode(
  reading: Reading,
  said: NonNullable<RuleShape["mode"]>,
  path: readonly PropertyKey[],
): StagedMode {
  if (typeof said === "string") return unchanging(said);
  const { source } = reading.file;
  const { first } = said;
  const later = MODES.flatMap((mode) => {
    const text = mode === "off" ? undefined : said[mode];
    if (mode === "off" || text === undefined) return [];
    const from = parseInstant(text);
    if (from === undefined) {
      reading.report(
        "MODE_STAGES_INVALID",
        source.at([...path, mode]),
        `${show(text)} is no instant`,
        INSTANT_FORM,
      );
    }
    return [{ mode, from }];
  });
  const wrong = (member: string, message: string, hint: string) =>
    reading.report("MODE_STAGES_INVALID", source.at([...path, member]), message, hint);
  const [earliest] = later;
  const saysMore = MODES.some((mode) => mode !== "off" && says(source, [...path, mode]));
  if (first !== undefined && !saysMore) {
    wrong("first", "no stage follows the first", `write mode: ${first}, or add block: 2027-01-01T00:00:00Z`);
  }
  if (first !== undefined && earliest !== undefined && MODES.indexOf(earliest.mode) <= MODES.indexOf(first)) {
    wrong(
      earliest.mode,
      `${earliest.mode} is not harder than ${first}, which goes before it`,
      "stages only become harder; for less, change the rule",
    );
  }
  for (const [index, { mode, from }] of later.entries()) {
    const before = later[index - 1];
    if (from === undefined || before?.from === undefined || before.from < from) continue;
    wrong(
      mode,
      `${mode} begins no later than ${before.mode}`,
      "let each stage begin after the one before it, in the order off, log, challenge, block",
    );
  }
  const read = later.flatMap(({ mode, from }) => (from === undefined ? [] : [{ mode, from }]));
  const isWhole = first !== undefined && read.length > 0 && read.length === later.length;
  return isWhole ? { first, later: read } : unchanging("block");
}

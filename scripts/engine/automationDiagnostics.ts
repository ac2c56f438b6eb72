import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { errorLines, readable } from "./cliFailure.ts";

/** The engine's own sentences that say nothing beside the error that led to them. */
const NOISE: readonly RegExp[] = [
  /^update failed$/,
  /^preview failed$/,
  /^resource registration failed/,
  /^an unhandled error occurred: Program exited with non-zero exit code/,
];

/** Collects what the engine reports in one run, and makes of it what a person must read. */
export class Diagnostics {
  readonly #secrets: readonly string[];
  readonly #errors: string[] = [];
  #changes: Readonly<Record<string, number>> = {};

  /** @param secrets what no message may show any part of */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets;
  }

  /** For the Automation API's `onEvent`. */
  readonly onEvent = (event: EngineEvent): void => {
    if (event.summaryEvent) this.#changes = event.summaryEvent.resourceChanges as Record<string, number>;
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity !== "error") return;
    const name = diagnostic.urn?.split("::").at(-1);
    const isStack = diagnostic.urn?.includes("pulumi:pulumi:Stack") === true;
    this.#errors.push(name === undefined || isStack ? diagnostic.message : `${name}: ${diagnostic.message}`);
  };

  /** Number of resources by what happened to them, from the run's summary; empty where there was none. */
  changes(): Readonly<Record<string, number>> {
    return this.#changes;
  }

  /**
   * The errors of the run, each short, once, and masked.
   *
   * @param otherwise the CLI's own text, for a run that failed before the engine reported anything
   */
  messages(otherwise = ""): readonly string[] {
    const reported = this.#errors.map((text) => readable(text, this.#secrets)).filter((text) => text !== "");
    const telling = reported.filter((text) => !NOISE.some((noise) => noise.test(text)));
    const chosen = telling.length > 0 ? telling : reported;
    if (chosen.length > 0) return [...new Set(chosen)];
    const fallback = readable(errorLines(otherwise), this.#secrets);
    return fallback === "" ? [] : [fallback];
  }
}

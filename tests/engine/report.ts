const LINES_SHOWN = 60;

/** Where results go: one line for each scenario as it ends. */
export class Report {
  passed = 0;
  readonly failed: string[] = [];

  /** Runs one scenario; a failed one does not stop the others. */
  async scenario(name: string, run: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    try {
      await run();
      this.passed += 1;
      say(`ok     ${name} (${seconds()})`);
    } catch (error) {
      this.failed.push(name);
      say(`not ok ${name} (${seconds()})`);
      say(indent((error as Error).stack ?? String(error)));
    }
  }
}

/** One line to standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The CLI's own text may be long; what failed stands at its beginning. */
function indent(text: string): string {
  const lines = text.split("\n");
  const left = lines.length - LINES_SHOWN;
  const shown = left > 0 ? [...lines.slice(0, LINES_SHOWN), `… ${left} more lines`] : lines;
  return shown.map((line) => `       ${line}`).join("\n");
}

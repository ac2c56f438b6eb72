import type { Answer } from "../cli/command.ts";
import { reportsOf } from "../cli/errors.ts";
import type { Io } from "../cli/io.ts";
import { renderError } from "../cli/print.ts";

/**
 * Does something now and at each change until there are no more. What cannot be done is told, and tried again at the
 * next change.
 */
export async function rerun(run: () => Promise<Answer>, changes: AsyncIterable<void>, io: Io): Promise<void> {
  const once = async () => {
    try {
      io.out((await run()).text);
    } catch (error) {
      for (const report of reportsOf(error)) io.err(renderError(report, io.color.err));
    }
    io.err("waiting for a change; Ctrl-C ends\n");
  };
  await once();
  for await (const _change of changes) await once();
}

import type { Command } from "../cli/command.ts";
import { successEnvelope } from "../cli/envelope.ts";
import { CommandError } from "../cli/errors.ts";

/** `keyturn explain CODE`: what a code means and how to mend it; without CODE, all codes. */
export const explain: Command<{ readonly json?: boolean }> = {
  name: "explain",
  describe: "say what an error code means and what to do; without a code, list them all",
  configure(command) {
    command.argument("[code]", "a code that keyturn printed, for example TOKEN_EXPIRED");
  },
  async run({ positional, options }, io) {
    const { explainedCodes, nearestCode } = await import("../cli/explainedCodes.ts");
    const [wanted] = positional;
    if (wanted === undefined) {
      io.out(
        options.json
          ? successEnvelope("explain", explainedCodes)
          : explainedCodes.map(({ code, meaning }) => `${code}: ${meaning}\n`).join(""),
      );
      return undefined;
    }
    const code = wanted.toUpperCase();
    const row = explainedCodes.find((candidate) => candidate.code === code);
    if (!row) {
      const near = nearestCode(code);
      throw new CommandError(
        "CODE_UNKNOWN",
        "there is no such code",
        near && `Did you mean ${near}? \`keyturn explain\` lists all codes.`,
      );
    }
    const remedy = row.remedy ? `\n  ${row.remedy}` : "";
    io.out(
      options.json
        ? successEnvelope("explain", row)
        : `${row.code} (${row.about})\n  ${row.meaning}${remedy}\n`,
    );
    return undefined;
  },
};

import { explainedCode, explainedCodes } from "../../model/codes/codeTable.ts";
import { nearest } from "../../model/definition/nearest.ts";
import type { Example, ExampleSide } from "../check/examples.ts";
import type { Command } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";

/** `keyturn explain CODE`: what a code means and how to mend it, with an example; without CODE, all codes. */
export const explain: Command = {
  name: "explain",
  describe: "say what an error code means and what to do; without a code, list them all",
  help: { examples: ["explain RING_MISSING", "explain --json"], exits: [], environment: [] },
  configure(command) {
    command.argument("[code]", "a code that keyturn printed, for example TOKEN_EXPIRED");
  },
  async run({ positional }) {
    const [wanted] = positional;
    if (wanted === undefined) {
      return {
        data: explainedCodes,
        text: explainedCodes.map(({ code, meaning }) => `${code}: ${meaning}\n`).join(""),
      };
    }
    const row = explainedCode(wanted.toUpperCase());
    if (row === undefined) {
      const near = nearest(
        wanted.toUpperCase(),
        explainedCodes.map(({ code }) => code),
      );
      const hint = near && `Did you mean ${near}? \`keyturn explain\` lists all codes.`;
      throw new CommandError("CODE_UNKNOWN", "there is no such code", hint);
    }
    const { code, about, exit, meaning, remedy } = row;
    const ends = exit === 0 ? about : `${about}, exit code ${exit}`;
    const { exampleOf } = await import("../check/examples.ts");
    const example = await exampleOf(code);
    return {
      data: example === undefined ? row : { ...row, example },
      text: `${code} (${ends})\n  ${meaning}\n${remedy ? `  ${remedy}\n` : ""}${shown(example)}`,
    };
  },
};

function shown(example: Example | undefined): string {
  if (example === undefined) return "";
  if ("none" in example) return `  ${example.none}\n`;
  const { bad, good } = example;
  return `\nWrong:\n${files(bad)}\n${indented(bad.output)}\nRight:\n${files(good)}`;
}

function files(side: ExampleSide): string {
  return side.files.map(({ path, text }) => `\n  # ${path}\n${indented(text)}`).join("");
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

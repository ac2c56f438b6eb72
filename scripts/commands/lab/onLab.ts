import { Command as CommanderCommand } from "commander";
import type { Command } from "../../cli/command.ts";
import { addCheckoutOptions, type CheckoutOptions, inLab } from "./folder.ts";

/**
 * The commands that work on a stack, with the lab as its engine: the same options, answers and exit codes. Whatever
 * takes `--stack` and no folder of definitions is one.
 */
export function onLab(commands: readonly Command[]): Command[] {
  return commands.filter(worksOnStack).map(inTheLab);
}

function worksOnStack(command: Command): boolean {
  const trial = new CommanderCommand();
  command.configure(trial);
  const options = trial.options.map((option) => option.long);
  return options.includes("--stack") && !options.includes("--rules");
}

function inTheLab(command: Command): Command {
  const inside: Command<CheckoutOptions & { readonly now?: Date }> = {
    name: `lab ${command.name}`,
    describe: `${command.describe} (in the lab)`,
    help: {
      examples: command.help.examples.map((line) => `lab ${line.replace(/ --stack \S+/, "")}`),
      exits: [...command.help.exits, "stackNotFound"],
      environment: [],
    },
    configure(leaf) {
      command.configure(leaf);
      addCheckoutOptions(leaf);
    },
    ...(command.problems === undefined
      ? {}
      : { problems: (args) => command.problems?.(args as never) ?? [] }),
    run: (args, io) =>
      inLab(args.options, io, false, async (lab) => {
        // The lab's clock, unless --now rehearses a machine whose own clock is wrong.
        const wrong = args.options.now instanceof Date ? () => io.now().getTime() : undefined;
        return command.run(args as never, {
          ...io,
          now: () => new Date((wrong ?? lab.clock.now.bind(lab.clock))()),
          pause: async (seconds) => void lab.clock.advance(1000 * seconds),
          readSigners: async () => {
            const { parseSigners } = await import("../../token/signers.ts");
            return parseSigners(JSON.stringify(lab.outputs().signers ?? {}));
          },
          openWorld: async () => {
            const { labWorld } = await import("../../../lab/folder/labWorld.ts");
            return labWorld(lab, wrong);
          },
        });
      }),
  };
  return inside as Command;
}

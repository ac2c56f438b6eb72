import { type Command as CommanderCommand, InvalidArgumentError } from "commander";
import type { Lab } from "../../../lab/folder/openLab.ts";
import type { Io } from "../../cli/io.ts";

/** Where the lab lies. */
export interface StateOption {
  readonly state?: string;
}

/** What a command deploys to the lab, and from which checkout. */
export interface CheckoutOptions extends StateOption {
  readonly project?: string;
  readonly rules?: string;
  readonly stack?: string;
}

/** What a lab is made with. */
export interface NewLabOptions extends CheckoutOptions {
  readonly pops?: string;
  readonly seed?: number;
}

/** Where a lab lies unless --state says otherwise, below the current folder. */
export const LAB_FOLDER = ".keyturn-lab";

export function addStateOption(command: CommanderCommand): void {
  command.option("--state <folder>", `folder of the lab; default: ${LAB_FOLDER} in the current folder`);
}

export function addCheckoutOptions(command: CommanderCommand): void {
  addStateOption(command);
  const known = new Set(command.options.map((option) => option.long));
  const add = (long: string, flags: string, text: string) => {
    if (!known.has(long)) command.option(flags, text);
  };
  add(
    "--project",
    "--project <folder>",
    "folder with Pulumi.<stack>.yaml and rules/; default: that of the last `up`",
  );
  add(
    "--rules",
    "--rules <folder>",
    "folder of the definitions; default: that of the last `up`, else KEYTURN_RULES",
  );
  add("--stack", "--stack <name>", "the stack; default: that of the last `up`, at first dev");
}

export function addNewLabOptions(command: CommanderCommand): void {
  addCheckoutOptions(command);
  command
    .option(
      "--pops <places>",
      "points of presence of a new lab: a number, or AMS,SIN:30s,GRU:5m-10m (default: 3)",
    )
    .option("--seed <number>", "seed of a new lab: ids, lags, orders (default: 1)", wholeNumber);
}

/**
 * Opens the lab, lets a command work in it, and keeps what it made of it, however it ends.
 *
 * @param create make the lab where there is none
 */
export async function inLab<T>(
  options: NewLabOptions,
  io: Io,
  create: boolean,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const [{ openLab }, { noteDeliveries }] = await Promise.all([
    import("../../../lab/folder/openLab.ts"),
    import("../../../lab/folder/issuer.ts"),
  ]);
  const path = (folder: string | undefined) => (folder === undefined ? undefined : io.resolvePath(folder));
  const lab = await openLab({
    state: io.resolvePath(options.state ?? LAB_FOLDER),
    project: path(options.project),
    rules: path(options.rules ?? (io.env.KEYTURN_RULES || undefined)),
    stack: options.stack,
    pops: options.pops,
    seed: options.seed,
    create,
    kill: () => process.kill(process.pid, "SIGKILL"),
  });
  try {
    return await work(lab);
  } finally {
    noteDeliveries(lab);
    lab.save();
    lab.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
}

import { codeNamedIn } from "../../../model/codes/codeTable.ts";
import { type Answer, type Command, RepeatableOption } from "../../cli/command.ts";
import type { RunResult } from "../../engine/engine.ts";
import {
  addCheckoutOptions,
  addNewLabOptions,
  type CheckoutOptions,
  inLab,
  type NewLabOptions,
} from "./folder.ts";

interface UpOptions extends NewLabOptions {
  readonly target?: readonly string[];
}

/** `keyturn lab up`: what `pulumi up` does, on the lab's Cloudflare. */
export const labUp: Command<UpOptions> = {
  name: "lab up",
  describe: "deploy the definitions to the lab, as `pulumi up` does; makes the lab where there is none",
  help: {
    examples: [
      "lab up --project examples/shop",
      "lab up --rules other-checkout/rules",
      "lab up --state /tmp/lab --pops 1",
    ],
    exits: ["resource", "policy", "stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure(command) {
    addNewLabOptions(command);
    command.addOption(
      new RepeatableOption(
        "--target <glob>",
        "only resources whose URN fits: `*` any text without a colon, `**` any text",
      ).argParser((text: string, given: readonly string[] | undefined) => [...(given ?? []), text]),
    );
  },
  async run({ options }, io) {
    return inLab(options, io, true, async (lab) => {
      const { labDeployment } = await import("../../../lab/folder/labWorld.ts");
      const { settings } = lab;
      // A later command of the same lab works from the same checkout, even where this update fails.
      Object.assign(settings, {
        project: options.project === undefined ? settings.project : io.resolvePath(options.project),
        stack: lab.stack,
        rules: lab.rules,
      });
      const { runner } = labDeployment(lab);
      const { target } = options;
      return answer("up", await runner.up(target === undefined ? {} : { targets: target }), runner.diff());
    });
  },
};

/** `keyturn lab preview`: what `up` would change. */
export const labPreview: Command<NewLabOptions> = {
  name: "lab preview",
  describe: "show what `lab up` would change, secrets masked; changes nothing",
  help: {
    examples: ["lab preview", "lab preview --rules other-checkout/rules --json"],
    exits: ["resource", "policy", "stackNotFound"],
    environment: ["KEYTURN_RULES"],
  },
  configure: addNewLabOptions,
  async run({ options }, io) {
    return inLab(options, io, true, async (lab) => {
      const { labDeployment } = await import("../../../lab/folder/labWorld.ts");
      const { runner } = labDeployment(lab);
      const run = await runner.preview();
      return answer("preview", run, runner.diff(), runner.diff());
    });
  },
};

/** `keyturn lab refresh`: reads every resource back. */
export const labRefresh: Command<CheckoutOptions> = {
  name: "lab refresh",
  describe: "read every resource back from the lab's Cloudflare, as `pulumi refresh` does",
  help: { examples: ["lab refresh"], exits: ["resource", "stackNotFound"], environment: [] },
  configure: addCheckoutOptions,
  async run({ options }, io) {
    return inLab(options, io, false, async (lab) => {
      const { labDeployment } = await import("../../../lab/folder/labWorld.ts");
      return answer("refresh", await labDeployment(lab).runner.refresh(), []);
    });
  },
};

/** `keyturn lab destroy`: deletes every resource, as far as `keyturn:deletable` allows it. */
export const labDestroy: Command<CheckoutOptions> = {
  name: "lab destroy",
  describe: "delete every resource of the stack, as `pulumi destroy` does; keyturn:deletable has to allow it",
  help: { examples: ["lab destroy"], exits: ["resource", "policy", "stackNotFound"], environment: [] },
  configure: addCheckoutOptions,
  async run({ options }, io) {
    return inLab(options, io, false, async (lab) => {
      const { labDeployment } = await import("../../../lab/folder/labWorld.ts");
      return answer("destroy", await labDeployment(lab).runner.destroy(), []);
    });
  },
};

interface OutputsOptions extends CheckoutOptions {
  readonly showSecrets?: boolean;
}

/** `keyturn lab outputs`: the stack's outputs. */
export const labOutputs: Command<OutputsOptions> = {
  name: "lab outputs",
  describe: "print the stack's outputs; secret ones as [secret] unless --show-secrets is given",
  help: {
    examples: ["lab outputs ledger", "lab outputs signers --show-secrets"],
    exits: ["stackNotFound"],
    environment: [],
  },
  configure(command) {
    command.argument("[name]", "one output; default: all");
    addCheckoutOptions(command);
    command.option("--show-secrets", "print secret outputs in plain");
  },
  async run({ positional, options }, io) {
    const { CommandError } = await import("../../cli/errors.ts");
    return inLab(options, io, false, async (lab) => {
      const outputs = lab.outputs();
      const shown = options.showSecrets ? outputs : lab.maskedOutputs();
      const [name] = positional;
      if (name !== undefined && !(name in outputs)) {
        const known = Object.keys(outputs).join(", ") || "none; run `keyturn lab up` first";
        throw new CommandError("INPUT_INVALID", `the stack has no output ${name}`, `Outputs: ${known}.`);
      }
      const data = name === undefined ? shown : shown[name];
      return { data, text: `${JSON.stringify(data, null, 2)}\n` };
    });
  },
};

/** @param shown lines of the difference for a person; `--json` has them all */
function answer(
  what: string,
  run: RunResult,
  diff: readonly string[],
  shown: readonly string[] = [],
): Answer {
  const { ok, changes, diagnostics } = run;
  const counts = Object.entries(changes).map(([step, count]) => `${count} ${step}`);
  const summary = `${what}: ${ok ? "ok" : "failed"}${counts.length > 0 ? `, ${counts.join(", ")}` : ""}`;
  const text = diagnostics.join("\n");
  return {
    data: { ok, changes, diff, diagnostics },
    text: `${[...shown, ...diagnostics, summary].join("\n")}\n`,
    ...(ok ? {} : { failures: [{ code: codeNamedIn(text) ?? "UPDATE_FAILED", message: text }] }),
  };
}

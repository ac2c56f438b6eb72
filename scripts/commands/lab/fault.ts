import { InvalidArgumentError, Option } from "commander";
import type { FaultChoice, ShownFault } from "../../../lab/folder/faults.ts";
import { parseDuration } from "../../../model/facts/durations.ts";
import type { Command } from "../../cli/command.ts";
import { CommandError } from "../../cli/errors.ts";
import { addNewLabOptions, inLab, type NewLabOptions } from "./folder.ts";

interface FaultOptions extends NewLabOptions {
  readonly method?: string;
  readonly path?: string;
  readonly call?: number;
  readonly times?: number;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly for?: number;
  readonly moment?: "before" | "effect";
}

const KINDS = {
  status: "the API answers --status (default 500), with --retry-after; nothing takes effect",
  forbidden: "the API answers 403; nothing takes effect",
  unreachable: "the call never arrives and no answer comes",
  "lost-answer": "the call takes effect, its answer never arrives",
  slow: "the call takes effect, its answer comes --for later",
  "dropped-key": "a write of a key set is answered as always, and its last key is not kept",
  "stale-read": "a read does not see the last change",
  kill: "the process that makes the call is killed: --moment before the call, or when it has taken effect",
} as const;
type Kind = keyof typeof KINDS;

/** `keyturn lab fault`: what goes wrong with calls of the lab's API. */
export const labFault: Command<FaultOptions> = {
  name: "lab fault",
  describe: `arrange what goes wrong with calls of the API by updates, rotations and revocations: ${Object.entries(
    KINDS,
  )
    .map(([kind, text]) => `${kind}: ${text}`)
    .join("; ")}`,
  help: {
    examples: [
      "lab fault list",
      "lab fault kill --call 3 --moment effect",
      "lab fault status --status 429 --retry-after 5 --method PUT --path credentials --times 2",
      "lab fault clear 1",
      "lab fault clear",
    ],
    exits: ["stackNotFound"],
    environment: [],
  },
  configure(command) {
    command
      .argument("[kind]", `list (the default), clear, or one of ${Object.keys(KINDS).join(", ")}`)
      .argument("[number]", "for clear: the number that list shows; default: all")
      .option("--method <method>", "only calls with this method")
      .option("--path <text>", "only calls whose path, below /client/v4, holds this text")
      .option("--call <n>", "only from the nth such call on, and once unless --times says otherwise", count)
      .option("--times <n>", "only so many such calls; default: all, or one with --call", count)
      .option("--status <code>", "for status: 400 to 599", httpStatus)
      .option("--retry-after <seconds>", "for status: the header Retry-After", seconds)
      .option("--for <duration>", "for slow: how late the answer comes (default: 20s)", duration)
      .addOption(new Option("--moment <moment>", "for kill (default: effect)").choices(["before", "effect"]));
    addNewLabOptions(command);
  },
  problems({ positional: [kind = "list", number], options }) {
    const problems: CommandError[] = [];
    if (!["list", "clear", ...Object.keys(KINDS)].includes(kind)) {
      const known = ["list", "clear", ...Object.keys(KINDS)].join(", ");
      problems.push(new CommandError("INPUT_INVALID", `there is no fault ${kind}`, `Write one of ${known}.`));
    }
    if (number !== undefined && kind !== "clear")
      problems.push(new CommandError("INPUT_CONFLICT", "a number is for clear"));
    for (const [name, of] of [
      ["status", "status"],
      ["retryAfter", "status"],
      ["for", "slow"],
      ["moment", "kill"],
    ] as const) {
      if (options[name] !== undefined && kind !== of)
        problems.push(
          new CommandError(
            "INPUT_CONFLICT",
            `--${name === "retryAfter" ? "retry-after" : name} is for ${of}`,
          ),
        );
    }
    return problems;
  },
  async run({ positional: [kind = "list", number], options }, io) {
    return inLab(options, io, true, async (lab) => {
      const { killFault, shownFaults } = await import("../../../lab/folder/faults.ts");
      const { faults } = lab.edge.state;
      if (kind === "clear") {
        const chosen = number === undefined ? [...faults] : [[...faults][Number(number) - 1]];
        for (const fault of chosen) {
          if (fault === undefined)
            throw new CommandError(
              "INPUT_INVALID",
              `there is no fault ${number}`,
              "`keyturn lab fault` lists them.",
            );
          faults.delete(fault);
        }
      } else if (kind !== "list") {
        const match = matchOf(options);
        const add = lab.edge.faults.add;
        switch (kind as Kind) {
          case "status": {
            const { status = 500, retryAfter } = options;
            add({ ...match, kind: "status", status, ...(retryAfter === undefined ? {} : { retryAfter }) });
            break;
          }
          case "forbidden":
            add({ ...match, kind: "permissionLoss" });
            break;
          case "unreachable":
            add({ ...match, kind: "timeout" });
            break;
          case "lost-answer":
            add({ ...match, kind: "lostAnswer" });
            break;
          case "slow":
            add({ ...match, kind: "slowAnswer", ms: 1000 * (options.for ?? 20) });
            break;
          case "dropped-key":
            add({ ...match, kind: "droppedKey" });
            break;
          case "stale-read":
            add({ ...match, kind: "staleRead" });
            break;
          case "kill":
            add(killFault(options.moment ?? "effect", match));
            break;
        }
      }
      const shown = shownFaults(lab.edge.state);
      return { data: { faults: shown }, text: render(shown) };
    });
  },
};

function matchOf({ method, path, call, times }: FaultOptions): FaultChoice {
  return {
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(path === undefined ? {} : { path }),
    ...(call === undefined ? {} : { nth: call }),
    ...(times === undefined ? {} : { times }),
  };
}

function render(faults: readonly ShownFault[]): string {
  if (faults.length === 0) return "no faults\n";
  const lines = faults.map(({ number, kind, seen, parts, ...rest }) => {
    const members = Object.entries({ ...rest, ...parts }).map(([name, value]) => `${name} ${String(value)}`);
    return `${number}  ${kind.padEnd(14)} ${members.join(", ") || "every call"}; ${seen} such calls so far`;
  });
  return `${lines.join("\n")}\n`;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("Write a whole number from 1 on.");
  return Number(text);
}

function httpStatus(text: string): number {
  if (!/^[45]\d\d$/.test(text)) throw new InvalidArgumentError("Write a status from 400 to 599.");
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("Write whole seconds.");
  return Number(text);
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError("Write a duration: 30s, 10m, 2h.");
  return parsed;
}

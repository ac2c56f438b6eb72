import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../../model/facts/durations.ts";
import type { Command } from "../../cli/command.ts";
import { CommandError } from "../../cli/errors.ts";
import { maskSecrets } from "../../cli/mask.ts";
import { addNewLabOptions, inLab, type NewLabOptions } from "./folder.ts";

/** `keyturn lab clock`: the lab's time, which nothing but commands moves. */
export const labClock: Command<NewLabOptions> = {
  name: "lab clock",
  describe: "show the lab's clock, or move it forward; nothing else moves it",
  help: {
    examples: ["lab clock", "lab clock +1d", "lab clock 2026-12-01T00:00:00Z"],
    exits: ["stackNotFound"],
    environment: [],
  },
  configure(command) {
    command.argument("[time]", "+90m from now on, or a time with a zone");
    addNewLabOptions(command);
  },
  async run({ positional: [text], options }, io) {
    return inLab(options, io, true, async (lab) => {
      const { parseMoment } = await import("../../../lab/folder/moments.ts");
      const before = lab.clock.now();
      const after = text === undefined ? before : parseMoment(text, before);
      if (after < before)
        throw new CommandError(
          "INPUT_INVALID",
          `the clock is at ${iso(before)} and does not go back`,
          "Write a later time.",
        );
      lab.clock.set(after);
      const settlesAt = lab.edge.world.settlesAt();
      const data = { now: iso(after), settlesAt: iso(settlesAt) };
      const late =
        settlesAt > after ? `; the last point of presence learns of everything at ${iso(settlesAt)}` : "";
      return { data, text: `${data.now}${late}\n` };
    });
  },
};

interface ApiOptions extends NewLabOptions {
  readonly showSecrets?: boolean;
}

/** `keyturn lab api`: a call of the lab's Cloudflare by somebody else. */
export const labApi: Command<ApiOptions> = {
  name: "lab api",
  describe: "call the lab's Cloudflare API as somebody else would; no fault touches the call",
  help: {
    examples: [
      "lab api GET /zones/023e105f4ecef8ad9ca31a8372d0c353/rulesets",
      `lab api PATCH /zones/023e105f4ecef8ad9ca31a8372d0c353/url_normalization '{"scope":"none"}'`,
    ],
    exits: ["resource", "stackNotFound"],
    environment: [],
  },
  configure(command) {
    command
      .argument("<method>", "GET, POST, PUT, PATCH or DELETE")
      .argument("<path>", "below /client/v4: /zones/<id>/rulesets")
      .argument("[body]", "JSON; - reads it from stdin");
    addNewLabOptions(command);
    command.option("--show-secrets", "print secrets in the answer in plain; masked otherwise");
  },
  async run({ positional: [method = "", path = "", given], options }, io) {
    const body = given === "-" ? await io.readStdin() : given;
    if (!path.startsWith("/"))
      throw new CommandError(
        "INPUT_INVALID",
        "the path does not begin with a slash",
        "Write /zones/<id>/rulesets.",
      );
    return inLab(options, io, true, async (lab) => {
      const { callApi } = await import("../../../lab/folder/api.ts");
      const { status, answer } = await callApi(lab, method.toUpperCase(), path, body);
      const parsed = jsonOf(answer);
      const data = { status, answer: options.showSecrets ? parsed : masked(parsed) };
      const failures = [{ code: "API_REFUSED", message: `${method} ${path}: ${status}` }];
      const text = typeof data.answer === "string" ? data.answer : JSON.stringify(data.answer, null, 2);
      return { data, text: `${text}\n`, ...(status < 400 ? {} : { failures }) };
    });
  },
};

interface IssuerOptions extends NewLabOptions {
  readonly lag?: number;
  readonly stuck?: boolean;
  readonly follow?: boolean;
}

/** `keyturn lab issuer`: how the lab's auth server learns of new keys. */
export const labIssuerCommand: Command<IssuerOptions> = {
  name: "lab issuer",
  describe: "show which key the lab's auth server signs with, or let it learn of new keys late or never",
  help: {
    examples: ["lab issuer", "lab issuer --lag 10m", "lab issuer --stuck", "lab issuer --follow"],
    exits: ["stackNotFound"],
    environment: [],
  },
  configure(command) {
    command
      .option("--lag <duration>", "it learns of a new key this much later: 10m", duration)
      .option("--stuck", "it learns of no key from now on")
      .option("--follow", "it learns of each key at once, as it does at first");
    addNewLabOptions(command);
  },
  problems({ options: { lag, stuck, follow } }) {
    const given = [lag, stuck, follow].filter((each) => each !== undefined);
    return given.length > 1
      ? [new CommandError("INPUT_CONFLICT", "--lag, --stuck and --follow exclude each other")]
      : [];
  },
  async run({ options: { lag, stuck, follow, ...options } }, io) {
    return inLab(options, io, true, async (lab) => {
      const { noteDeliveries, signingKids } = await import("../../../lab/folder/issuer.ts");
      noteDeliveries(lab);
      const { issuer } = lab.settings;
      if (lag !== undefined) lab.settings.issuer = { lagSeconds: lag };
      if (follow) lab.settings.issuer = { lagSeconds: 0 };
      if (stuck) lab.settings.issuer = { ...issuer, stuckSince: lab.clock.now() - 1000 * issuer.lagSeconds };
      const signs = signingKids(lab);
      const data = { ...lab.settings.issuer, signs };
      const how = lab.settings.issuer.stuckSince === undefined ? `${data.lagSeconds} s late` : "stuck";
      const lines = Object.entries(signs).map(
        ([ring, kid]) => `${ring.padEnd(16)} signs with ${kid ?? "nothing"}`,
      );
      return { data, text: `${[`issuer: ${how}`, ...lines].join("\n")}\n` };
    });
  },
};

/** Each text by itself: in the whole answer, quotes are escaped. */
function masked(value: unknown): unknown {
  if (typeof value === "string") return maskSecrets(value);
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function duration(text: string): number {
  const seconds = text === "0s" ? 0 : parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError("Write a duration: 30s, 10m, 2h.");
  return seconds;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

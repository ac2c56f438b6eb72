import { type Command as CommanderCommand, InvalidArgumentError } from "commander";
import type { LinkPart } from "../../../model/definition/types.ts";
import { parseDuration } from "../../../model/facts/durations.ts";
import { CommandError } from "../../cli/errors.ts";
import { type Io, readInputFile } from "../../cli/io.ts";
import { type KeyOptions, keyUsesStdin } from "./keySource.ts";

/** Options that say what is judged, and against what. */
export interface JudgeOptions extends KeyOptions {
  readonly tokenFile?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** In seconds. */
  readonly lifetime?: number;
  readonly parameter?: string;
  readonly bind?: readonly LinkPart[];
  readonly flags?: "s" | "";
}

/** Adds the token's place and what it is held against, for verify and explain. */
export function addJudgeOptions(command: CommanderCommand): void {
  command
    .argument("[token]", "JWT or signed link; from stdin when left out")
    .option("--token-file <path>", "read the token or link from a file; - is stdin")
    .option("--issuer <iss>", "expected issuer of a JWT")
    .option("--audience <aud>", "expected audience of a JWT")
    .option("--lifetime <duration>", "declared lifetime; for a link, the ttl of its rule", duration)
    .option("--parameter <name>", "query parameter of a link; from the key when left out")
    .option("--bind <parts>", "what a link is signed for: path (the default) or path,query", bind)
    .option("--flags <flags>", "encoding of a link's MAC: s (URL-safe, the default) or none", flags);
}

/** Whose token it is to be, and for whom, as `verifyJwt` takes it. */
export function partiesOf({ issuer, audience }: JudgeOptions) {
  return {
    issuers: issuer === undefined ? undefined : [issuer],
    audiences: audience === undefined ? undefined : [audience],
  };
}

/** The token or link to judge, trimmed. Throws `CommandError`. */
export async function readToken(
  positional: readonly string[],
  options: JudgeOptions,
  io: Io,
): Promise<string> {
  const [argument] = positional;
  const { tokenFile } = options;
  if (argument !== undefined && tokenFile !== undefined) {
    throw new CommandError(
      "INPUT_CONFLICT",
      "the token comes from more than one place",
      "Leave the argument or --token-file out.",
    );
  }
  const text = argument ?? (await readFrom(tokenFile, options, io));
  const token = text.trim();
  if (token === "")
    throw new CommandError(
      "INPUT_MISSING",
      "no token was given",
      "Give it as argument, by --token-file or on stdin.",
    );
  return token;
}

async function readFrom(tokenFile: string | undefined, options: JudgeOptions, io: Io): Promise<string> {
  if (tokenFile !== undefined && tokenFile !== "-") return readInputFile(tokenFile, io);
  if (keyUsesStdin(options)) {
    throw new CommandError("INPUT_CONFLICT", "key and token both want stdin", "Give one of them by a file.");
  }
  return io.readStdin();
}

/** True for what looks like a signed link: a path or an http(s) URL. Everything else is taken for a JWT. */
export function isLink(token: string): boolean {
  return /^(?:https?:\/\/|\/)/i.test(token);
}

/** Reads a duration of the command line (`15m`, `24h`) in seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError("Write a duration such as 45s, 15m, 24h or 90d.");
  return seconds;
}

/** Reads what the links of a ring are signed for, as `hmac.bind` has it. */
export function bind(text: string): readonly LinkPart[] {
  if (text === "path") return ["path"];
  if (text === "path,query") return ["path", "query"];
  throw new InvalidArgumentError("Write path or path,query, as `bind` of the ring has it.");
}

/** Reads the flags of a link's MAC. */
export function flags(text: string): "s" | "" {
  if (text === "s") return "s";
  if (text === "none") return "";
  throw new InvalidArgumentError("Write s (URL-safe Base64) or none (standard Base64, URL-encoded).");
}

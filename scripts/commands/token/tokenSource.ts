import type { Command as CommanderCommand } from "commander";
import type { LinkPart } from "../../../model/definition/types.ts";
import { CommandError } from "../../cli/errors.ts";
import type { Io } from "../../cli/io.ts";
import { readInputFile } from "../../cli/io.ts";
import { type KeyOptions, keyUsesStdin } from "./keySource.ts";
import { bind, duration, flags } from "./readers.ts";

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

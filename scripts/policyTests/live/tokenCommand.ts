import { isDeepStrictEqual } from "node:util";
import { decodeJwt } from "jose";
import { CommandError } from "../../cli/errors.ts";
import type { Io } from "../../cli/io.ts";

/** Makes a token of a ring with these claims. */
export type TokenMaker = (ring: string, claims: Readonly<Record<string, unknown>>) => Promise<string>;

/**
 * Makes tokens with a command of the user's: it reads `{"ring": …, "claims": {…}}` as JSON on stdin and answers a
 * compact JWS (RFC 7515 section 3.1) on stdout. The same question is asked once. Neither the token nor what the command
 * says is in an error; its stderr is the user's to see.
 *
 * @throws CommandError TOKEN_COMMAND_FAILED, when a token is made
 */
export function tokenCommand(line: string, io: Pick<Io, "command" | "err">): TokenMaker {
  const [file = "", ...args] = wordsOf(line);
  const made = new Map<string, Promise<string>>();
  // What it says goes through `err`, which masks: a command that traces itself writes the token there.
  const says = (line: string) => io.err(`${line}\n`);
  const make = async (ring: string, claims: Readonly<Record<string, unknown>>, question: string) => {
    const fail = (why: string) =>
      new CommandError("TOKEN_COMMAND_FAILED", `no token of the ring ${ring}: ${file} ${why}`);
    const { exit, stdout } = await io.command([file, ...args], `${question}\n`, says);
    if (exit !== 0)
      throw fail(typeof exit === "number" ? `ended with ${exit}` : `could not be run (${exit})`);
    const token = stdout.trim();
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw fail("answered no compact JWS on stdout");
    const carried = payloadOf(token);
    if (carried === undefined) throw fail("answered a JWS that holds no claims");
    const missing = Object.entries(claims).find(([name, value]) => !isDeepStrictEqual(carried[name], value));
    if (missing !== undefined)
      throw fail(`answered a token whose claim ${missing[0]} is not the one asked for`);
    return token;
  };
  return (ring, claims) => {
    const question = JSON.stringify({ ring, claims });
    const known = made.get(question) ?? make(ring, claims, question);
    made.set(question, known);
    return known;
  };
}

function payloadOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

/** The words of a command line, as a shell parts them, with quotes around one that has blanks; nothing else is special. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_whole, a?: string, b?: string) => a ?? b ?? ""),
  );
}

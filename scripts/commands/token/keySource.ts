import type { Command as CommanderCommand } from "commander";
import { CommandError } from "../../cli/errors.ts";
import { type Io, readInputFile } from "../../cli/io.ts";
import type { TokenKey } from "../../token/readKeys.ts";
import type { RingSigners } from "../../token/signers.ts";

/** Options that say where the key comes from. A key is never an argument: arguments show in process lists. */
export interface KeyOptions {
  readonly keyFile?: string;
  readonly keyEnv?: string;
  readonly stack?: string;
  readonly ring?: string;
  readonly kid?: string;
  readonly alg?: string;
}

/** Adds the options of `KeyOptions` to a command. */
export function addKeyOptions(command: CommanderCommand): void {
  command
    .option("--key-file <path>", "JWK, JWKS, PEM or secret; - reads it from stdin")
    .option("--key-env <name>", "environment variable that holds the same")
    .option("--stack <name>", "take the keys from the secret output `signers` of this Pulumi stack")
    .option("--ring <name>", "ring whose keys to take from the stack")
    .option("--kid <kid>", "key id, for a key that carries none, or to choose one of a set")
    .option("--alg <alg>", "algorithm, for a key that carries none");
}

/** True when the key takes standard input, so that nothing else may. */
export function keyUsesStdin(options: KeyOptions): boolean {
  return options.keyFile === "-";
}

/** The keys that the options name; none when they name none. Throws `CommandError` or `TokenInputError`. */
export async function loadKeys(options: KeyOptions, io: Io): Promise<readonly TokenKey[]> {
  const { keyFile, keyEnv, stack, ring, kid, alg } = options;
  const fromStack = stack !== undefined || ring !== undefined;
  const named = [keyFile !== undefined, keyEnv !== undefined, fromStack].filter(Boolean).length;
  if (named > 1) {
    throw new CommandError(
      "INPUT_CONFLICT",
      "the key comes from more than one place",
      "Give one of --key-file, --key-env, --stack.",
    );
  }
  if (fromStack) {
    const { keysOfRing } = await import("../../token/signers.ts");
    return keysOfRing(await ringSigners(stack, ring, io));
  }
  const text = await keyText(keyFile, keyEnv, io);
  if (text === undefined) return [];
  const { readKeys } = await import("../../token/readKeys.ts");
  return readKeys(text, { kid, alg });
}

/** The same, for commands that cannot do without a key. */
export async function requireKeys(options: KeyOptions, io: Io): Promise<readonly TokenKey[]> {
  const keys = await loadKeys(options, io);
  if (keys.length > 0) return keys;
  throw new CommandError(
    "INPUT_MISSING",
    "no key was given",
    "Give --key-file <path> (- for stdin), --key-env <name>, or --stack <name> --ring <name>.",
  );
}

async function keyText(
  keyFile: string | undefined,
  keyEnv: string | undefined,
  io: Io,
): Promise<string | undefined> {
  if (keyFile === "-") return io.readStdin();
  if (keyFile !== undefined) return readInputFile(keyFile, io);
  if (keyEnv === undefined) return undefined;
  const value = io.env[keyEnv];
  if (!value)
    throw new CommandError("ENVIRONMENT_MISSING", `the environment variable ${keyEnv} is not set or empty`);
  return value;
}

async function ringSigners(
  stack: string | undefined,
  ring: string | undefined,
  io: Io,
): Promise<RingSigners> {
  const signers = await io.readSigners(stack);
  const rings = Object.keys(signers);
  const name = ring ?? (rings.length === 1 ? rings[0] : undefined);
  const list = rings.length === 0 ? "the stack has none yet" : `the stack has ${rings.join(", ")}`;
  if (name === undefined)
    throw new CommandError("INPUT_MISSING", `no ring was named; ${list}`, "Give --ring <name>.");
  const found = Object.hasOwn(signers, name) ? signers[name] : undefined;
  if (!found)
    throw new CommandError("SIGNER_UNKNOWN", `there is no signing key for a ring \`${name}\`; ${list}`);
  return found;
}

/** The keys that verify JWTs: the secret of a link ring stands in rules, never in a token configuration. */
export function jwtKeys(keys: readonly TokenKey[]): readonly TokenKey[] {
  return keys.filter((key) => key.jwk.parameter === undefined);
}

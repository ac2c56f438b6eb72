import type { ExitName } from "./exitCodes.ts";

/** What a code means and how to mend it; `keyturn explain CODE` prints this. */
export interface CodeRow {
  readonly meaning: string;
  readonly remedy: string;
}

/**
 * Codes that commands end with, apart from those of definitions (model/problem), tokens (scripts/token)
 * and rotations (rotationCodes.ts). A command that fails in a new way adds its row here.
 */
export const commandCodes = {
  USAGE: {
    exit: "configuration",
    meaning: "The command line names an unknown command, option or value, or leaves one out.",
    remedy: "Read `keyturn <command> --help`.",
  },
  FILE_UNREADABLE: {
    exit: "configuration",
    meaning: "A file or folder named on the command line cannot be read.",
    remedy: "Check the path and its permissions; paths are relative to the current folder.",
  },
  ENVIRONMENT_MISSING: {
    exit: "configuration",
    meaning: "The environment variable that should hold the value is not set or is empty.",
    remedy: "Set the variable for this command, or use --key-file.",
  },
  INPUT_MISSING: {
    exit: "configuration",
    meaning: "A command needs a key, a token or a lifetime and was given none.",
    remedy: "Name the missing input; the message says which options bring it.",
  },
  INPUT_CONFLICT: {
    exit: "configuration",
    meaning: "Two options ask for things that exclude each other.",
    remedy: "Leave one of them out.",
  },
  INPUT_INVALID: {
    exit: "configuration",
    meaning: "The value of an option has the wrong form.",
    remedy: "Write the value as the message shows.",
  },
  CODE_UNKNOWN: {
    exit: "configuration",
    meaning: "`keyturn explain` was asked for a code that does not exist.",
    remedy: "Run `keyturn explain` for the list of all codes.",
  },
  VARIABLE_UNKNOWN: {
    exit: "configuration",
    meaning:
      "An environment variable begins with KEYTURN_ and is none that keyturn knows; it would have no effect.",
    remedy: "Correct its name as the message says, or unset it.",
  },
  STACK_UNREADABLE: {
    exit: "error",
    meaning: "The outputs of the Pulumi stack could not be read.",
    remedy:
      "Run `pulumi stack output` by hand: it shows whether the CLI, the login, the stack or the passphrase is missing.",
  },
  STACK_NOT_FOUND: {
    exit: "stackNotFound",
    meaning: "The Pulumi stack does not exist in this backend.",
    remedy: "Run `pulumi stack ls` for the names.",
  },
  SIGNER_UNKNOWN: {
    exit: "configuration",
    meaning: "The stack has no signing key for a ring of that name.",
    remedy: "Use one of the rings that the message lists, or deploy the ring first with `pulumi up`.",
  },
  TRY_STOPPED: {
    exit: "error",
    meaning: "`keyturn try` could not go on: an update or a rotation on the local Cloudflare failed.",
    remedy: "The message says why. After a change to a rule, `keyturn check` shows what is wrong with it.",
  },
  CANCELLED: {
    exit: "cancelled",
    meaning: "The command was interrupted (Ctrl-C).",
    remedy: "Run the command again; nothing half done is left by a command that only reads.",
  },
  INTERNAL: {
    exit: "internal",
    meaning: "keyturn itself failed: an error that no command expected.",
    remedy:
      "Run the command again with --verbose and report what it prints; keys and tokens are masked in it.",
  },
} as const satisfies Record<string, CodeRow & { readonly exit: ExitName }>;

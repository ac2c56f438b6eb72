import type { CodeRow } from "./exitCodes.ts";

/**
 * Codes that commands end with, apart from those of definitions (model/problem), tokens (tokenCodes.ts)
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
  REVISION_UNKNOWN: {
    exit: "configuration",
    meaning: "A name on the command line is neither a folder nor a revision that git knows here.",
    remedy:
      "Name a folder, or a branch, tag or commit of this repository. A shallow clone lacks most of them: `git fetch` the revision first (in GitHub Actions: actions/checkout with `fetch-depth: 0`).",
  },
  REVISION_AMBIGUOUS: {
    exit: "configuration",
    meaning: "A name on the command line is a folder and a revision that git knows, too.",
    remedy: "Write ./name for the folder, or name:path for the folder of the revision.",
  },
  CHANGES_TOO_MANY: {
    exit: "policy",
    meaning:
      "More endpoints would open or close at once than may: requests to them that were refused would pass, or the other way round.",
    remedy:
      "Look at the requests that `keyturn diff` shows. If all of that is meant, allow it: for `keyturn diff` with another --at-most, for one `pulumi up` with KEYTURN_CONFIRM set to the digest that the message names.",
  },
  FILE_EXISTS: {
    exit: "configuration",
    meaning: "A command would have overwritten a file, so it wrote none.",
    remedy: "Move the file away, or name another folder with --out.",
  },
  FILE_UNWRITABLE: {
    exit: "configuration",
    meaning: "A file cannot be written where the command line says.",
    remedy: "Check the folder and its permissions.",
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
  PORT_UNAVAILABLE: {
    exit: "configuration",
    meaning: "The port that the local Cloudflare should listen on is in use, or this user may not open it.",
    remedy: "Name another with --port; `keyturn edge --port 0` takes any that is free.",
  },
  CODE_UNKNOWN: {
    exit: "configuration",
    meaning: "`keyturn explain` was asked for a code that does not exist.",
    remedy: "Run `keyturn explain` for the list of all codes.",
  },
  DEFINITIONS_INVALID: {
    exit: "configuration",
    meaning: "The definitions have errors, so nothing was deployed, moved or compiled from them.",
    remedy: "Mend them; `keyturn check` shows every one with its place.",
  },
  VARIABLE_UNKNOWN: {
    exit: "configuration",
    meaning:
      "An environment variable begins with KEYTURN_ and is none that keyturn knows; it would have no effect.",
    remedy: "Correct its name as the message says, or unset it.",
  },
  LAB_NOT_FOUND: {
    exit: "stackNotFound",
    meaning: "The folder that `keyturn lab` was told to work in holds no lab.",
    remedy: "Make one with `keyturn lab up`, or name its folder with --state.",
  },
  LAB_BUSY: {
    exit: "error",
    meaning: "Another `keyturn lab` command works in the same folder.",
    remedy: "Wait until it has ended, or name another folder with --state.",
  },
  LAB_UNREADABLE: {
    exit: "error",
    meaning: "The files of a lab are damaged or of another version of keyturn.",
    remedy: "Remove the folder, or name another one with --state; `keyturn lab up` makes a new lab.",
  },
  API_REFUSED: {
    exit: "resource",
    meaning: "The lab's Cloudflare refused a call of `keyturn lab api`.",
    remedy: "The answer that was printed says why.",
  },
  CLI_MISSING: {
    exit: "configuration",
    meaning: "The `pulumi` CLI is not on PATH; every command that reads or moves a stack runs it.",
    remedy:
      "Install it (https://www.pulumi.com/docs/install/) so that `pulumi version` answers in this shell.",
  },
  CLI_VERSION: {
    exit: "configuration",
    meaning: "The `pulumi` CLI on PATH has a version that the Automation API of this project does not drive.",
    remedy:
      "Install the current CLI (https://www.pulumi.com/docs/install/); `pulumi version` shows which one runs.",
  },
  LOGIN_MISSING: {
    exit: "authentication",
    meaning: "The `pulumi` CLI is not logged in to a backend, or its login is not accepted any more.",
    remedy:
      "Run `pulumi login`, or set PULUMI_ACCESS_TOKEN for Pulumi Cloud or PULUMI_BACKEND_URL for a backend of your own.",
  },
  STACK_NOT_SELECTED: {
    exit: "stackNotFound",
    meaning: "No stack was named and none is selected in this folder.",
    remedy:
      "Name one with --stack or PULUMI_STACK, or run `pulumi stack select`; `pulumi stack ls` lists them.",
  },
  STACK_NOT_FOUND: {
    exit: "stackNotFound",
    meaning: "The Pulumi stack does not exist in this backend.",
    remedy: "Run `pulumi stack ls` for the names, or `pulumi stack init` to make it.",
  },
  PASSPHRASE_MISSING: {
    exit: "authentication",
    meaning: "The stack's secrets are encrypted by a passphrase, and none is given.",
    remedy:
      "Set PULUMI_CONFIG_PASSPHRASE to it, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it; an empty passphrase is given by PULUMI_CONFIG_PASSPHRASE set to nothing.",
  },
  PASSPHRASE_WRONG: {
    exit: "authentication",
    meaning: "The passphrase is not the one that the stack's secrets are encrypted by.",
    remedy: "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the stack's own passphrase.",
  },
  API_TOKEN_MISSING: {
    exit: "authentication",
    meaning: "There is no token for Cloudflare's API, which says which keys it really holds.",
    remedy:
      "Run `pulumi config set --secret cloudflare:apiToken`, or set CLOUDFLARE_API_TOKEN. The README lists its permissions.",
  },
  ENGINE_FAILED: {
    exit: "error",
    meaning: "The `pulumi` CLI ended with an error that has no code of ours; its own text says why.",
    remedy:
      "Mend what the text names. `pulumi stack` and `pulumi whoami --verbose` show whether CLI and backend work.",
  },
  UPDATE_FAILED: {
    exit: "error",
    meaning: "An update of the stack failed, and none of its errors has a code of ours.",
    remedy: "Mend what the text names and run the same command again.",
  },
  OUTPUT_MISSING: {
    exit: "error",
    meaning: "The stack has no output of the name that the command reads: nothing was deployed to it yet.",
    remedy: "Run `pulumi up` first.",
  },
  SIGNER_UNKNOWN: {
    exit: "configuration",
    meaning: "The stack has no signing key for a ring of that name.",
    remedy: "Use one of the rings that the message lists, or deploy the ring first with `pulumi up`.",
  },
  TEST_FAILED: {
    exit: "error",
    meaning: "A policy test got another verdict than it expects.",
    remedy: "The output names each with its place; mend the rule, or the test where the rule is right.",
  },
  TOKEN_COMMAND_FAILED: {
    exit: "configuration",
    meaning:
      "The command that `keyturn test --live` was given to make tokens did not answer one with the claims it was asked for.",
    remedy:
      "It reads one line of JSON with ring and claims on stdin, and answers a compact JWS on stdout and exit code 0. Run it by hand to see what it says.",
  },
  COVERAGE_LOW: {
    exit: "error",
    meaning:
      "The policy tests bring about fewer branches of the rules than `keyturn test --at-least` asks for.",
    remedy: "The output names each branch that no test brings about; write a test for it.",
  },
  TRY_STOPPED: {
    exit: "error",
    meaning: "`keyturn try` could not go on: an update or a rotation on the local Cloudflare failed.",
    remedy: "The message says why. After a change to a rule, `keyturn check` shows what is wrong with it.",
  },
  TRY_FOUND: {
    exit: "error",
    meaning: "`keyturn try` ran to its end, and something was not as it should be.",
    remedy:
      "The message says what: a request with another answer, a valid one refused, key material that shows.",
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
} as const satisfies Record<string, CodeRow>;

import { InvalidArgumentError } from "commander";
import type { LinkPart } from "../../../model/definition/types.ts";
import { type Answer, type Command, RepeatableOption } from "../../cli/command.ts";
import { ofStacks } from "../../cli/environment.ts";
import { CommandError } from "../../cli/errors.ts";
import type { Io } from "../../cli/io.ts";
import type { TokenKey } from "../../token/readKeys.ts";
import { parseJson } from "../../token/strictJson.ts";
import { addKeyOptions, type KeyOptions, requireKeys } from "./keySource.ts";
import { bind, duration, flags } from "./tokenSource.ts";

interface SignOptions extends KeyOptions {
  readonly lifetime?: number;
  readonly backdate?: number;
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject?: string;
  readonly scope?: string;
  readonly claim?: Readonly<Record<string, unknown>>;
  readonly jti: boolean;
  readonly link?: string;
  readonly parameter?: string;
  readonly bind?: readonly LinkPart[];
  readonly flags?: "s" | "";
}

/** `keyturn token sign`: one JWT, or one signed link with `--link`, on stdout. */
export const tokenSign: Command<SignOptions> = {
  name: "token sign",
  describe: "sign a JWT, or a link with --link, and print it",
  help: {
    examples: [
      "token sign --stack dev --ring storefront --audience api --lifetime 15m",
      "token sign --key-file key.json --lifetime 15m --claim role=admin",
      "token sign --ring downloads --link /files/a.pdf",
    ],
    exits: ["authentication", "stackNotFound"],
    environment: ofStacks,
  },
  configure(command) {
    addKeyOptions(command);
    command
      .option(
        "--lifetime <duration>",
        "how long the JWT lives, for example 15m; always needed for a JWT",
        duration,
      )
      .option("--issuer <iss>", "claim `iss`")
      .option("--audience <aud>", "claim `aud`")
      .option("--subject <sub>", "claim `sub`")
      .option("--scope <scopes>", "claim `scope`: words separated by blanks")
      .addOption(
        new RepeatableOption(
          "--claim <name=value>",
          "any other claim; a value that is JSON is taken as JSON; may be given several times",
        ).argParser(addClaim),
      )
      .option("--backdate <duration>", "date `iat` and `nbf` back, for clocks that run late", duration)
      .option("--no-jti", "leave the claim `jti` out")
      .option("--link <path>", "sign this path or URL instead of a JWT")
      .option("--parameter <name>", "query parameter of the link; from the key when left out")
      .option("--bind <parts>", "what the link is signed for: path (the default) or path,query", bind)
      .option("--flags <flags>", "encoding of the link's MAC: s (URL-safe, the default) or none", flags);
  },
  problems({ options }) {
    const named = { iss: "issuer", aud: "audience", sub: "subject", scope: "scope" } as const;
    return Object.entries(named).flatMap(([claim, option]) => {
      if (options[option] === undefined || !Object.hasOwn(options.claim ?? {}, claim)) return [];
      const message = `--${option} and --claim ${claim}=… set the same claim`;
      return [new CommandError("INPUT_CONFLICT", message, "Leave one of them out.")];
    });
  },
  async run({ options }, io) {
    const keys = await requireKeys(options, io);
    const { pickSigningKey } = await import("../../token/chooseKey.ts");
    const key = pickSigningKey(keys, options.kid);
    return options.link === undefined
      ? signToken(key, options, io)
      : signPath(key, options.link, options, io);
  },
};

async function signToken(key: TokenKey, options: SignOptions, io: Io): Promise<Answer> {
  if (key.jwk.parameter !== undefined) {
    throw new CommandError(
      "INPUT_CONFLICT",
      "this key signs links, not JWTs",
      "Give --link <path>, or the key of another ring.",
    );
  }
  if (options.lifetime === undefined) {
    throw new CommandError(
      "INPUT_MISSING",
      "a JWT needs a lifetime",
      "Give --lifetime, for example --lifetime 15m.",
    );
  }
  const { signJwt } = await import("../../token/signJwt.ts");
  const signed = await signJwt({
    jwk: key.jwk,
    claims: claimsOf(options),
    lifetimeSeconds: options.lifetime,
    now: io.now(),
    backdateSeconds: options.backdate,
    jti: options.jti ? io.newId() : undefined,
  });
  for (const member of key.assumed)
    io.err(`note: the key has no ${member}; ${String(signed[member])} was taken\n`);
  return { data: { kind: "jwt", ...signed }, text: `${signed.token}\n` };
}

async function signPath(key: TokenKey, path: string, options: SignOptions, io: Io): Promise<Answer> {
  const { jwk } = key;
  const parameter = options.parameter ?? jwk.parameter;
  const ofStack = options.stack !== undefined || options.ring !== undefined;
  if (jwk.kty !== "oct" || (ofStack && jwk.parameter === undefined)) {
    throw new CommandError(
      "INPUT_CONFLICT",
      "this key signs JWTs, not links",
      "Leave --link out, or give the secret of a link ring.",
    );
  }
  if (parameter === undefined) {
    throw new CommandError(
      "INPUT_MISSING",
      "a link needs the name of its parameter",
      "Give --parameter, for example --parameter verify.",
    );
  }
  const { secretOf, signLink } = await import("../../token/signLink.ts");
  const issuedAt = io.now();
  const link = signLink({
    secret: secretOf(jwk),
    path,
    parameter,
    issuedAt,
    bind: options.bind,
    flags: options.flags,
  });
  const data = {
    kind: "link",
    link,
    parameter,
    issuedAt: issuedAt.toISOString(),
    ...(jwk.kid ? { kid: jwk.kid } : {}),
  };
  return { data, text: `${link}\n` };
}

function claimsOf({ issuer, audience, subject, scope, claim }: SignOptions): Record<string, unknown> {
  const named = { iss: issuer, aud: audience, sub: subject, scope };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...claim };
}

function addClaim(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const at = text.indexOf("=");
  const name = text.slice(0, at);
  if (at < 1) throw new InvalidArgumentError("Write a claim as name=value, for example role=admin.");
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`The claim ${name} was given already.`);
  return { ...before, [name]: readValue(text.slice(at + 1)) };
}

/** JSON where the text is JSON; a number only if it is the same when it is read back. */
function readValue(text: string): unknown {
  try {
    return parseJson(text, exactNumber);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    return text;
  }
}

function exactNumber(written: string): number {
  const number = Number(written);
  const same = Number.isFinite(number) && digitsOf(written) === digitsOf(String(number));
  // Most readers of JSON hold whole numbers beyond these to be others (RFC 8259 §6).
  if (same && (!Number.isInteger(number) || Number.isSafeInteger(number))) return number;
  throw new InvalidArgumentError(
    `A number that long loses digits in JSON. Write it as a text: '"${written}"', in quotes of both kinds.`,
  );
}

/** The significant digits of a decimal number, without sign, point, exponent and zeros at the ends. */
function digitsOf(number: string): string {
  const [mantissa = ""] = number.toLowerCase().split("e");
  return mantissa.replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
}

import type { Command } from "../../cli/command.ts";
import { ofStacks } from "../../cli/environment.ts";
import { CommandError } from "../../cli/errors.ts";
import type { Io } from "../../cli/io.ts";
import type { TokenKey } from "../../token/readKeys.ts";
import { addKeyOptions, jwtKeys, requireKeys } from "./keySource.ts";
import { addJudgeOptions, isLink, type JudgeOptions, partiesOf, readToken } from "./tokenSource.ts";

/** `keyturn token verify`: judges a token or link as Cloudflare would; exit code 3 when it is refused. */
export const tokenVerify: Command<JudgeOptions> = {
  name: "token verify",
  describe: "judge a JWT or signed link as Cloudflare would; exit code 3 when it is refused",
  help: {
    examples: [
      "token verify --token-file token.jwt --key-file keys.json --audience api",
      "token verify --token-file token.jwt --stack prod --ring storefront",
      "token verify --token-file link.txt --ring downloads --lifetime 3h",
    ],
    exits: ["authentication", "stackNotFound"],
    environment: ofStacks,
  },
  configure(command) {
    addKeyOptions(command);
    addJudgeOptions(command);
  },
  async run({ positional, options }, io) {
    const token = await readToken(positional, options, io);
    const keys = await requireKeys(options, io);
    const link = isLink(token);
    const verdict = link
      ? await judgeLink(token, keys, options, io)
      : await judgeJwt(token, keys, options, io);
    const { renderVerdict } = await import("../../token/explain.ts");
    return {
      data: { kind: link ? "link" : "jwt", ...verdict },
      text: renderVerdict(verdict),
      failures: verdict.refusals,
    };
  },
};

async function judgeJwt(token: string, keys: readonly TokenKey[], options: JudgeOptions, io: Io) {
  const { verifyJwt } = await import("../../token/verifyJwt.ts");
  return verifyJwt(token, jwtKeys(keys), {
    now: io.now(),
    ...partiesOf(options),
    lifetimeSeconds: options.lifetime,
  });
}

async function judgeLink(link: string, keys: readonly TokenKey[], options: JudgeOptions, io: Io) {
  const parameter = options.parameter ?? keys.find((key) => key.jwk.parameter)?.jwk.parameter;
  if (parameter === undefined) {
    throw new CommandError(
      "INPUT_MISSING",
      "a link needs the name of its parameter",
      "Give --parameter, for example --parameter verify.",
    );
  }
  if (options.lifetime === undefined) {
    const hint =
      "Give --lifetime with the lifetime of the ring, for example --lifetime 3h; the link does not carry it.";
    throw new CommandError("INPUT_MISSING", "a link needs the lifetime of its rule", hint);
  }
  const { verifyLink } = await import("../../token/verifyLink.ts");
  return verifyLink(link, keys, {
    now: io.now(),
    lifetimeSeconds: options.lifetime,
    parameter,
    bind: options.bind,
    flags: options.flags,
  });
}

import type { Command } from "../../cli/command.ts";
import { successEnvelope } from "../../cli/envelope.ts";
import { CommandError } from "../../cli/errors.ts";
import { exitCodes } from "../../cli/exitCodes.ts";
import type { Io } from "../../cli/io.ts";
import type { TokenKey } from "../../token/readKeys.ts";
import { jwtKeys } from "./jwtKeys.ts";
import { addKeyOptions, requireKeys } from "./keySource.ts";
import { addJudgeOptions, isLink, type JudgeOptions, readToken } from "./tokenSource.ts";

interface VerifyOptions extends JudgeOptions {
  readonly json?: boolean;
}

/** `keyturn token verify`: judges a token or link as Cloudflare would; exit code 3 when it is refused. */
export const tokenVerify: Command<VerifyOptions> = {
  name: "token verify",
  describe: "judge a JWT or signed link as Cloudflare would; exit code 3 when it is refused",
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
    if (options.json) {
      io.out(successEnvelope("token verify", { kind: link ? "link" : "jwt", ...verdict }, verdict.accepted));
    } else {
      const { renderVerdict } = await import("../../token/renderExplanation.ts");
      io.out(renderVerdict(verdict));
    }
    return verdict.accepted ? exitCodes.ok : exitCodes.authentication;
  },
};

async function judgeJwt(token: string, keys: readonly TokenKey[], options: VerifyOptions, io: Io) {
  const { verifyJwt } = await import("../../token/verifyJwt.ts");
  const { issuer, audience, lifetime } = options;
  return verifyJwt(token, jwtKeys(keys), { now: io.now(), issuer, audience, lifetimeSeconds: lifetime });
}

async function judgeLink(link: string, keys: readonly TokenKey[], options: VerifyOptions, io: Io) {
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
    flags: options.flags,
  });
}

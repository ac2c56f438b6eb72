import type { Command } from "../../cli/command.ts";
import { ofStacks } from "../../cli/environment.ts";
import type { Io } from "../../cli/io.ts";
import type { TokenKey } from "../../token/readKeys.ts";
import { addKeyOptions, jwtKeys, loadKeys } from "./keySource.ts";
import { addJudgeOptions, isLink, type JudgeOptions, partiesOf, readToken } from "./tokenSource.ts";

/** `keyturn token explain`: everything about a token or link except the token itself. Works without a key. */
export const tokenExplain: Command<JudgeOptions> = {
  name: "token explain",
  describe: "show what a JWT or signed link says and what Cloudflare would make of it",
  help: {
    examples: [
      "token explain --token-file token.jwt",
      "token explain --token-file token.jwt --stack prod --ring storefront",
      "token explain '/files/a.pdf?verify=1795348800-MAC' --lifetime 3h",
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
    const keys = await loadKeys(options, io);
    const explanation = isLink(token)
      ? await ofLink(token, keys, options, io)
      : await ofJwt(token, keys, options, io);
    const { renderExplanation } = await import("../../token/explain.ts");
    return { data: explanation, text: renderExplanation(explanation) };
  },
};

async function ofJwt(token: string, keys: readonly TokenKey[], options: JudgeOptions, io: Io) {
  const { explainJwt } = await import("../../token/explain.ts");
  return explainJwt(token, jwtKeys(keys), {
    now: io.now(),
    ...partiesOf(options),
    lifetimeSeconds: options.lifetime,
  });
}

async function ofLink(link: string, keys: readonly TokenKey[], options: JudgeOptions, io: Io) {
  const { explainLink } = await import("../../token/explain.ts");
  const ofKey = keys.find((key) => key.jwk.parameter)?.jwk.parameter;
  // Without a key the link itself says it best: the last parameter, whose value starts with a time.
  const ofLinkItself = /[?&]([\w-]+)=\d{10}-/.exec(link)?.[1];
  const parameter = options.parameter ?? ofKey ?? ofLinkItself ?? "verify";
  return explainLink(link, keys, {
    now: io.now(),
    lifetimeSeconds: options.lifetime,
    parameter,
    bind: options.bind,
    flags: options.flags,
  });
}

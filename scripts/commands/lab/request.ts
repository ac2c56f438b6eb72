import { type Command, RepeatableOption } from "../../cli/command.ts";
import { CommandError } from "../../cli/errors.ts";
import { addCheckoutOptions, type CheckoutOptions, inLab } from "./folder.ts";

interface RequestOptions extends CheckoutOptions {
  readonly token?: string;
  readonly link?: string;
  readonly key?: string;
  readonly claims?: string;
  readonly at?: string;
  readonly header?: readonly string[];
  readonly body?: string;
  readonly ip?: string;
  readonly pop?: string;
  readonly showToken?: boolean;
}

/** `keyturn lab request`: one request through the front door of the lab's edge. */
export const labRequest: Command<RequestOptions> = {
  name: "lab request",
  describe:
    "send a request through the lab's front door, and say which rule decides and what reaches the origin",
  help: {
    examples: [
      "lab request GET https://api.example.com/health",
      'lab request GET https://api.example.com/orders/1 --token storefront --claims \'{"scope":"orders:read"}\'',
      "lab request GET https://downloads.example.com/files/a.pdf --link downloads --at -4h",
    ],
    exits: ["stackNotFound"],
    environment: [],
  },
  configure(command) {
    command
      .argument("<method>", "GET, POST, …")
      .argument("<url>", "absolute, sent as it is written")
      .option(
        "--token <ring>",
        "sign a token with the ring's active key: valid, with every scope its rules ask for",
      )
      .option(
        "--claims <json>",
        "claims over the usual ones (iss, aud, sub, iat, exp, scope); null takes one away",
      )
      .option("--link <ring>", "sign the URL with the ring's active secret, and request that")
      .option("--key <name>", "another key of the ring that still has its material: k1")
      .option("--at <time>", "sign as if at this time: 2026-12-01T00:00:00Z, or -20m from the lab's clock")
      .addOption(
        new RepeatableOption(
          "--header <header>",
          "a header, `name: value`; may be given several times",
        ).argParser((text: string, given: readonly string[] | undefined) => [...(given ?? []), text]),
      )
      .option("--body <text>", "body of the request")
      .option("--ip <address>", "address of the client (default: 192.0.2.1)")
      .option("--pop <name>", "point of presence that answers; default: the first one")
      .option("--show-token", "show the token or link in the answer; masked otherwise");
    addCheckoutOptions(command);
  },
  problems({ options }) {
    const { token, link, claims, key, at } = options;
    const conflict = (said: string) => new CommandError("INPUT_CONFLICT", said);
    const signs = token !== undefined || link !== undefined;
    return [
      ...(token !== undefined && link !== undefined ? [conflict("--token and --link were both given")] : []),
      ...(claims !== undefined && token === undefined ? [conflict("--claims is for --token")] : []),
      ...((key !== undefined || at !== undefined) && !signs
        ? [conflict("--key and --at are for --token and --link")]
        : []),
    ];
  },
  async run({ positional: [method = "", url = ""], options }, io) {
    const headers = (options.header ?? []).map(headerOf);
    const claims = claimsOf(options.claims);
    return inLab(options, io, false, async (lab) => {
      const [{ renderAnswer, sendRequest }, { parseMoment }] = await Promise.all([
        import("../../../lab/folder/request.ts"),
        import("../../../lab/folder/moments.ts"),
      ]);
      const names = lab.pops.map((pop) => pop.name);
      if (options.pop !== undefined && !names.includes(options.pop))
        throw new CommandError(
          "INPUT_INVALID",
          `there is no point of presence ${options.pop}`,
          `Write one of ${names.join(", ")}.`,
        );
      const now = lab.clock.now();
      const answer = await sendRequest(lab, {
        method,
        url,
        headers,
        claims,
        body: options.body,
        ip: options.ip,
        pop: options.pop,
        token: options.token,
        link: options.link,
        key: options.key,
        at: options.at === undefined ? now : parseMoment(options.at, now),
        show: options.showToken === true,
      });
      return { data: answer, text: renderAnswer(answer) };
    });
  },
};

function headerOf(text: string): readonly [string, string] {
  const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(text);
  if (found) return [found[1] ?? "", found[2] ?? ""];
  throw new CommandError(
    "INPUT_INVALID",
    "a --header has no name before a colon",
    "Write --header 'name: value'.",
  );
}

function claimsOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return { ...value };
  } catch {
    // The same refusal: whatever it is, it is no object.
  }
  throw new CommandError(
    "INPUT_INVALID",
    "--claims is no JSON object",
    `Write --claims '{"scope":"orders:read"}'.`,
  );
}

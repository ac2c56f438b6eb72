import { createIssuer } from "../../examples/shop/issuer/createIssuer.ts";
import type { Ring } from "../../model/definition/types.ts";
import { liveState } from "../../scripts/cloudflare/liveState.ts";
import type { RingKeys } from "../../scripts/rotate/reading.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import { patiently } from "../engine/stock/patience.ts";
import { LOCAL_API_TOKEN } from "./cloudflare.ts";
import { issuerRings } from "./issuerRings.ts";
import type { Local } from "./local.ts";
import { seededRandom } from "./seededRandom.ts";

/** The example issuer on a local deployment: it reads its keys from the stack's output, some time late. */
export function localIssuer(local: Local, rings: readonly Ring[], lagSeconds: () => number = () => 0) {
  const history: { at: number; keys: Readonly<Record<string, RingKeys>> }[] = [];
  const keySource = async () => {
    const keys = ((await local.runner.outputs()).signers ?? {}) as Readonly<Record<string, RingKeys>>;
    const last = history.at(-1);
    if (last === undefined || JSON.stringify(last.keys) !== JSON.stringify(keys))
      history.push({ at: local.clock.now(), keys });
    const seen =
      history.filter((entry) => entry.at + 1000 * lagSeconds() <= local.clock.now()).at(-1) ?? history[0];
    return (seen?.keys ?? {}) as never;
  };
  return createIssuer({ keySource, clock: () => new Date(local.clock.now()), rings: issuerRings(rings) });
}

/** The outside of `rotate` on a local deployment: no socket, no real clock, points of presence by chance. */
export function localRotation(
  local: Local,
  issuer: { fetch(request: Request): Response | Promise<Response> },
  seed = 77,
): RotationWorld {
  const pops = local.edge.world.pops.map((pop) => pop.name);
  const random = seededRandom(seed);
  const live = liveState({
    token: LOCAL_API_TOKEN,
    fetch: patient(local),
    maxRetries: 0,
  });
  return {
    engine: local.runner,
    now: () => local.clock.now(),
    edge: async (request) => {
      // By chance and not in turn: a round asks three questions, and each must be able to meet any place.
      const pop = pops[Math.floor(random() * pops.length)] ?? "";
      const answer = await local.edge.handle(request, { pop });
      return { status: answer.status, body: bodyText(answer.body), pop };
    },
    issuer: async (request) => {
      const answer = await issuer.fetch(request);
      return { status: answer.status, body: await answer.text(), pop: "" };
    },
    secret: async (source) => ("env" in source ? process.env[source.env] : local.config[source.secret]),
    liveKeys: live.liveKeys,
    liveRules: live.liveRules,
    serverTime: live.serverTime,
    freshId: () =>
      Math.floor(random() * 2 ** 48)
        .toString(16)
        .padStart(12, "0"),
  };
}

/** Tries a read again as the SDK does (cloudflare 7.3.0), with waits in virtual time. */
function patient({ edge, clock }: Local): typeof fetch {
  return async (input, init) => {
    const call = () => edge.fetch(input as Request, init);
    const answer = await patiently(
      call,
      { retries: 2, first: 500, longest: 8000 },
      (milliseconds) => void clock.advance(milliseconds),
    );
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

function bodyText(body: string | Uint8Array | undefined): string {
  return body === undefined ? "" : typeof body === "string" ? body : new TextDecoder().decode(body);
}

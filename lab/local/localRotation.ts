import { createIssuer } from "../../examples/shop/issuer/createIssuer.ts";
import type { IssuerRings } from "../../examples/shop/issuer/issuerRing.ts";
import type { Ring } from "../../model/definition/types.ts";
import { liveState } from "../../scripts/cloudflare/liveState.ts";
import type { RingKeys } from "../../scripts/rotate/reading.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import { LOCAL_API_TOKEN, type Local } from "./local.ts";
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

/** What an issuer must know of the rings it signs for. */
export function issuerRings(rings: readonly Ring[]): IssuerRings {
  return Object.fromEntries(
    rings.map((ring) => [
      ring.id,
      ring.kind === "hmac"
        ? { kind: ring.kind, parameter: ring.parameter, lifetime: ring.lifetime }
        : {
            kind: ring.kind,
            issuer: ring.issuer,
            audience: ring.audience,
            lifetime: ring.lifetime,
            scope: ring.scope,
          },
    ]),
  );
}

/** The outside of `rotate` on a local deployment: no socket, no real clock, points of presence by chance. */
export function localRotation(
  local: Local,
  issuer: { fetch(request: Request): Response | Promise<Response> },
): RotationWorld {
  const pops = local.edge.world.pops.map((pop) => pop.name);
  const random = seededRandom(77);
  const live = liveState({
    token: LOCAL_API_TOKEN,
    fetch: (input, init) => local.edge.fetch(input as Request, init),
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

function bodyText(body: string | Uint8Array | undefined): string {
  return body === undefined ? "" : typeof body === "string" ? body : new TextDecoder().decode(body);
}

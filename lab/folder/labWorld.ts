import { readSampleAddresses, SettingsError } from "../../model/environment/settings.ts";
import type { RotationWorld } from "../../scripts/rotate/world.ts";
import { createLocal, type Local } from "../local/local.ts";
import { localRotation } from "../local/localRotation.ts";
import { labIssuer, noteDeliveries } from "./issuer.ts";
import type { Lab } from "./openLab.ts";

/** The program's deployment to a lab. What a call of the API changed is kept at once: a killed run leaves it. */
export function labDeployment(lab: Lab): Local {
  return createLocal({
    from: lab.from,
    seed: lab.commandSeed,
    store: lab.store,
    rules: lab.rules,
    stack: lab.stack,
    shared: lab.edge,
    fetch: (edge) => async (input, init) => {
      try {
        return await edge.fetch(input as Request, init);
      } finally {
        const method = init?.method ?? (input instanceof Request ? input.method : "GET");
        if (method !== "GET") lab.save();
      }
    },
  });
}

/**
 * What `rotate` and its sister commands may use of the outside, in a lab.
 *
 * @param now the commands' clock, where it is not the lab's
 */
export function labWorld(lab: Lab, now: (() => number) | undefined): RotationWorld {
  const local = labDeployment(lab);
  const world = localRotation(local, { fetch: (request) => answerSample(lab, request) }, lab.commandSeed);
  return now === undefined ? world : { ...world, now };
}

/** A sample address is whatever the stack's settings say: the lab's issuer answers there for the ring. */
async function answerSample(lab: Lab, request: Request): Promise<Response> {
  noteDeliveries(lab);
  const addresses = readSampleAddresses(lab.from.config);
  if (addresses instanceof SettingsError) throw addresses;
  const [ring = "", address] = Object.entries(addresses).find(([, { url }]) => url === request.url) ?? [];
  const answer = await labIssuer(lab).fetch(new Request(`http://issuer.invalid/sample/${ring}`));
  if (answer.status !== 200 || address?.member === undefined) return answer;
  const { token, link } = (await answer.json()) as { readonly token?: string; readonly link?: string };
  const path = address.member.startsWith("/") ? address.member.slice(1).split("/") : [address.member];
  const name = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");
  return Response.json(path.reduceRight<unknown>((inner, part) => ({ [name(part)]: inner }), token ?? link));
}

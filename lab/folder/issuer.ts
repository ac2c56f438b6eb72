import type { JWK } from "jose";
import { createIssuer } from "../../examples/shop/issuer/createIssuer.ts";
import type { Ring } from "../../model/definition/types.ts";
import { ledgerId } from "../../model/ring/ringDefinition.ts";
import { planDeployed } from "../../model/update/plan.ts";
import type { SignerSet } from "../../scripts/token/signers.ts";
import { issuerRings } from "../local/issuerRings.ts";
import type { Delivery } from "./labFile.ts";
import type { Lab } from "./openLab.ts";

/** The definitions that are deployed; undefined where nothing is. */
export function deployedDefinitions(lab: Lab) {
  const outputs = lab.outputs();
  return outputs.ledger === undefined ? undefined : planDeployed(lab.fullName, outputs).definitions;
}

/**
 * Notes which key each ring's issuer can read now: from Secrets Store, where the ring has its signer there (it is
 * written in the middle of an update), else from the stack's output. To be called after whatever may move a key.
 */
export function noteDeliveries(lab: Lab): void {
  const signers = (lab.outputs().signers ?? {}) as SignerSet;
  for (const ring of deployedDefinitions(lab)?.rings ?? []) {
    const jwk =
      ring.signer?.kind === "secretsStore"
        ? storedKey(lab, ring.signer.name)
        : signers[ledgerId(ring)]?.active;
    const noted = lab.world.deliveries.get(ring.id) ?? [];
    if (jwk === undefined || noted.at(-1)?.jwk.kid === jwk.kid) continue;
    lab.world.deliveries.set(ring.id, [...noted, { at: lab.clock.now(), jwk }]);
  }
}

/** An auth server with the keys that it has learned of by now: as late as `lab issuer` says. */
export function labIssuer(lab: Lab) {
  const rings: readonly Ring[] = deployedDefinitions(lab)?.rings ?? [];
  const { lagSeconds, stuckSince } = lab.settings.issuer;
  const sees = () => Math.min(lab.clock.now() - 1000 * lagSeconds, stuckSince ?? Number.POSITIVE_INFINITY);
  return createIssuer({
    keySource: async () =>
      Object.fromEntries(
        [...lab.world.deliveries].map(([ring, noted]) => [
          ring,
          { active: keyAt(noted, sees()), retiring: [], retired: [] },
        ]),
      ) as never,
    clock: () => new Date(lab.clock.now()),
    rings: issuerRings(rings),
  });
}

/** The key that each ring's issuer signs with now, by its kid. */
export function signingKids(lab: Lab): Record<string, string | undefined> {
  const { lagSeconds, stuckSince } = lab.settings.issuer;
  const sees = Math.min(lab.clock.now() - 1000 * lagSeconds, stuckSince ?? Number.POSITIVE_INFINITY);
  return Object.fromEntries(
    [...lab.world.deliveries].map(([ring, noted]) => [ring, keyAt(noted, sees)?.kid]),
  );
}

/** Before an issuer has learned of a second key, it signs with the first one. */
function keyAt(noted: readonly Delivery[], instant: number): JWK | undefined {
  return (noted.findLast(({ at }) => at <= instant) ?? noted[0])?.jwk;
}

/** The signing key in a secret of the account's Secrets Store. */
function storedKey({ world, accountId }: Lab, name: string): JWK | undefined {
  const stores = world.edge.store.accounts.get(accountId)?.secretsStores.values() ?? [];
  const secrets = [...stores].flatMap((store) => [...store.secrets.values()]);
  const text = secrets.find((secret) => secret.name === name)?.value;
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

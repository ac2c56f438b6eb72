import type { StateResource } from "./engine.ts";

/** What `pulumi stack export` answers, as far as it is read here. */
export interface ExportedDeployment {
  /** `time`: when this state was written, RFC 3339. */
  readonly manifest?: { readonly time?: string };
  readonly resources?: readonly ExportedResource[];
}

interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Replaced and waiting to be deleted; its URN belongs to the resource that took its place. */
  readonly delete?: boolean;
}

/** Marks a secret in the state: Pulumi's SDK, `runtime/rpc.ts` (`specialSigKey`, `specialSecretSig`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The live resources of an exported stack, members that hold a secret left out. */
export function shownResources(deployment: ExportedDeployment): StateResource[] {
  return (deployment.resources ?? [])
    .filter((entry) => entry.delete !== true)
    .map(({ urn, type, id, inputs = {}, outputs = {} }) => ({
      urn,
      type,
      id,
      inputs: withoutSecrets(inputs),
      outputs: withoutSecrets(outputs),
    }));
}

function withoutSecrets(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isSecret(value)));
}

function isSecret(value: unknown): boolean {
  return (
    value !== null && typeof value === "object" && (value as Record<string, unknown>)[SIGNATURE] === SECRET
  );
}

import type { StoredResource } from "./store.ts";

/** What the program asks for when it registers a resource; the part of the request that the runner needs. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly custom: boolean;
  /** Wire form: secrets wrapped, unknowns as the unknown string. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly protect: boolean;
}

/** The answer: what the SDK resolves the resource's outputs with. */
export type Registered =
  | {
      readonly ok: true;
      readonly urn: string;
      readonly id: string;
      readonly outputs: Readonly<Record<string, unknown>>;
      /** New and left out by a target: nothing of it but its inputs is known. */
      readonly unknown?: true;
    }
  | { readonly ok: false; readonly urn: string };

/** The getters of the SDK's protobuf request that we read. */
export interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getProtect(): boolean;
}

/** Reads the protobuf request. */
export function readRegistration(request: RegisterRequest): Registration {
  return {
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    custom: request.getCustom(),
    inputs: request.getObject()?.toJavaScript() ?? {},
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    protect: request.getProtect(),
  };
}

/** `urn:pulumi:stack::project::parentTypes$type::name`. */
export function urnOf(
  stack: string,
  project: string,
  registration: Pick<Registration, "type" | "name" | "parent">,
): string {
  const parentType = registration.parent === "" ? "" : (registration.parent.split("::")[2] ?? "");
  const prefix = parentType === "" || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${registration.type}::${registration.name}`;
}

/** A target as URNs fit it: `**` matches anything, `*` anything but a colon. */
export function globToRegExp(glob: string): RegExp {
  const parts = glob.split("**").map((part) =>
    part
      .split("*")
      .map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^:]*"),
  );
  return new RegExp(`^${parts.join(".*")}$`);
}

/** What the state keeps of a registration. */
export function recordOf(urn: string, registration: Registration): Omit<StoredResource, "outputs"> {
  const { type, parent, inputs, dependencies, protect } = registration;
  return {
    urn,
    type,
    custom: true,
    ...(parent === "" ? {} : { parent }),
    inputs,
    dependencies,
    ...(protect ? { protect } : {}),
  };
}

import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type { Registered, RegisterRequest, Registration } from "./registration.ts";
import { readRegistration } from "./registration.ts";

const require = createRequire(import.meta.url);
const proto = require("@pulumi/pulumi/proto/resource_pb.js");
const struct = require("google-protobuf/google/protobuf/struct_pb.js");

/** What the runner does for the program. */
export interface MonitorHandler {
  register(registration: Registration): Promise<Registered>;
  registerOutputs(urn: string, outputs: Readonly<Record<string, unknown>>): void;
  /** Outputs of the last successful update, in plain. */
  lastOutputs(): Readonly<Record<string, unknown>>;
}

export interface ProgramIdentity {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
}

type Callback = (error: Error | null, response?: unknown) => void;

interface Monitor {
  registerResource(request: RegisterRequest, callback: Callback): void;
  registerResourceOutputs(
    request: { getUrn(): string; getOutputs(): { toJavaScript(): Record<string, unknown> } | undefined },
    callback: Callback,
  ): void;
}

/**
 * Puts the program under Pulumi's mock monitor. The mock shows inputs with their secrets unwrapped and no
 * options, so registrations are taken from the requests themselves; a failed resource is answered as the engine
 * answers it, with a result that makes every output of it reject.
 */
export async function attachMonitor(identity: ProgramIdentity, handler: MonitorHandler): Promise<void> {
  const mocks: pulumi.runtime.Mocks = {
    newResource: () => {
      throw new Error("resources are registered through the monitor");
    },
    call: ({ token }) => {
      if (token !== "pulumi:pulumi:readStackOutputs")
        throw new Error(`the program called ${token}, which needs the real engine`);
      return { outputs: handler.lastOutputs() };
    },
  };
  await pulumi.runtime.setMocks(
    mocks,
    identity.project,
    identity.stack,
    identity.preview,
    identity.organization,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  monitor.registerResource = (request, callback) => {
    handler.register(readRegistration(request)).then(
      (answer) => callback(null, response(answer)),
      (error: Error) => callback(error),
    );
  };
  monitor.registerResourceOutputs = (request, callback) => {
    handler.registerOutputs(request.getUrn(), request.getOutputs()?.toJavaScript() ?? {});
    callback(null, {});
  };
}

function response(answer: Registered): unknown {
  const message = new proto.RegisterResourceResponse();
  message.setUrn(answer.urn);
  message.setId(answer.ok ? answer.id : "");
  message.setObject(struct.Struct.fromJavaScript(answer.ok ? answer.outputs : {}));
  if (answer.ok && answer.unknown) message.setUnknown(true);
  message.setResult(answer.ok ? proto.Result.SUCCESS : proto.Result.FAIL);
  return message;
}

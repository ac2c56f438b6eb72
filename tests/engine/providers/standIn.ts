import { createRequire } from "node:module";
import type { Properties, Provider, Surroundings } from "../../../lab/engine/provider.ts";
import { annotate, plain } from "../../../lab/engine/secrets.ts";

const require = createRequire(import.meta.url);
// Without the rest of the SDK: the engine starts this process for every preview and update.
const grpc = require("@grpc/grpc-js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const proto = require("@pulumi/pulumi/proto/provider_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");

/** A resource of a stock provider, and its outputs that are secret whatever the program says. */
export interface StandInResource {
  readonly provider: Provider;
  readonly secretOutputs: readonly string[];
}

/** The requests of the protocol, as far as they are read: `proto/pulumi/provider.proto`, v3.259.0. */
interface Request {
  getUrn(): string;
  getId(): string;
  getOlds(): Message | undefined;
  getNews(): Message | undefined;
  getProperties(): Message | undefined;
}

interface Message {
  toJavaScript(): Properties;
}

/** The outside of a stand-in: real network, real time, the process's environment. */
export function realSurroundings(): Surroundings {
  return {
    fetch,
    config: {},
    environment: process.env as Record<string, string>,
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/**
 * Serves a stock provider's resources to the engine over gRPC, as the plugin of the same name does; prints the
 * port that the engine waits for. Secrets come in and go out marked.
 *
 * @param resources by type, as `random:index/randomId:RandomId`
 */
export async function serveStandIn(
  version: string,
  resources: Readonly<Record<string, StandInResource>>,
): Promise<void> {
  const of = (request: Request): StandInResource => {
    const type = (request.getUrn().split("::")[2] ?? "").split("$").at(-1) ?? "";
    const found = resources[type];
    if (found === undefined) throw new Error(`the stand-in has no resource ${type}: install the real plugin`);
    return found;
  };
  const sealed = (request: Request, outputs: Properties, inputs: Properties) =>
    Struct.fromJavaScript(annotate(outputs, inputs, of(request).secretOutputs));
  const methods: Readonly<Record<string, (request: Request) => Promise<object>>> = {
    configure: async () => {
      const answer = new proto.ConfigureResponse();
      answer.setAcceptsecrets(true);
      return answer;
    },
    getPluginInfo: async () => {
      const answer = new PluginInfo();
      answer.setVersion(version);
      return answer;
    },
    cancel: async () => new Empty(),
    check: async (request) => {
      const news = read(request.getNews());
      const { failures } = await of(request).provider.check(plain(read(request.getOlds())), plain(news));
      const answer = new proto.CheckResponse();
      answer.setInputs(Struct.fromJavaScript(news));
      for (const { property = "", reason = "" } of failures) {
        const failure = answer.addFailures();
        failure.setProperty(property);
        failure.setReason(reason);
      }
      return answer;
    },
    diff: async (request) => {
      const [olds, news] = [plain(read(request.getOlds())), plain(read(request.getNews()))];
      const { changes, replaces } = await of(request).provider.diff(request.getId(), olds, news);
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
      const answer = new proto.DiffResponse();
      answer.setChanges(changes ? DIFF_SOME : DIFF_NONE);
      answer.setReplacesList([...replaces]);
      return answer;
    },
    create: async (request) => {
      const inputs = read(request.getProperties());
      const { id, outputs } = await of(request).provider.create(plain(inputs));
      const answer = new proto.CreateResponse();
      answer.setId(id);
      answer.setProperties(sealed(request, outputs, inputs));
      return answer;
    },
    update: async (request) => {
      const [olds, news] = [read(request.getOlds()), read(request.getNews())];
      const { outputs } = await of(request).provider.update(request.getId(), plain(olds), plain(news));
      const answer = new proto.UpdateResponse();
      answer.setProperties(sealed(request, outputs, news));
      return answer;
    },
    read: async (request) => {
      const before = read(request.getProperties());
      const found = await of(request).provider.read(request.getId(), plain(before));
      const answer = new proto.ReadResponse();
      // An empty id says that the object is gone.
      answer.setId(found?.id ?? "");
      if (found !== undefined) answer.setProperties(sealed(request, found.properties, before));
      return answer;
    },
    delete: async (request) => {
      await of(request).provider.delete(request.getId(), plain(read(request.getProperties())));
      return new Empty();
    },
  };
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 2 ** 20 });
  server.addService(
    ResourceProviderService,
    Object.fromEntries(Object.entries(methods).map(([name, run]) => [name, unary(run)])),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: unknown, at: number) =>
      error ? reject(error) : resolve(at),
    );
  });
  process.stdout.write(`${port}\n`);
}

function read(message: Message | undefined): Properties {
  return message?.toJavaScript() ?? {};
}

function unary(run: (request: Request) => Promise<object>) {
  return (call: { request: Request }, callback: (error: object | null, answer?: object) => void) => {
    run(call.request).then(
      (answer) => callback(null, answer),
      (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
    );
  };
}

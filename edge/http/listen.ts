import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basePath } from "../api/app.ts";
import type { Edge } from "../createEdge.ts";
import { NoAnswerError } from "../faults/types.ts";
import type { EdgeRequest, HeaderPair } from "../pipeline/request.ts";
import { type Target, targetOf } from "./target.ts";

export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
}

/** A listening edge. */
export interface Listening {
  /** For `CLOUDFLARE_BASE_URL`: `http://127.0.0.1:8787/client/v4`. */
  readonly apiUrl: string;
  /** Where requests for zones are sent, with the zone's name in the Host header. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The largest body that the front door takes, in bytes: 100 MB, as the Free and Pro plans have it
 * (developers.cloudflare.com/support/troubleshooting: error 413, asOf 2026-11).
 */
const LARGEST_VISITOR_BODY = 100 * 1024 * 1024;

/**
 * Headers that say where a request arrives and from where, since all come from this machine. They are taken off before
 * the request enters the edge.
 */
export const VISITOR_HEADERS = {
  "x-edge-pop": "pop",
  "x-edge-ip": "ip",
  "x-edge-country": "country",
  "x-edge-asn": "asn",
} as const;

type VisitorMember = (typeof VISITOR_HEADERS)[keyof typeof VISITOR_HEADERS];
const visitorMembers = new Map<string, VisitorMember>(Object.entries(VISITOR_HEADERS));

/** Scheme a request counts as having used; plain http unless said otherwise. */
export const SCHEME_HEADER = "x-edge-scheme";

/** Serves the API under `/client/v4` and everything else through the front door, by Host header. */
export async function listen(edge: Edge, options: ListenOptions = {}): Promise<Listening> {
  const host = options.host ?? "127.0.0.1";
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    served(edge, incoming, outgoing).catch((error: unknown) => fail(error, outgoing));
  };
  const server = createServer(serve);
  // Whoever asks before sending a body is told to go on only when the body is wanted.
  server.on("checkContinue", serve);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;
  return { url, apiUrl: `${url}${basePath}`, port, close: () => close(server) };
}

async function served(edge: Edge, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const target = targetOf(incoming);
  const toApi = target?.path === basePath || target?.path.startsWith(`${basePath}/`);
  if (target === undefined) refuse(outgoing, 400, "the request needs one valid Host and a path");
  else if (toApi) await serveApi(edge, target, incoming, outgoing);
  else await serveVisitor(edge, target, incoming, outgoing);
  // What nobody wanted of the body is thrown away, so that the client gets to read the answer.
  incoming.resume();
}

/** A lost answer is a lost connection; anything else is a mistake of ours or of whoever filled the world by hand. */
function fail(error: unknown, outgoing: ServerResponse): void {
  const isLost = error instanceof Error && error.cause instanceof NoAnswerError;
  if (isLost || outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  refuse(outgoing, 500, "the edge failed to answer");
}

function refuse(outgoing: ServerResponse, status: number, why: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain" }).end(why);
}

async function serveApi(
  edge: Edge,
  target: Target,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = "GET" } = incoming;
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new AnyMethodRequest(method, `http://edge${target.path}${target.query}`, {
    headers: headerPairs(incoming).map(([name, value]): [string, string] => [name, value]),
    signal: gone.signal,
    // The API reads it only for a caller that it knows.
    ...(hasBody ? { body: streamOf(bodyOf(incoming, outgoing)), duplex: "half" as const } : {}),
  });
  const response = await edge.api(request);
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(body);
}

/** Fetch refuses TRACE, TRACK and CONNECT; the API answers them as any method that it does not know. */
class AnyMethodRequest extends Request {
  readonly #method: string;

  constructor(method: string, url: string, init: RequestInit) {
    super(url, { ...init, method: FORBIDDEN_METHOD.test(method) ? "POST" : method });
    this.#method = method;
  }

  override get method(): string {
    return this.#method;
  }
}

const FORBIDDEN_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;

async function serveVisitor(
  edge: Edge,
  target: Target,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const visitor: Partial<Record<VisitorMember, string>> = {};
  let { scheme } = target;
  const headers = headerPairs(incoming).filter(([name, value]) => {
    const key = name.toLowerCase();
    if (key === SCHEME_HEADER) scheme = value === "https" ? "https" : "http";
    const member = visitorMembers.get(key);
    if (member !== undefined) visitor[member] = value;
    return member === undefined && key !== SCHEME_HEADER;
  });
  const known = edge.world.pops.some((pop) => pop.name === visitor.pop);
  if (visitor.pop !== undefined && !known) {
    refuse(outgoing, 400, `no point of presence ${visitor.pop}`);
    return;
  }
  const body = await boundedBody(incoming, outgoing);
  if (body === undefined) {
    refuse(outgoing, 413, "the request's body is too large");
    return;
  }
  const { asn, ...place } = visitor;
  const request: EdgeRequest = {
    method: incoming.method ?? "GET",
    url: `${scheme}://${target.host}${target.path}${target.query}`,
    // RFC 9112 §3.2.2: a target in absolute form goes before the Host header, which is rewritten.
    headers: headers.map(([name, value]) => [name, name.toLowerCase() === "host" ? target.host : value]),
    body,
  };
  const response = await edge.handle(request, {
    ...place,
    ...(asn === undefined ? {} : { asn: Number(asn) }),
  });
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, response.headers.flat());
  outgoing.end(response.body);
}

/** Headers with their original names and repeats, as Node read them. */
function headerPairs(incoming: IncomingMessage): HeaderPair[] {
  const raw = incoming.rawHeaders;
  const pairs: HeaderPair[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index]!, raw[index + 1]!]);
  return pairs;
}

/** The body as it comes. Leaving it halfway leaves the connection open for the answer. */
async function* bodyOf(incoming: IncomingMessage, outgoing: ServerResponse): AsyncGenerator<Buffer> {
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  yield* incoming.iterator({ destroyOnReturn: false });
}

/** A stream that takes nothing before it is read. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await chunks.return(undefined)),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** The body, or undefined where it is larger than what Cloudflare takes. */
async function boundedBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Buffer<ArrayBuffer> | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > LARGEST_VISITOR_BODY) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bodyOf(incoming, outgoing)) {
    length += chunk.length;
    if (length > LARGEST_VISITOR_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basePath } from "../api/index.ts";
import type { Edge } from "../createEdge.ts";
import { NoAnswerError } from "../faults/types.ts";
import type { EdgeRequest, HeaderPair } from "../pipeline/request.ts";

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
 * Headers that say where a request arrives and from where, since all come from this machine. They are taken off before
 * the request enters the edge.
 */
export const VISITOR_HEADERS = {
  "x-edge-pop": "pop",
  "x-edge-ip": "ip",
  "x-edge-country": "country",
  "x-edge-asn": "asn",
} as const;

/** Scheme a request counts as having used; plain http unless said otherwise. */
export const SCHEME_HEADER = "x-edge-scheme";

/** Serves the API under `/client/v4` and everything else through the front door, by Host header. */
export async function listen(edge: Edge, options: ListenOptions = {}): Promise<Listening> {
  const host = options.host ?? "127.0.0.1";
  const server = createServer((incoming, outgoing) => {
    const toApi = incoming.url === basePath || incoming.url?.startsWith(`${basePath}/`);
    const served = toApi ? serveApi(edge, incoming, outgoing) : serveVisitor(edge, incoming, outgoing);
    served.catch((error: unknown) => fail(error, outgoing));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;
  return { url, apiUrl: `${url}${basePath}`, port, close: () => close(server) };
}

/** A lost answer is a lost connection; anything else is a mistake of ours or of whoever filled the world by hand. */
function fail(error: unknown, outgoing: ServerResponse): void {
  const isLost = error instanceof Error && error.cause instanceof NoAnswerError;
  if (isLost || outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(500, { "content-type": "text/plain" }).end("the edge failed to answer");
}

async function serveApi(edge: Edge, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = "GET" } = incoming;
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(`http://edge${incoming.url}`, {
    method,
    headers: headerPairs(incoming).map(([name, value]): [string, string] => [name, value]),
    signal: gone.signal,
    ...(hasBody ? { body: await readBody(incoming) } : {}),
  });
  const response = await edge.api(request);
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(body);
}

async function serveVisitor(edge: Edge, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const visitor: Partial<Record<(typeof VISITOR_HEADERS)[keyof typeof VISITOR_HEADERS], string>> = {};
  let scheme = "http";
  const headers = headerPairs(incoming).filter(([name, value]) => {
    const key = name.toLowerCase();
    if (key === SCHEME_HEADER) scheme = value === "https" ? "https" : "http";
    const member = VISITOR_HEADERS[key as keyof typeof VISITOR_HEADERS];
    if (member !== undefined) visitor[member] = value;
    return member === undefined && key !== SCHEME_HEADER;
  });
  const known = edge.world.pops.some((pop) => pop.name === visitor.pop);
  if (visitor.pop !== undefined && !known) {
    outgoing.writeHead(400, { "content-type": "text/plain" }).end(`no point of presence ${visitor.pop}`);
    return;
  }
  const { asn, ...place } = visitor;
  const request: EdgeRequest = {
    method: incoming.method ?? "GET",
    url: `${scheme}://${incoming.headers.host ?? ""}${incoming.url ?? "/"}`,
    headers,
    body: await readBody(incoming),
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

async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

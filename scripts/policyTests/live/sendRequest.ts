import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** A request as it goes out: the path is not touched, so that what can be read twice arrives so. */
export interface LiveRequest {
  readonly method: string;
  readonly host: string;
  /** With the query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What came back, or why nothing did. */
export type LiveAnswer =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    }
  | { readonly reason: string };

/** How long an answer may take as a whole, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** Bytes of a body that are looked at: replies of rules are shorter. */
const MOST_BODY = 64 * 1024;

/**
 * Sends a request to a server. No redirect is followed, and no body is sent. A reason names neither headers nor path,
 * since there may be a token in them.
 *
 * @param server scheme, address and port; the Host header is the request's
 */
export function sendRequest(server: URL, request: LiveRequest, signal: AbortSignal): Promise<LiveAnswer> {
  const { method, host, path } = request;
  const headers = ["host", host, ...request.headers.flat()];
  const send = server.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const failed = (error: unknown) => {
      const { code, name } = error as NodeJS.ErrnoException;
      resolve({
        reason:
          name === "TimeoutError" ? `no answer within ${TIMEOUT_MS / 1000} s` : `no answer (${code ?? name})`,
      });
    };
    try {
      const outgoing = send(server, {
        method,
        path,
        headers,
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      outgoing.on("error", (error) => failed(error.cause ?? error));
      outgoing.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const done = () => {
          const body = Buffer.concat(chunks).toString();
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
          incoming.destroy();
        };
        incoming.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > MOST_BODY) done();
        });
        incoming.on("end", done);
        incoming.on("error", failed);
      });
      outgoing.end();
    } catch (error) {
      // What no client may send: a path or header with letters that end a line.
      failed(error);
    }
  });
}

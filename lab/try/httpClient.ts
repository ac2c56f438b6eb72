import { Agent, request as send } from "node:http";
import type { EdgeRequest, Listening } from "@keyturn/edge";
import { SCHEME_HEADER } from "@keyturn/edge";

/** What came back over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Of this request; security events carry it too. */
  readonly ray: string;
}

/** Sends requests as they are written: nothing in a path is resolved, no header is joined or dropped. */
export interface HttpClient {
  send(request: EdgeRequest, pop: string): Promise<HttpAnswer>;
  close(): void;
}

/** A client for a listening edge, with `connections` kept open. */
export function createHttpClient(listening: Listening, connections = 16): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: ({ method, url, headers = [] }, pop) => {
      const [, scheme = "", host = "", path = ""] = /^(https?):\/\/([^/?#]+)(.*)$/s.exec(url) ?? [];
      const raw = [["host", host], ["x-edge-pop", pop], [SCHEME_HEADER, scheme], ...headers].flat();
      return new Promise((resolve, reject) => {
        const call = send(
          { agent, host: "127.0.0.1", port: listening.port, method, path: path || "/", headers: raw },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on("data", (part: Buffer) => parts.push(part));
            answer.on("error", reject);
            answer.on("end", () =>
              resolve({
                status: answer.statusCode ?? 0,
                body: Buffer.concat(parts).toString(),
                ray: String(answer.headers["cf-ray"] ?? "").split("-")[0] ?? "",
              }),
            );
          },
        );
        call.on("error", reject);
        call.end();
      });
    },
    close: () => agent.destroy(),
  };
}

import type { Edge } from "@keyturn/edge";
import type { VirtualClock } from "../../edge/world/clock.ts";

/** A call of the API as it arrived, with what is needed to make it again. */
export interface RecordedCall {
  /** Virtual time of its arrival. */
  readonly at: number;
  /** Real time of its arrival, milliseconds since the Unix epoch. */
  readonly arrivedAt: number;
  readonly method: string;
  /** Below `/client/v4`, with the query. */
  readonly path: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** An edge that keeps every call of its API. Two edges with equal calls at equal times are equal. */
export interface RecordedEdge {
  readonly edge: Edge;
  readonly calls: readonly RecordedCall[];
}

/**
 * Keeps the calls of `edge`; the answer stands in for it.
 *
 * @param before calls that were made already
 */
export function recorded(edge: Edge, before: readonly RecordedCall[] = []): RecordedEdge {
  const calls: RecordedCall[] = [...before];
  const api = async (request: Request): Promise<Response> => {
    const { method, url, signal } = request;
    const body = await request.text();
    const headers = [...request.headers];
    const at = edge.clock.now();
    calls.push({ at, arrivedAt: Date.now(), method, path: pathOf(url), url, headers, body });
    return edge.api(requestOf({ method, url, headers, body }, signal));
  };
  return { edge: { ...edge, api }, calls };
}

/** Makes the same calls again, each at its time; the clock ends at the last of them. */
export async function replay(edge: Edge, clock: VirtualClock, calls: readonly RecordedCall[]): Promise<void> {
  for (const call of calls) {
    clock.set(Math.max(clock.now(), call.at));
    await edge.api(requestOf(call));
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname.slice(pathname.indexOf("/client/v4") + "/client/v4".length) + search;
}

function requestOf(
  call: Pick<RecordedCall, "method" | "url" | "headers" | "body">,
  signal?: AbortSignal,
): Request {
  const bare = call.method === "GET" || call.method === "HEAD";
  return new Request(call.url, {
    method: call.method,
    headers: call.headers.map(([name, value]): [string, string] => [name, value]),
    ...(signal === undefined ? {} : { signal }),
    ...(bare ? {} : { body: call.body }),
  });
}

import type { IncomingMessage } from "node:http";
import { isHost } from "../pipeline/request.ts";

/** Where a request goes, read from its request line and its Host header. */
export interface Target {
  readonly scheme: "http" | "https";
  /** With its port, if one was named. */
  readonly host: string;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, with its `?`; empty without a query. */
  readonly query: string;
}

const ORIGIN_FORM = /^(\/[^?#]*)(\?[^#]*)?$/;
const ABSOLUTE_FORM = /^(https?):\/\/([^/?#]*)(\/[^?#]*)?(\?[^#]*)?$/i;

/**
 * The target of a request in origin form or absolute form (RFC 9112 §3.2). Undefined where the Host header is missing,
 * stands twice or is no host (there the RFC asks for 400), and for a target of any other form.
 */
export function targetOf(incoming: Pick<IncomingMessage, "url" | "headersDistinct">): Target | undefined {
  const [named, ...others] = incoming.headersDistinct.host ?? [];
  if (named === undefined || others.length > 0 || !isHost(named)) return undefined;
  const url = incoming.url ?? "";
  const origin = ORIGIN_FORM.exec(url);
  if (origin !== null) return { scheme: "http", host: named, path: origin[1]!, query: origin[2] ?? "" };
  const absolute = ABSOLUTE_FORM.exec(url);
  if (absolute === null || !isHost(absolute[2]!)) return undefined;
  return {
    scheme: absolute[1]!.toLowerCase() === "https" ? "https" : "http",
    host: absolute[2]!,
    path: absolute[3] ?? "/",
    query: absolute[4] ?? "",
  };
}

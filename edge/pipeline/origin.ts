import type { OriginOverride } from "./actions.ts";
import type { RequestContext } from "./context.ts";
import type { HeaderPair } from "./request.ts";

/** A request as the edge passes it on. */
export interface OriginRequest {
  readonly method: string;
  readonly scheme: "http" | "https";
  /** The Host header; `connectTo` says where it goes if a rule sends it elsewhere. */
  readonly host: string;
  readonly connectTo?: { readonly host?: string; readonly port?: number };
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
}

export interface OriginResponse {
  readonly status: number;
  readonly headers?: readonly HeaderPair[];
  readonly body?: string | Uint8Array;
}

/** What stands behind the edge. It may throw: that is an origin that cannot be reached. */
export type Origin = (
  request: OriginRequest,
  about: { readonly pop: string; readonly ray: string },
) => OriginResponse | Promise<OriginResponse>;

/** Answers 200 with what reached it, as JSON. */
export function echoOrigin(request: OriginRequest): OriginResponse {
  const { method, host, path, query, headers } = request;
  return {
    status: 200,
    headers: [["content-type", "application/json"]],
    body: JSON.stringify({ method, host, path, query, headers }),
  };
}

/**
 * The request as it leaves for the origin. The path is what the client sent, unless URLs are normalized to the origin
 * too or a rule rewrote it (developers.cloudflare.com/rules/normalization, asOf 2026-11).
 */
export function originRequest(
  context: RequestContext,
  headers: readonly HeaderPair[],
  override: OriginOverride,
): OriginRequest {
  const { received, fields, visitor, plan } = context;
  const asSeen = context.rewritten || plan.zone.urlNormalization.scope === "both";
  return {
    method: received.method,
    scheme: received.scheme,
    host: override.hostHeader ?? received.host,
    ...(override.host === undefined && override.port === undefined ? {} : { connectTo: connectTo(override) }),
    path: asSeen ? fields.path : received.rawPath,
    query: asSeen ? fields.query : received.rawQuery,
    headers: [
      ...headers.filter(([name]) => !SET_BY_EDGE.has(name.toLowerCase())),
      ["cf-connecting-ip", visitor.ip],
      ["cf-ipcountry", visitor.country],
      ["cf-ray", `${context.ray}-${visitor.pop}`],
      ["x-forwarded-proto", received.scheme],
    ],
    body: received.body,
  };
}

/** A client cannot state these itself (developers.cloudflare.com/fundamentals/reference/http-headers, asOf 2026-11). */
const SET_BY_EDGE: ReadonlySet<string> = new Set([
  "cf-connecting-ip",
  "cf-ipcountry",
  "cf-ray",
  "x-forwarded-proto",
]);

function connectTo(override: OriginOverride): NonNullable<OriginRequest["connectTo"]> {
  return {
    ...(override.host === undefined ? {} : { host: override.host }),
    ...(override.port === undefined ? {} : { port: override.port }),
  };
}

import type { Choices } from "../choices.ts";
import { toBytes } from "../language/bytes.ts";
import type { Value } from "../language/values.ts";
import type { UrlNormalization } from "../world/types.ts";
import { normalizePath } from "./normalizeUrl.ts";

/** A header as it stands in a message. */
export type HeaderPair = readonly [name: string, value: string];

/**
 * A request as a client sends it. The URL is taken as written: nothing in it is resolved or escaped. Header values are
 * byte strings, one character per byte, as Node and fetch have them.
 */
export interface EdgeRequest {
  readonly method: string;
  /** Absolute: `https://api.example.com/orders?page=2`. */
  readonly url: string;
  readonly headers?: readonly HeaderPair[];
  readonly body?: string | Uint8Array;
}

/** Where a request comes from and where it arrives. */
export interface Visitor {
  /** The point of presence that answers. */
  readonly pop: string;
  readonly ip: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly continent: string;
  readonly asn: number;
  /** Fields that only Cloudflare can know, such as `cf.waf.score`, by name. */
  readonly fields?: Readonly<Record<string, Value>>;
}

/** A request taken apart at the front door; strings are byte strings, one character per byte. */
export interface Received {
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  /** As the client sent them. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
}

/** A request whose URL cannot be read. */
export class BadRequestError extends Error {
  readonly code = "EDGE_BAD_REQUEST";
  override readonly name = "BadRequestError";
}

const URL_FORM = /^(https?):\/\/([^/?#\\@]+)((?:[/\\][^?#]*)?)(?:\?([^#]*))?(?:#.*)?$/s;
const HOST = /^(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Whether a Host header, or the authority of a URL, is a host with or without a port: a name of letters, digits, `-`, `_`
 * and `.`, or an address. RFC 3986 §3.2.2 has more characters for names; DNS knows none with them.
 */
export function isHost(authority: string): boolean {
  return HOST.test(authority);
}

const NO_BYTES = new Uint8Array(0);

/** Takes a request apart; throws BadRequestError for a URL that is not absolute http(s), or whose authority is no host. */
export function receive(request: EdgeRequest, choices: Choices): Received {
  const match = URL_FORM.exec(request.url);
  if (match === null) throw new BadRequestError("the request needs an absolute http or https URL");
  const authority = match[2]!.toLowerCase();
  if (!isHost(authority)) throw new BadRequestError("the request's URL names no valid host");
  const path = match[3]!;
  return {
    method: request.method,
    scheme: match[1] === "http" ? "http" : "https",
    host: choices.hostPort === "kept" ? authority : authority.replace(/:\d+$/, ""),
    rawPath: path === "" ? "/" : toBytes(path),
    rawQuery: toBytes(match[4] ?? ""),
    headers: request.headers ?? [],
    body: bytesOf(request.body),
  };
}

function bytesOf(body: string | Uint8Array | undefined): Uint8Array {
  if (body === undefined) return NO_BYTES;
  return typeof body === "string" ? Buffer.from(body, "utf8") : body;
}

/** The path that rules see. */
export function visiblePath(received: Received, normalization: UrlNormalization): string {
  if (normalization.scope === "none") return received.rawPath;
  return normalizePath(received.rawPath, normalization.type);
}

/** An EdgeRequest from a Fetch API request; the URL class has then already resolved dots and backslashes. */
export async function fromFetchRequest(request: Request): Promise<EdgeRequest> {
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  return {
    method: request.method,
    url: request.url,
    headers: [...request.headers],
    ...(body === undefined ? {} : { body }),
  };
}

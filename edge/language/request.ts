import { JsonDocuments } from "./functions/json.ts";
import type { IpAddress } from "./ip.ts";
import { parseIp } from "./ip.ts";
import {
  type ArgumentTable,
  argumentTable,
  cookieMap,
  type HeaderTable,
  headerTable,
} from "./requestMaps.ts";
import type { Value, ValueArray, ValueMap } from "./values.ts";

/** Claims of one verified token, as the fields under `http.request.jwt.claims` show them. */
export interface JwtClaims {
  /** The claims document as received (a byte string of JSON). */
  readonly document: string;
  readonly aud?: readonly string[];
  readonly iss?: readonly string[];
  readonly jti?: readonly string[];
  readonly sub?: readonly string[];
  readonly iat?: readonly number[];
  readonly nbf?: readonly number[];
}

/** The members of a list that expressions name as `$name`. */
export interface ListValues {
  readonly kind: "ip" | "asn" | "hostname" | "redirect";
  readonly items: readonly string[];
}

type HeaderPairs = readonly (readonly [name: string, value: string])[];

/**
 * What a pipeline knows of a request. Strings are byte strings (one character per byte, as Node and fetch
 * give header values). Only the members without `?` are needed; the rest is missing or neutral.
 */
export interface RequestInput {
  /** In capitals. */
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  /** The path and the query (without `?`) that rules see: after normalization and rewrites. */
  readonly path: string;
  readonly query: string;
  /** As the client sent them; default: the same. */
  readonly rawPath?: string;
  readonly rawQuery?: string;
  /** As received: original case, original order, repeats as pairs of their own. */
  readonly headers: HeaderPairs;
  readonly headersTruncated?: boolean;
  /** Such as `HTTP/2`. */
  readonly version?: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  readonly ip?: IpAddress | string;
  readonly asn?: number;
  readonly country?: string;
  readonly continent?: string;
  readonly body?: string;
  readonly bodyTruncated?: boolean;
  /** By token configuration id; only of tokens that verified. */
  readonly claims?: ReadonlyMap<string, JwtClaims>;
  readonly jwtValid?: (configurationId: string) => boolean;
  readonly jwtPresent?: (configurationId: string) => boolean;
  readonly lists?: ReadonlyMap<string, ListValues>;
  /** The origin's answer, in phases and counting expressions that may read it. */
  readonly response?: { readonly status: number; readonly headers: HeaderPairs };
  /** Values of the remaining fields by name, such as `cf.waf.score`; see the default of each field's row. */
  readonly others?: Readonly<Record<string, Value>>;
}

/**
 * A request as compiled expressions read it. Maps and arrays are built when first asked for and kept, JSON
 * documents are parsed once. A request that a rule rewrote is a new `RequestFields`.
 */
export class RequestFields {
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly uri: string;
  readonly timestampMs: number;
  readonly timestampSec: number;
  readonly ip: IpAddress | undefined;
  readonly claims: ReadonlyMap<string, JwtClaims> | undefined;
  readonly lists: ReadonlyMap<string, ListValues> | undefined;
  readonly input: RequestInput;
  readonly json: JsonDocuments = new JsonDocuments();
  #headers: HeaderTable | undefined;
  #responseHeaders: HeaderTable | undefined;
  #arguments: ArgumentTable | undefined;
  #rawArguments: ArgumentTable | undefined;
  #cookies: ReadonlyMap<string, readonly string[]> | undefined;
  #derived: Map<string, ValueMap | ValueArray> | undefined;

  constructor(input: RequestInput) {
    this.method = input.method;
    this.scheme = input.scheme;
    this.host = input.host;
    this.path = input.path;
    this.query = input.query;
    this.uri = input.query === "" ? input.path : `${input.path}?${input.query}`;
    this.timestampMs = input.timestampMs;
    this.timestampSec = Math.floor(input.timestampMs / 1000);
    this.ip = typeof input.ip === "string" ? parseIp(input.ip) : input.ip;
    this.claims = input.claims;
    this.lists = input.lists;
    this.input = input;
  }

  get headers(): HeaderTable {
    this.#headers ??= headerTable(this.input.headers);
    return this.#headers;
  }

  get responseHeaders(): HeaderTable | undefined {
    const response = this.input.response;
    if (response !== undefined) this.#responseHeaders ??= headerTable(response.headers);
    return this.#responseHeaders;
  }

  get arguments(): ArgumentTable {
    this.#arguments ??= argumentTable(this.query);
    return this.#arguments;
  }

  get rawArguments(): ArgumentTable {
    this.#rawArguments ??= argumentTable(this.input.rawQuery ?? this.query);
    return this.#rawArguments;
  }

  get cookies(): ReadonlyMap<string, readonly string[]> {
    this.#cookies ??= cookieMap(this.headers.map.get("cookie"));
    return this.#cookies;
  }

  /** A map or array that is seldom read, computed once per request and kept under its field's name. */
  derived<T extends ValueMap | ValueArray>(name: string, compute: () => T): T {
    this.#derived ??= new Map();
    let value = this.#derived.get(name) as T | undefined;
    if (value === undefined) {
      value = compute();
      this.#derived.set(name, value);
    }
    return value;
  }
}

/** What an evaluator is given. */
export type EvaluationContext = RequestFields;

import type { METHODS } from "../facts/methods.ts";
import type { Position } from "../problem/problem.ts";

/** What of an OpenAPI document says who may call what. */
export interface ApiDocument {
  readonly title: string;
  readonly version: string;
  /** By name, as `components.securitySchemes` has them. */
  readonly schemes: ReadonlyMap<string, SecurityScheme>;
  /** In the order of the document. */
  readonly operations: readonly Operation[];
  /** True when `security` stands nowhere in the document. */
  readonly silent: boolean;
  /** Place of the servers, or of the document's beginning. */
  readonly at: Position;
}

/** A security scheme, by what a request brings. */
export type SecurityScheme =
  | { readonly kind: "token"; readonly issuer?: string }
  /** Something that is no token; `what` names it. */
  | { readonly kind: "other"; readonly what: string };

export interface Operation {
  readonly operationId?: string;
  readonly method: (typeof METHODS)[number];
  /** With the path of its first server in front. */
  readonly path: string;
  /** The path of its first server, without a slash at the end. */
  readonly base: string;
  /** Of its first server, in small letters; undefined where the document names none. */
  readonly host: string | undefined;
  /** How many servers it has. */
  readonly servers: number;
  /** Any one of these is enough; one that is empty asks for nothing. Never an empty list. */
  readonly alternatives: readonly Alternative[];
  readonly at: Position;
}

/** Schemes that a request has to satisfy together, each with its scopes. */
export type Alternative = readonly { readonly scheme: string; readonly scopes: readonly string[] }[];

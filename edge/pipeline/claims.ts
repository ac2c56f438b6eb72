import { toBytes } from "../language/bytes.ts";
import { claimsOf } from "../language/claims.ts";
import type { JwtClaims } from "../language/request.ts";
import type { TokenSet } from "./tokenSet.ts";

/**
 * The claims of a request by token configuration, for expressions. A token is verified when a rule first asks for its
 * claims; a configuration whose token is not valid is not in the map.
 */
export class RequestClaims implements ReadonlyMap<string, JwtClaims> {
  readonly #tokens: TokenSet;
  #all: Map<string, JwtClaims> | undefined;
  readonly #read = new Map<string, JwtClaims | undefined>();

  constructor(tokens: TokenSet) {
    this.#tokens = tokens;
  }

  get(id: string): JwtClaims | undefined {
    if (this.#read.has(id)) return this.#read.get(id);
    const verdict = this.#tokens.verdict(id);
    const claims = verdict?.valid === true ? claimsOf(toBytes(verdict.document)) : undefined;
    this.#read.set(id, claims);
    return claims;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  get size(): number {
    return this.#everything().size;
  }

  keys(): MapIterator<string> {
    return this.#everything().keys();
  }

  values(): MapIterator<JwtClaims> {
    return this.#everything().values();
  }

  entries(): MapIterator<[string, JwtClaims]> {
    return this.#everything().entries();
  }

  [Symbol.iterator](): MapIterator<[string, JwtClaims]> {
    return this.entries();
  }

  forEach(visit: (claims: JwtClaims, id: string, map: ReadonlyMap<string, JwtClaims>) => void): void {
    for (const [id, claims] of this.#everything()) visit(claims, id, this);
  }

  #everything(): Map<string, JwtClaims> {
    if (this.#all === undefined) {
      this.#all = new Map();
      for (const id of this.#tokens.ids) {
        const claims = this.get(id);
        if (claims !== undefined) this.#all.set(id, claims);
      }
    }
    return this.#all;
  }
}

import type { Reason } from "../facts/answers.ts";
import type { AddOn, Plan } from "../facts/limits.ts";
import type { Acceptable } from "../facts/pathTricks.ts";
import type { Position } from "../problem/problem.ts";

/*
 * What definitions say, as types. Over 300 lines, as they name each other and are one vocabulary.
 */

/** How hard a rule acts, from nothing to a refusal. */
export const MODES = ["off", "log", "challenge", "block"] as const;
export type Mode = (typeof MODES)[number];

/** How hard something acts over time. */
export interface StagedMode {
  readonly first: Mode;
  /** Harder ones, each with the instant (Unix seconds) from which it acts, in order. */
  readonly later: readonly { readonly from: number; readonly mode: Mode }[];
}

/** Everything the files say, checked and complete. Durations are whole seconds. */
export interface Definitions {
  readonly rings: readonly Ring[];
  readonly hosts: readonly HostDefinition[];
}

export type Ring = JwtRing | HmacRing | MirrorRing;

/** A ring whose tokens rules can ask, whoever makes its keys. */
export type TokenRing = JwtRing | MirrorRing;

/** True for a ring of tokens, false for one of links. */
export function isTokenRing(ring: Ring): ring is TokenRing {
  switch (ring.kind) {
    case "jwt":
    case "mirror":
      return true;
    case "hmac":
      return false;
  }
}

interface RingBase {
  readonly id: string;
  /** The id this ring had before; the ledger goes on under the new one. */
  readonly was?: string;
  readonly rotation: RotationInput;
  readonly signer?: Signer;
  readonly at: Position;
}

/** At least one text, each once. */
export type Several = readonly [string, ...string[]];

/** What tokens of a ring are like. */
interface TokenShape {
  /** A token has one of them as its `iss`; new ones have the first. */
  readonly issuers: Several;
  /** A token has one of them in its `aud`; new ones have the first. */
  readonly audiences: Several;
  /** Longest time from `iat` to `exp`, in seconds. */
  readonly lifetime: number;
  readonly scope: ScopeShape;
  /** What else is in a token; undefined where nobody says it, and rules may ask for any claim. */
  readonly claims?: readonly DeclaredClaim[];
}

/** What a claim is: one value, or an array of them. */
export const CLAIM_TYPES = ["text", "integer", "boolean", "texts", "integers"] as const;
export type ClaimType = (typeof CLAIM_TYPES)[number];

export interface DeclaredClaim {
  /** Member names from the claims document down to the value. */
  readonly path: readonly string[];
  /** Undefined where what is said is none, which is a problem of its own. */
  readonly type: ClaimType | undefined;
}

/** A ring of keys that sign JSON Web Tokens. */
export interface JwtRing extends RingBase, TokenShape {
  readonly kind: "jwt";
  /** A row of `algorithms`. */
  readonly algorithm: string;
  /** RSA only: bits of the modulus of the next key. */
  readonly modulus?: number;
  /** True when a JWKS is published for verifiers besides Cloudflare. */
  readonly publishJwks: boolean;
}

/** A ring of public keys whose private parts somebody else has: an identity provider, an HSM, a KMS. */
export interface MirrorRing extends RingBase, TokenShape {
  readonly kind: "mirror";
  readonly from: KeyOrigin;
  /** What keys without `alg` may be; rows of `algorithms`, none of them symmetric. Empty: not said. */
  readonly algorithms: readonly string[];
  /** The day before which whoever has the private keys makes others, `YYYY-MM-DD`. */
  readonly renewBy?: string;
}

/** Where the public keys of a mirrored ring are had. */
export type KeyOrigin =
  /** The JWKS that the provider's discovery document names (OpenID Connect Discovery 1.0 section 4). */
  | { readonly kind: "issuer"; readonly issuer: string }
  /** The address of a JWKS (RFC 7517 section 5). */
  | { readonly kind: "jwks"; readonly url: string }
  /** A file below the definitions' folder: a JWKS, a JWK, or PEM; `kid` is for a key that does not name its own. */
  | { readonly kind: "file"; readonly path: string; readonly kid?: string };

/** How a ring's tokens carry scopes: words of one string (RFC 8693 section 4.2), or elements of an array. */
export type ScopeShape =
  | { readonly claim: string; readonly as: "words" }
  | { readonly claim: string; readonly as: "array"; readonly length: number };

/** A ring of secrets that sign links. */
export interface HmacRing extends RingBase {
  readonly kind: "hmac";
  /** The query parameter that holds timestamp and MAC; always the last one. */
  readonly parameter: string;
  /** How long a link holds after its timestamp, in seconds; stands in the rule itself. */
  readonly lifetime: number;
  /** For issuers that date links ahead: the longest time such a link may live, in seconds. */
  readonly longestLifetime?: number;
  /** What a link is signed for besides its time. A query that is not bound is refused. */
  readonly bind: readonly LinkPart[];
}

export type LinkPart = "path" | "query";

/** Where the issuer finds the key it signs with. */
export type Signer = { readonly kind: "secretsStore"; readonly name: string } | { readonly kind: "output" };

/** What the file says on rotation; `rotationPolicy` fills the rest and checks it. All in seconds. */
export interface RotationInput {
  readonly every: number;
  readonly lead?: number;
  readonly overlap?: number;
  readonly signerLag?: number;
  readonly propagation?: number;
  readonly consumersCache?: number;
  /** Places of single values, for problems found later. */
  readonly at: Readonly<Record<string, Position>>;
}

/** What is answered for some reasons in place of the usual. */
export type Answers = Readonly<Partial<Record<Reason, StatedAnswer>>>;

/** The parts of an answer that are said; what is left out is the usual. */
export interface StatedAnswer {
  /** From 400 to 499. */
  readonly status?: number;
  /** The sentence in the body of RFC 9457. */
  readonly detail?: string;
  /** The whole body in its place. */
  readonly body?: { readonly type: "application/json" | "text/plain" | "text/html"; readonly body: string };
  readonly at: Position;
}

/** One host and what guards it. */
export interface HostDefinition {
  /** As the environment names it: a name, or `*.` and what all its names end in. */
  readonly host: string;
  /** Of a wildcard host: the hosts of its zone that take their requests from it. */
  readonly taken: readonly string[];
  /** A name of it, for requests that are made up. */
  readonly sample: string;
  readonly zone: Zone;
  readonly tokens: readonly TokenUse[];
  readonly rules: readonly Rule[];
  readonly exceptions: readonly Exception[];
  /** True when real CORS preflights pass without a token. */
  readonly preflight: boolean;
  readonly otherwise: "allow" | "deny";
  /** The mode of what the file as a whole does (`otherwise`). */
  readonly mode: StagedMode;
  /** For rules that say none of their own. */
  readonly answers: Answers;
  readonly at: Position;
}

/** Where the tokens of a ring stand in a request. */
export interface TokenUse {
  readonly ring: string;
  readonly sources: readonly TokenSource[];
  readonly at: Position;
}

export interface TokenSource {
  readonly kind: "header" | "cookie";
  /** Header names in lower case; cookie names keep their case. */
  readonly name: string;
}

export interface Rule {
  readonly id: string;
  /** The id it had before; its `ref` at Cloudflare keeps that one. */
  readonly was?: string;
  /** True for a rule under `always`: what it requires holds besides what the deciding rule requires. */
  readonly always: boolean;
  /** One for each of its paths, at least one: it means what any of them means. */
  readonly matches: readonly PlacedMatch[];
  readonly require?: Requirement;
  readonly rateLimit?: RateLimit;
  /** A raw condition; the rule acts when it holds. */
  readonly expression?: string;
  readonly mode: StagedMode;
  readonly answers: Answers;
  /** What of the ambiguous passes where this rule decides. */
  readonly accepts: readonly Acceptable[];
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly at: RulePositions;
}

export interface RulePositions {
  readonly self: Position;
  readonly match: Position;
  readonly require: Position;
  readonly rateLimit: Position;
  readonly expression: Position;
  readonly accepts: Position;
  readonly mode: Position;
}

export interface Match {
  /** In capitals, GET covers HEAD; absent: every method. */
  readonly methods?: readonly string[];
  readonly path: PathPattern;
}

/** A match with the place of its path: that of the whole match where there is one path alone. */
export interface PlacedMatch extends Match {
  readonly at: Position;
}

/** A path pattern in parts: `/a/{id}/*` is segments `a`, null with `rest` true. */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly Segment[];
  /** True when anything below belongs to it too (a trailing `/*`). */
  readonly rest: boolean;
}

/** The text of a literal segment, null for a variable one, or one that is partly variable, such as `{id}.json`. */
export type Segment = string | null | PartlyVariable;

export interface PartlyVariable {
  /** What stands before, between and behind its variables; the first and the last may be empty. */
  readonly pieces: readonly string[];
}

export type Requirement = NoRequirement | Asked;

/** What a request must bring or be, or a tree of that. */
export type Asked =
  | TokenRequirement
  | AbsentRequirement
  | LinkRequirement
  | WhereRequirement
  | AnyRequirement
  | AllRequirement;

/** Nothing: the rule opens what it matches, and says so. */
export interface NoRequirement {
  readonly kind: "none";
}

/** A valid token of the ring, all of the scopes, and all of the claims. */
export interface TokenRequirement {
  readonly kind: "token";
  readonly ring: string;
  readonly scopes: readonly string[];
  readonly claims: readonly ClaimRequirement[];
}

/** A valid link signed with a secret of the ring. */
export interface LinkRequirement {
  readonly kind: "link";
  readonly ring: string;
}

/** Nothing stands where the host has tokens of the ring, valid or not. */
export interface AbsentRequirement {
  readonly kind: "absent";
  readonly ring: string;
}

/** A condition in Cloudflare's rules language holds. What it looks at is for Cloudflare alone to know. */
export interface WhereRequirement {
  readonly kind: "where";
  readonly expression: string;
  /** What it asks for, as people read it. */
  readonly says: string;
}

/** One of these is enough. */
export interface AnyRequirement {
  readonly kind: "any";
  readonly of: readonly Asked[];
}

/** Each of these is needed. */
export interface AllRequirement {
  readonly kind: "all";
  readonly of: readonly Asked[];
}

/** What one claim of a token must be. Where it is missing, or of another type, it is not met. */
export interface ClaimRequirement {
  /** Member names from the claims document down to the value. */
  readonly path: readonly string[];
  readonly must: ClaimTest;
  /** Where the value may stand: in place of the claim, or among its elements. */
  readonly stands: ClaimPlace;
}

export type ClaimPlace =
  | { readonly kind: "alone" }
  /** The claim is an array, of which so many elements are looked at; or where `orAlone`, the value itself. */
  | { readonly kind: "element"; readonly length: number; readonly orAlone: boolean }
  /** A registered claim that Cloudflare reads whole: the value itself, or any element. */
  | { readonly kind: "registered"; readonly claim: RegisteredClaim };

/** Claims that Cloudflare has a field of texts for, whether they are one or an array. */
export const REGISTERED_CLAIMS = ["aud", "iss", "jti", "sub"] as const;
export type RegisteredClaim = (typeof REGISTERED_CLAIMS)[number];

export type ClaimTest =
  /** One of the values: all texts, or all whole numbers. */
  | { readonly kind: "is"; readonly values: readonly (string | number)[] }
  /** There, of the values' type, and none of them. */
  | { readonly kind: "isNot"; readonly values: readonly (string | number)[] }
  /** There: a text that is not empty, or a whole number. */
  | { readonly kind: "present"; readonly as: "text" | "integer" | "either" }
  /** A whole number in these bounds. */
  | { readonly kind: "within"; readonly least?: number; readonly most?: number }
  /** A text that begins and ends so. */
  | { readonly kind: "affix"; readonly starts?: string; readonly ends?: string };

export interface RateLimit {
  readonly per: RateLimitKey;
  readonly requests: number;
  /** Seconds. */
  readonly every: number;
  /** How long the refusal lasts, in seconds; 0 refuses only what is over the limit. */
  readonly mitigation: number;
  readonly mode: StagedMode;
}

export type RateLimitKey =
  | { readonly kind: "claim"; readonly ring: string; readonly path: readonly string[] }
  | { readonly kind: "ip" }
  | { readonly kind: "header"; readonly name: string };

/** Requests that need no token: matches are narrow. */
export interface Exception {
  readonly id: string;
  readonly matches: readonly PlacedMatch[];
  readonly at: Position;
}

/** A zone as the stack configuration names it. */
export interface Zone {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly addOns?: readonly AddOn[];
  /** Overrides of rows of the limit table. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** What differs between stacks: the definitions are the same for all. */
export interface Environment {
  readonly stack: string;
  readonly zones: readonly Zone[];
  /** Host name in the definitions → host name in this stack. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** No rule acts harder than this. */
  readonly mode?: Mode;
  /** What of a ring is another in this stack, by its id. */
  readonly rings?: Readonly<Record<string, RingOverride>>;
}

export interface RingOverride {
  /** Also where a mirrored ring's provider is discovered, where the definitions say that. */
  readonly issuer?: Several;
  readonly audience?: Several;
  /** The address of a mirrored ring's JWKS. */
  readonly jwks?: string;
}

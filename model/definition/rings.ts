import { algorithmOf, algorithms, refusedAlgorithms } from "../facts/algorithms.ts";
import { parseDuration } from "../facts/durations.ts";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import type { RingShape } from "./schema.ts";
import { show } from "./secrets.ts";
import type { ShapedFile } from "./shape.ts";
import type { Ring, RotationInput, ScopeShape, Signer } from "./types.ts";

/** Longest lifetime of a token or link that needs no `long: true`, in seconds. */
const LONGEST_ORDINARY_LIFETIME = 24 * 3600;

/** The audience of the tokens that prove a key at the canary path. */
export const CANARY_AUDIENCE = "keyturn-canary";

const RING_ID = /^[a-z][a-z0-9-]{0,30}$/;
/** Printable ASCII without blanks, quotes and backslashes: the same in YAML, in a token and in an expression. */
const PLAIN = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/;
/** A query parameter's name that needs no encoding in a URL nor quoting in a rule. */
const PARAMETER = /^[A-Za-z][A-Za-z0-9_-]{0,30}$/;

/** Reads the rings of all files. Rings with problems are left out; each problem is reported. */
export function readRings(files: readonly ShapedFile[]): {
  readonly rings: readonly Ring[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const rings: Ring[] = [];
  const seen = new Map<string, Position>();
  for (const { source, shape } of files) {
    for (const [id, ring] of Object.entries(shape.keys)) {
      const reader = new RingReader(id, ring, source);
      const first = seen.get(id);
      if (first !== undefined) {
        reader.report(
          "RING_ID_DUPLICATE",
          reader.self,
          `the ring ${show(id)} is already defined at ${first.file}:${first.line}`,
          "give one of them another id, or remove it",
        );
      }
      seen.set(id, first ?? reader.self);
      const read = reader.read();
      problems.push(...reader.problems);
      if (read !== undefined && first === undefined) rings.push(read);
    }
  }
  return { rings, problems };
}

class RingReader {
  readonly problems: Problem[] = [];
  readonly self: Position;
  private readonly id: string;
  private readonly ring: RingShape;
  private readonly source: ShapedFile["source"];

  constructor(id: string, ring: RingShape, source: ShapedFile["source"]) {
    this.id = id;
    this.ring = ring;
    this.source = source;
    this.self = source.atKey(["keys", id]);
  }

  report(code: Parameters<typeof problem>[0], at: Position, message: string, hint: string): void {
    this.problems.push(problem(code, at, message, hint));
  }

  read(): Ring | undefined {
    this.checkId(this.id, this.self);
    if (this.ring.was !== undefined) this.checkId(this.ring.was, this.at("was"));
    if ("from" in this.ring) {
      this.report(
        "RING_FROM_NOT_BUILT",
        this.source.atKey(["keys", this.id, "from"]),
        "rings mirrored from an identity provider are not built yet",
        "define the ring with algorithm and tokens, whose keys keyturn makes, or leave it out",
      );
      return undefined;
    }
    const jwt = this.ring.algorithm !== undefined || this.ring.tokens !== undefined;
    if (jwt === (this.ring.hmac !== undefined)) {
      this.report(
        "RING_KIND_UNCLEAR",
        this.self,
        `the ring ${show(this.id)} says ${jwt ? "both" : "neither"} algorithm with tokens ${jwt ? "and" : "nor"} hmac`,
        "write algorithm and tokens for JSON Web Tokens, or hmac for signed links",
      );
      return undefined;
    }
    const rotation = this.rotation();
    const signer = this.signer();
    const ring = jwt ? this.jwt() : this.hmac();
    if (ring === undefined || rotation === undefined) return undefined;
    return {
      ...ring,
      id: this.id,
      rotation,
      at: this.self,
      ...(this.ring.was === undefined ? {} : { was: this.ring.was }),
      ...(signer === undefined ? {} : { signer }),
    } as Ring;
  }

  private jwt(): object | undefined {
    const { algorithm, tokens } = this.ring;
    if (algorithm === undefined || tokens === undefined) {
      const missing = algorithm === undefined ? "algorithm" : "tokens";
      const example =
        algorithm === undefined
          ? "algorithm: ES256"
          : "tokens: { issuer: ..., audience: ..., lifetime: 15m }";
      this.report(
        "MEMBER_MISSING",
        this.self,
        `the ring ${show(this.id)} has no ${missing}`,
        `add ${example}`,
      );
      if (tokens !== undefined) this.lifetime(["tokens"], tokens);
      return undefined;
    }
    this.checkAlgorithm(algorithm);
    const lifetime = this.lifetime(["tokens"], tokens);
    for (const member of ["issuer", "audience"] as const) {
      if (PLAIN.test(tokens[member])) continue;
      this.report(
        "VALUE_INVALID",
        this.at("tokens", member),
        `tokens.${member} has a character that cannot be compared`,
        "use up to 200 printable ASCII characters without blanks, quotes and \\",
      );
    }
    if (tokens.audience === CANARY_AUDIENCE) {
      this.report(
        "AUDIENCE_RESERVED",
        this.at("tokens", "audience"),
        `the audience ${CANARY_AUDIENCE} marks the tokens that prove a key`,
        "name the API that the tokens are for",
      );
    }
    const scope = this.scope(tokens.scope);
    if (lifetime === undefined || scope === undefined) return undefined;
    return {
      kind: "jwt",
      algorithm,
      ...(this.ring.modulus === undefined ? {} : { modulus: this.ring.modulus }),
      issuer: tokens.issuer,
      audience: tokens.audience,
      lifetime,
      scope,
      publishJwks: this.ring.publish?.jwks ?? false,
    };
  }

  private hmac(): object | undefined {
    const { hmac } = this.ring;
    if (hmac === undefined) return undefined;
    if (!PARAMETER.test(hmac.parameter)) {
      this.report(
        "PARAMETER_INVALID",
        this.at("hmac", "parameter"),
        "the parameter is not a plain query parameter name",
        "use a letter followed by up to 30 letters, digits, _ and -, such as verify",
      );
    }
    const lifetime = this.lifetime(["hmac"], hmac);
    const longest =
      hmac.longestLifetime === undefined
        ? undefined
        : this.duration(hmac.longestLifetime, ["hmac", "longestLifetime"]);
    if (lifetime !== undefined && longest !== undefined && longest < lifetime) {
      this.report(
        "HMAC_LIFETIME_ORDER",
        this.at("hmac", "longestLifetime"),
        `longestLifetime ${hmac.longestLifetime} is shorter than lifetime ${hmac.lifetime}`,
        `make it at least ${hmac.lifetime}, or leave it out when no link is dated ahead`,
      );
    }
    for (const member of ["modulus", "publish"] as const) {
      if (this.ring[member] !== undefined) {
        this.report(
          "MEMBER_UNKNOWN",
          this.source.atKey(["keys", this.id, member]),
          `${member} has no meaning for an hmac ring`,
          "remove it",
        );
      }
    }
    if (lifetime === undefined) return undefined;
    return {
      kind: "hmac",
      parameter: hmac.parameter,
      lifetime,
      bind: ["path"],
      ...(longest === undefined ? {} : { longestLifetime: longest }),
    };
  }

  private checkId(id: string, at: Position): void {
    if (RING_ID.test(id)) return;
    this.report(
      "RING_ID_INVALID",
      at,
      `${show(id)} cannot be a ring's id`,
      "use a small letter, then up to 30 of a-z, 0-9 and -",
    );
  }

  private checkAlgorithm(alg: string): void {
    const row = algorithmOf(alg);
    const at = this.at("algorithm");
    if (row === undefined) {
      const known = algorithms.map((each) => each.alg);
      const reason = refusedAlgorithms[alg];
      const guess = reason === undefined ? nearest(alg, known) : undefined;
      this.report(
        "ALGORITHM_UNSUPPORTED",
        at,
        reason === undefined
          ? `the algorithm ${show(alg)} is not known`
          : `the algorithm ${alg} is refused: ${reason}`,
        guess === undefined ? `use ES256, or one of ${known.slice(1).join(", ")}` : `did you mean ${guess}?`,
      );
      return;
    }
    const { modulus } = this.ring;
    if (modulus === undefined) return;
    if (row.minModulusBits === undefined) {
      this.report("MODULUS_WITHOUT_RSA", this.at("modulus"), `${alg} keys have no modulus`, "remove modulus");
    } else if (modulus < row.minModulusBits) {
      this.report(
        "MODULUS_TOO_SHORT",
        this.at("modulus"),
        `an RSA modulus of ${modulus} bits is too weak`,
        `use ${row.minModulusBits} bits or more`,
      );
    } else if (![2048, 3072, 4096].includes(modulus)) {
      this.report(
        "VALUE_INVALID",
        this.at("modulus"),
        `a modulus of ${modulus} bits is unusual`,
        "use 2048, 3072 or 4096",
      );
    }
  }

  private lifetime(
    where: readonly string[],
    values: { lifetime?: string | undefined; long?: boolean | undefined },
  ): number | undefined {
    const at = this.at(...where);
    if (values.lifetime === undefined) {
      this.report(
        "LIFETIME_MISSING",
        at,
        `the ring ${show(this.id)} does not say how long its ${where[0] === "hmac" ? "links" : "tokens"} live`,
        "add lifetime: 15m (every overlap is computed from it)",
      );
      return undefined;
    }
    const seconds = this.duration(values.lifetime, [...where, "lifetime"]);
    if (seconds !== undefined && seconds > LONGEST_ORDINARY_LIFETIME && values.long !== true) {
      this.report(
        "LIFETIME_TOO_LONG",
        this.at(...where, "lifetime"),
        `a lifetime of ${values.lifetime} is longer than 24h, and a stolen token is good for all of it`,
        "make it 24h or shorter, or say long: true beside it",
      );
    }
    return seconds;
  }

  private scope(shape: NonNullable<RingShape["tokens"]>["scope"]): ScopeShape | undefined {
    const claim = shape?.claim ?? "scope";
    if (shape?.as !== "array") {
      if (shape?.length === undefined) return { claim, as: "words" };
      this.report(
        "VALUE_INVALID",
        this.at("tokens", "scope", "length"),
        "length belongs to as: array",
        "add as: array, or remove length",
      );
      return undefined;
    }
    if (shape.length !== undefined) return { claim, as: "array", length: shape.length };
    this.report(
      "MEMBER_MISSING",
      this.at("tokens", "scope"),
      "an array of scopes needs a length",
      "add length: the largest number of scopes in a token, up to 32; elements beyond it are not looked at",
    );
    return undefined;
  }

  private rotation(): RotationInput | undefined {
    const { rotation } = this.ring;
    if (rotation === undefined) {
      this.report(
        "MEMBER_MISSING",
        this.self,
        `the ring ${show(this.id)} has no rotation`,
        "add rotation: { every: 90d }",
      );
      return undefined;
    }
    const at: Record<string, Position> = { self: this.at("rotation") };
    const seconds: Record<string, number> = {};
    for (const [name, text] of Object.entries(rotation)) {
      if (text === undefined) continue;
      at[name] = this.at("rotation", name);
      const value = this.duration(text, ["rotation", name]);
      if (value !== undefined) seconds[name] = value;
    }
    const { every } = seconds;
    if (every === undefined) return undefined;
    return { ...seconds, every, at };
  }

  private signer(): Signer | undefined {
    const { signer } = this.ring;
    if (signer === undefined) return undefined;
    const { secretsStore, output } = signer;
    if ((secretsStore === undefined) === (output === undefined)) {
      this.report(
        "VALUE_INVALID",
        this.at("signer"),
        `signer names ${output === undefined ? "no place" : "two places"} for the key`,
        "write either secretsStore: <name of the secret> or output: true",
      );
      return undefined;
    }
    if (secretsStore === undefined) return { kind: "output" };
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(secretsStore)) {
      this.report(
        "VALUE_INVALID",
        this.at("signer", "secretsStore"),
        "this cannot be the name of a secret in Secrets Store",
        "use letters, digits, _ and -, such as auth-signing-key",
      );
    }
    return { kind: "secretsStore", name: secretsStore };
  }

  private duration(text: string, path: readonly string[]): number | undefined {
    const seconds = parseDuration(text);
    if (seconds === undefined) {
      this.report(
        "DURATION_INVALID",
        this.at(...path),
        `${show(text)} is not a duration`,
        "write a whole number and s, m, h or d, such as 30s, 15m, 24h or 90d",
      );
    }
    return seconds;
  }

  private at(...path: readonly string[]): Position {
    return this.source.at(["keys", this.id, ...path]);
  }
}

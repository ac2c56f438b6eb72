import { z } from "zod";
import { MODES } from "./types.ts";

/*
 * The shape of a definition file. Only shape: what one value means for another (a ring that does not exist, a
 * lifetime that is missing) is checked by the files beside this one, which know the reason.
 */

const text = z.string({ error: "expected a text" }).min(1, { error: "expected a text that is not empty" });
/** A text with what to write there, for messages and editors. */
const like = (example: string) => text.meta({ examples: [example] });
const duration = (example: string) => like(example).describe("A duration such as 30s, 15m, 24h or 90d");
const count = z
  .int({ error: "expected a whole number" })
  .positive({ error: "expected a whole number above 0" });
const flag = z.boolean({ error: "expected true or false" });
const mode = z.enum(MODES, { error: "expected off, log, challenge or block" });
const textOrTexts = z.union([text, z.array(text).min(1)], { error: "expected a text or a list of texts" });
const claimValue = z.union([text, z.int()], { error: "expected a text or a whole number" });

const scopeShape = z.strictObject({
  claim: text.optional(),
  as: z.enum(["words", "array"], { error: "expected words or array" }).optional(),
  length: count.max(32, { error: "expected a whole number up to 32" }).optional(),
});

const ring = z.strictObject({
  was: text.optional(),
  algorithm: text.optional(),
  modulus: count.optional(),
  tokens: z
    .strictObject({
      issuer: like("https://auth.example.com/"),
      audience: like("api"),
      lifetime: duration("15m").optional(),
      long: flag.optional(),
      scope: scopeShape.optional(),
    })
    .optional(),
  hmac: z
    .strictObject({
      parameter: like("verify"),
      lifetime: duration("15m").optional(),
      longestLifetime: duration("24h").optional(),
      long: flag.optional(),
      bind: z
        .array(z.enum(["path"], { error: "expected path" }))
        .length(1)
        .optional(),
    })
    .optional(),
  from: z.unknown().optional(),
  rotation: z
    .strictObject({
      every: duration("90d"),
      lead: duration("15m").optional(),
      overlap: duration("24h").optional(),
      signerLag: duration("15m").optional(),
      propagation: duration("10m").optional(),
      consumersCache: duration("24h").optional(),
    })
    .optional(),
  signer: z
    .strictObject({
      secretsStore: text.optional(),
      output: z.literal(true, { error: "expected true" }).optional(),
    })
    .optional(),
  publish: z.strictObject({ jwks: flag }).optional(),
});

const match = z.strictObject({
  method: textOrTexts.optional(),
  path: like("/orders/*"),
  host: text.optional(),
});

const tokenUse = z.strictObject({
  ring: like("storefront"),
  in: z
    .array(like("header authorization"))
    .min(1)
    .meta({ examples: ["[header authorization]"] }),
});

const claimRequirement = z.union(
  [
    claimValue,
    z.array(claimValue).min(1),
    z.strictObject({ has: z.union([claimValue, z.array(claimValue).min(1)]), length: count.max(32) }),
  ],
  { error: "expected a value, a list of values, or { has: value, length: number of elements }" },
);

const rule = z.strictObject({
  id: like("orders-read"),
  was: text.optional(),
  match: match.optional(),
  require: z
    .strictObject({
      ring: text.optional(),
      scope: textOrTexts.optional(),
      claims: z.record(text, claimRequirement).optional(),
      link: text.optional(),
    })
    .optional(),
  rateLimit: z
    .strictObject({
      per: like("ip"),
      requests: count.meta({ examples: ["100"] }),
      every: duration("1m"),
      for: duration("1m").optional(),
      mode: mode.optional(),
    })
    .optional(),
  expression: text.optional(),
  mode: mode.optional(),
  before: textOrTexts.optional(),
  after: textOrTexts.optional(),
});

const exception = z.strictObject({
  id: like("health"),
  match: match.meta({ examples: ["{ path: /health }"] }),
});

const tokens = z.union([tokenUse, z.array(tokenUse).min(1)], {
  error: "expected { ring, in } or a list of them",
});

/** One definition file: keys, or a host with its rules, or both. */
export const fileSchema = z.strictObject({
  keys: z.record(text, ring).optional(),
  host: like("api.example.com").optional(),
  tokens: tokens.optional(),
  rules: z.array(rule).optional(),
  except: z.array(exception).optional(),
  cors: z
    .strictObject({
      preflight: z.enum(["allow", "deny"], { error: "expected allow or deny" }).meta({ examples: ["allow"] }),
    })
    .optional(),
  otherwise: z.enum(["allow", "deny"], { error: "expected allow or deny" }).optional(),
  mode: mode.optional(),
});

/** The parts of a file that stand for themselves: one with a misfit does not hide the others' problems. */
export const partSchemas = { ring, rule, exception } as const;

export type RingShape = z.infer<typeof ring>;
export type RuleShape = z.infer<typeof rule>;
export type ExceptionShape = z.infer<typeof exception>;
export type MatchShape = z.infer<typeof match>;
export type TokenUseShape = z.infer<typeof tokenUse>;

/** A file's parts that have the right shape. Places in lists stay: a part with a misfit leaves a gap. */
export interface FileShape extends Omit<z.infer<typeof fileSchema>, "keys" | "rules" | "except"> {
  readonly keys: Readonly<Record<string, RingShape>>;
  readonly rules: readonly (RuleShape | undefined)[];
  readonly except: readonly (ExceptionShape | undefined)[];
}

/** The JSON Schema (draft-07) of a definition file, for editors. */
export function definitionJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(fileSchema, { target: "draft-7" }) as Record<string, unknown>;
}
